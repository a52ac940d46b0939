"""Cells that follow from several fields of a record: whose it is, what is withdrawn, which diagnosis is the main one.

Each follows from what the record says; where it says nothing, the cell is empty. Sources: docs/nhsa.md.
"""

import base64
import binascii
import csv
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path

import polars as pl

from schemas.identifiers import resident_id

Cells = dict[str, str | None]
WITHDRAWN = "0"  # vali_flag, 有效标志: 1 valid, 0 not
MAIN = RESIDENT = "1"
_DEPARTMENT = re.compile(r"^A(\d{2}(?:\.\d{2}){0,2})$")  # the dotted form of the national list of departments
_RANGE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*(?:-{1,2}|~|～|—|–)\s*(-?\d+(?:\.\d+)?)\s*$")
_MIME = {"pdf": "application/pdf", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "txt": "text/plain",
         "html": "text/html", "xml": "application/xml", "dcm": "application/dicom"}  # fmt: skip


def derived(interface: str, cells: Cells, lists: dict[str, list[Cells]]) -> Cells:
    """The cells of one record with those that follow from them."""
    made = {**cells, "person": _person(interface, cells)}
    made["deleted"] = "true" if _said(cells, "vali_flag") == WITHDRAWN else "false"
    for entry in chain.from_iterable(lists.values()):
        entry["deleted"] = "true" if _said(entry, "vali_flag") == WITHDRAWN else made["deleted"]
    for name in ("adm_caty", "dscg_caty"):
        made[name] = _department(_said(cells, name))
    made["ntly"] = _country(_said(cells, "ntly"))
    made["patn_cert_type"] = RESIDENT if (kind := _said(cells, "patn_cert_type")) == "01" else kind
    return {**made, **_of_interface(interface, made, lists)}


def documents_known(cells: pl.DataFrame) -> pl.DataFrame:
    """Where the kind of document is not said, a number that passes GB 11643 with its check digit is a resident's."""
    if "certno" not in cells.columns:
        return cells
    number = resident_id.normalised(pl.col("certno"))
    resident = pl.col("patn_cert_type").is_null() & resident_id.check_ok(number) & resident_id.valid(number)
    return cells.with_columns(
        patn_cert_type=pl.when(resident).then(pl.lit(RESIDENT)).otherwise(pl.col("patn_cert_type"))
    )


def _of_interface(interface: str, cells: Cells, lists: dict[str, list[Cells]]) -> Cells:
    if interface == "4101":
        inpatient = _said(cells, "adm_time") or _said(cells, "dscg_time")
        visited = _said(cells, "opsp_mdtrt_date")
        return {"class": "IP" if inpatient else "OP" if visited else None, "start": _said(cells, "adm_time") or visited}
    if interface in {"4501", "4502"}:
        return _report(cells, lists)
    if interface in {"4503", "4504"}:
        return {"germ": _said(cells, "germ_code") or _said(cells, "germ_name") or "none",
                "drug": _said(cells, "sstb_code") or _said(cells, "sstb_name")}  # fmt: skip
    if interface == "4505":
        return {"sm3": _sm3_of_words([_said(cells, name) for name in ("exam_fnd", "sabc", "palg_diag")])}
    if interface == "4506":
        kind = (_said(cells, "file_formate") or "").lower().lstrip(".")
        return {"sm3": _sm3_of_file(_said(cells, "exam_test_rpot")), "mime": _MIME.get(kind)}
    return {}


def _report(cells: Cells, lists: dict[str, list[Cells]]) -> Cells:
    """What the samples and items say alike, where the report itself does not say it."""
    samples, items = lists.get("sampleinfo", []), lists.get("iteminfo", [])
    made = {name: _said(cells, name) or _alike(samples, name) for name in ("sapl_date", "spcm_name")}
    made["hr"] = _said(cells, "hr") or _alike(items, "hr")
    made["item_code"] = _said(cells, "exam_item_code") or _said(cells, "inhosp_exam_item_code")
    made["item_name"] = _said(cells, "exam_item_name") or _said(cells, "inhosp_exam_item_name")
    made["item"] = made["item_code"] or made["item_name"] or "none"
    made["sm3"] = _sm3_of_words([_said(cells, "exam_ccls")])
    for item in items:
        item["hr"] = _said(item, "hr") or _said(cells, "hr")
        item["exam_mtd"] = _said(item, "exam_mtd") or _said(cells, "exam_mtd")
    return made


def derived_entries(interface: str, name: str, entries: Sequence[Cells]) -> list[Cells]:
    """The entries of a list with the cells that follow from them; operations with the main one first."""
    if name == "diseinfo" and interface == "4101":
        return _diagnoses(entries)
    if name == "diseinfo":
        return [{**each, "role": "main" if _said(each, "maindiag_flag") == MAIN else None} for each in entries]
    if name == "oprninfo":
        flag = "oprn_oprt_type" if interface == "4101" else "main_oprn_flag"
        order = sorted(entries, key=lambda each: _said(each, flag) != MAIN)
        return [{**each, "rank": str(number)} for number, each in enumerate(order, 1)]
    if name == "iteminfo" and interface == "4502":
        return [{**each, **_result(each)} for each in entries]
    return list(entries)


def _diagnoses(entries: Sequence[Cells]) -> list[Cells]:
    """Role and rank. A type 1 that is not the main diagnosis shows the other numbering, in which 2 is another thing."""
    roles = [(_said(each, "diag_type"), _said(each, "maindiag_flag")) for each in entries]
    other = any(kind == "1" and flag == WITHDRAWN for kind, flag in roles)
    seen: dict[str | None, int] = {}
    made = []
    for each, (kind, flag) in zip(entries, roles, strict=True):
        role = "1/0" if kind == "1" and flag == "0" else f"{kind}?" if other and kind in {"2", "3", "4"} else kind
        group = "2" if role == "1/0" else role
        seen[group] = seen.get(group, 0) + 1
        made.append({**each, "role": role, "rank": str(seen[group])})
    return made


def _result(item: Cells) -> Cells:
    """The result as one text, the figure first; the ends of a range that is written as two figures."""
    figure, words = _said(item, "exam_rslt_val"), _said(item, "exam_rslt_dicm")
    text = figure if figure and (words is None or words == figure) else " ".join(filter(None, (figure, words))) or None
    ends = _RANGE.match(_said(item, "ref_val") or "")
    return {"result": text, "low": ends[1] if ends else None, "high": ends[2] if ends else None}


def _said(cells: Cells, name: str) -> str | None:
    """A cell without outer blanks; None where it is empty or means nothing."""
    text = (cells.get(name) or "").strip()
    return None if text in {"", "-", "－"} else text


def _person(interface: str, cells: Cells) -> str | None:
    """The insurance's number of the person, marked as such; where a list or form has none, its record number."""
    if number := _said(cells, "psn_no"):
        return f"psn-{number}"
    return _said(cells, "medcasno") if interface in {"4101", "4401"} else None


def _department(code: str | None) -> str | None:
    found = _DEPARTMENT.match(code or "")
    return found[1].replace(".", "") if found else code


def _country(code: str | None) -> str | None:
    return _countries().get((code or "").upper(), code)


@cache
def _countries() -> dict[str, str]:
    """ISO 3166-1: three letters -> three digits."""
    with (Path(__file__).parent / "countries.csv").open(encoding="utf-8", newline="") as file:
        return {each["alpha"]: each["numeric"] for each in csv.DictReader(file)}


def _alike(entries: Sequence[Cells], name: str) -> str | None:
    """What all entries that say something say; None where they differ."""
    said = {text for each in entries if (text := _said(each, name))}
    return said.pop() if len(said) == 1 else None


def _sm3_of_words(words: Sequence[str | None]) -> str | None:
    text = "\n".join(filter(None, words))
    return hashlib.new("sm3", text.encode()).hexdigest() if text else None


def _sm3_of_file(packed: str | None) -> str | None:
    """SM3 of base64 content; None where there is none or it is not base64."""
    try:
        content = base64.b64decode(packed, validate=True) if packed else b""
    except (binascii.Error, ValueError):
        return None
    return hashlib.new("sm3", content).hexdigest() if content else None

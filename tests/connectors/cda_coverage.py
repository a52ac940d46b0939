"""How much of WS/T 500-2016 reaches the shared tables, counted: one synthetic document a kind, made from its paths.

Run as `python -m tests.connectors.cda_coverage`, with the samples in GUANTONG_SAMPLES: it writes the table of docs/cda.md.
Every value is taken out once: what differs then is where it went. Nothing of a sample is in the documents but its paths.
"""

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from connectors.cda.draft import Place
from connectors.cda.person import codes
from connectors.cda.reading import read_document
from connectors.cda.values import V3
from connectors.elements import elements, plain
from schemas.code_system import code_system
from schemas.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cda.md"
PATHS = "cn/derived-tables/wst500_de_xpath.csv"
COLUMN, EXTRA, PLACE, LOST = "column", "extra, by its element", "extra, by its place", "lost"
# Several of these may stand in one document; a path said twice begins a new one.
REPEATED = {"authenticator", "participant", "entry", "id", "author", "performer"}
STEP = re.compile(r"(\w+)(?:\[(?:code/@code|@root)='([^']+)'\])?")
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TYPES = {"value": "PQ", "code": "CD", "text": "ST"}
GIVEN = {"administrativeGenderCode": "1", "maritalStatusCode": "20", "ethnicGroupCode": "01", "nationality": "156",
         "occupationCode": "11", "patienttypeCode": "3", "encompassingEncounter/code": "1"}  # fmt: skip
FLAGS = {"DE06.00.194.00", "DE09.00.108.00", "DE02.10.023.00"}


@dataclass
class Said:
    """One row of the list: its data element, where its value stands in the document, and the value."""

    element: str
    path: str
    node: etree._Element
    attribute: str
    value: str

    def put(self, value: str | None) -> None:
        """Writes the value, or takes it out."""
        if self.attribute == "text":
            self.node.text = value
        elif value is None:
            self.node.attrib.pop(self.attribute, None)
        else:
            self.node.set(self.attribute, value)


def rows(samples: Path) -> dict[str, list[dict[str, str]]]:
    """The list by kind of document."""
    by_kind: dict[str, list[dict[str, str]]] = {}
    with (samples / PATHS).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            by_kind.setdefault(row["doc_code"], []).append(row)
    return by_kind


def paper(kind: str, listed: list[dict[str, str]]) -> tuple[etree._Element, list[Said]]:
    """A document with a value at every path, and the values."""
    root = etree.Element(V3 + "ClinicalDocument", nsmap={None: V3[1:-1], "xsi": XSI})
    etree.SubElement(root, V3 + "templateId", root=f"2.16.156.10011.2.1.1.{20 + int(kind[1:])}")
    etree.SubElement(root, V3 + "id", root="2.16.156.10011.1.1", extension=f"{kind}-1")
    etree.SubElement(root, V3 + "title").text = code_system("wst500").labels[kind][1]
    etree.SubElement(root, V3 + "effectiveTime", value="20240301080000")
    role = etree.SubElement(etree.SubElement(root, V3 + "recordTarget"), V3 + "patientRole")
    etree.SubElement(role, V3 + "id", root="2.16.156.10011.1.2.9", extension="PID0001")
    return root, [_said(root, row, number) for number, row in enumerate(listed, 1)]


def _said(root: etree._Element, row: dict[str, str], number: int) -> Said:
    path = row["xpath"].removeprefix("/ClinicalDocument/")
    path = path.replace("value/@?", "value/@displayName").replace("time/@?", "time/@value")
    element = plain(row["data_element"]) or row["data_element"]
    path = path.replace("/@?", f"/observation[code/@code='{element}']/value/@code")
    *steps, leaf = _split(path)
    attribute = "text" if leaf == "text()" else leaf.removeprefix("@")
    node = _node(root, steps, attribute, element)
    if node.tag == V3 + "value" and f"{{{XSI}}}type" not in node.attrib:
        node.set(f"{{{XSI}}}type", TYPES.get(attribute, "CD"))
    said = Said(element, row["xpath"], node, attribute, _value(path, attribute, node, number))
    if said.value in {"true", "false"}:
        node.set(f"{{{XSI}}}type", "BL")
    said.put(said.value)
    return said


def _split(path: str) -> list[str]:
    return re.findall(r"(?:[^/\[]|\[[^\]]*\])+", path)


def _node(root: etree._Element, steps: list[str], attribute: str, element: str) -> etree._Element:
    """The node of a path: the one there is, unless its value is said already; then a new branch of what may repeat."""
    chain = [root]
    for step in steps:
        there = _child(chain[-1], step, element)
        chain.append(_new(chain[-1], step, element) if there is None else there)
    if not _has(chain[-1], attribute):
        return chain[-1]
    names = [STEP.match(step)[1] for step in steps]  # type: ignore[index]
    fork = max((at for at, name in enumerate(names) if name in REPEATED), default=len(steps) - 1)
    node = chain[fork]
    for step in steps[fork:]:
        node = _new(node, step, element)
    return node


def _has(node: etree._Element, attribute: str) -> bool:
    return bool(node.text) if attribute == "text" else attribute in node.attrib


def _child(parent: etree._Element, step: str, element: str) -> "etree._Element | None":
    name, wanted = STEP.match(step).groups()  # type: ignore[union-attr]
    for child in reversed(parent.findall(V3 + name)):
        own = child.get("root") if name == "id" else _code(child)
        if wanted is None or own == wanted:
            return child
    return None


def _code(child: etree._Element) -> str | None:
    code = child.find(V3 + "code")
    return None if code is None else code.get("code")


def _new(parent: etree._Element, step: str, element: str) -> etree._Element:
    name, wanted = STEP.match(step).groups()  # type: ignore[union-attr]
    if name == "observation" and parent.tag == V3 + "entry" and len(parent):
        parent = etree.SubElement(parent.getparent(), V3 + "entry")  # one act an entry
    if name == "observation" and parent.tag in (V3 + "component", V3 + "entryRelationship") and len(parent):
        parent = etree.SubElement(parent.getparent(), parent.tag)
    child = etree.SubElement(parent, V3 + name)
    if name == "id" and wanted:
        child.set("root", wanted)
    elif wanted or (name == "observation" and parent.tag == V3 + "entry" and step == "observation"):
        etree.SubElement(child, V3 + "code", code=wanted or element, codeSystem="2.16.156.10011.2.2.1")
    return child


def _value(path: str, attribute: str, node: etree._Element, number: int) -> str:
    """A value of the kind its column takes; every one another, as far as a list of codes has so many."""
    around = node.getparent()
    element = plain(_code(around) or "") if around is not None else None
    known = elements().get(element or "")
    for end, code in GIVEN.items():
        if attribute == "code" and path.removesuffix("/@code").endswith(end):
            return code
    if node.tag in (V3 + "effectiveTime", V3 + "low", V3 + "high", V3 + "time", V3 + "birthTime"):
        return f"2024{number % 12 + 1:02}{number % 28 + 1:02}0{number % 10}{number % 60:02}00"
    if known is not None and isinstance(TABLES[known.table].columns[known.column].dtype, pl.Datetime | pl.Date):
        return f"2024{number % 12 + 1:02}{number % 28 + 1:02}"
    if known is not None and attribute == "code" and (listed := TABLES[known.table].columns[known.column].codes):
        return sorted(codes(listed))[number % len(codes(listed))]
    if element in FLAGS or attribute == "unit":
        return "true" if element in FLAGS else "岁" if path.endswith("age/@unit") else "mg"
    return str(number + 100) if attribute == "value" and "telecom" not in path else f"甲{number}"


def read(root: etree._Element) -> tuple[set[tuple[Any, ...]], dict[str, Any]]:
    """All cells of the shared tables but those that say where a row is from, and the document's `extra`."""
    document = read_document(Place(1, 1, 0, etree.tostring(root, encoding="utf-8")))
    cells: Counter[tuple[Any, ...]] = Counter({("document", "source_pk", document.key): 1})
    for table, made in document.rows.items():
        for row in made:
            cells.update(
                (table, name, value) for name, value in row.items() if name not in HIDDEN and value is not None
            )
    extra = json.loads(document.rows["document"][0]["extra"] or "{}")
    return set(cells.items()), extra


HIDDEN = {
    "record_id",
    "source_pk",
    "source_table",
    "content_sm3",
    "extra",
    "sec_level",
    "encounter_id",
    "rank",
    "item_system",
    "code_system",
}


def fate(root: etree._Element, said: Said, whole: tuple[set[tuple[Any, ...]], dict[str, Any]]) -> str:
    """Where one value went."""
    said.put(None)
    cells, extra = read(root)
    said.put(said.value)
    if whole[0] - cells:
        return COLUMN
    changed = [key for key, value in whole[1].items() if extra.get(key) != value]
    if any(key.startswith(said.element) for key in changed):
        return EXTRA
    return PLACE if changed else LOST


def counted(samples: Path) -> dict[str, Counter[str]]:
    """For each kind of document, how many values went where."""
    found: dict[str, Counter[str]] = {}
    for kind, listed in sorted(rows(samples).items()):
        root, values = paper(kind, listed)
        whole = read(root)
        found[kind] = Counter(fate(root, said, whole) for said in values)
    return found


def lines(found: dict[str, Counter[str]]) -> Iterator[str]:
    """The table of the page."""
    titles = code_system("wst500").labels
    whole = sum(found.values(), Counter[str]())
    total = whole.total()
    yield (
        f"{total:,} values in {len(found)} kinds: {whole[COLUMN]:,} ({whole[COLUMN] / total:.0%}) reach a column, "
        f"{whole[EXTRA] + whole[PLACE]:,} are kept verbatim in `extra` ({whole[EXTRA]:,} under their data element, "
        f"{whole[PLACE]:,} under their place), {whole[LOST]} are lost."
    )
    yield ""
    yield "| kind | document | 中文 | values | column | extra, by element | extra, by place | lost |"
    yield "|---|---|---|---|---|---|---|---|"
    for kind, counts in found.items():
        means, zh = titles[kind]
        yield (f"| {kind} | {means} | {zh} | {counts.total()} | {counts[COLUMN]} | {counts[EXTRA]} | {counts[PLACE]} "
               f"| {counts[LOST]} |")  # fmt: skip


def table(samples: Path) -> str:
    """The part of the page that is measured."""
    return "\n".join(lines(counted(samples)))


def main() -> None:
    """Writes the table into the page."""
    made = table(Path(os.environ["GUANTONG_SAMPLES"]))
    page = PAGE.read_text("utf-8")
    fenced = re.compile(r"(<!-- measured: coverage -->\n).*?(<!-- end -->)", re.DOTALL)
    PAGE.write_text(fenced.sub(lambda found: f"{found[1]}{made}\n{found[2]}", page), "utf-8")


if __name__ == "__main__":
    main()

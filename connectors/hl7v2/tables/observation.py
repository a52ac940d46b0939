"""OBX: a row for each result, of every value type; ED and RP become documents. Later states of a result replace it."""

import re

import numpy as np
import polars as pl

from connectors.fhir.resources.observation import CRITICAL, GUARDED_CODES, GUARDED_NAMES
from connectors.hl7v2.cells import Ints, Words, among, code, nothing
from connectors.hl7v2.concepts import LOCAL, SYSTEMS, uri
from connectors.hl7v2.draft import Draft, chosen
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.owners import gathered
from connectors.hl7v2.spellings import spellings
from connectors.hl7v2.tables.orders import Orders, distinct
from connectors.hl7v2.work import Work
from connectors.readers import READERS

LABORATORY = (
    "LAB", "CH", "HM", "MB", "BLB", "SR", "SP", "CP", "IMM", "TX", "VR", "MCB", "MYC", "BG", "GE", "PAT", "TOX", "URN",
    "检验",
)  # fmt: skip
IMAGING = (
    "RAD",
    "RX",
    "CT",
    "CTH",
    "MR",
    "NMR",
    "NMS",
    "RUS",
    "OUS",
    "VUS",
    "US",
    "XRC",
    "DX",
    "CG",
    "EC",
    "RIS",
    "检查",
)
SECTIONS = dict.fromkeys(LABORATORY, "laboratory") | dict.fromkeys(IMAGING, "imaging")  # HL7 table 0074, OBR-24
VITAL = (  # LOINC's panel of vital signs, 85353-1
    "8867-4", "9279-1", "8310-5", "8480-6", "8462-4", "8302-2", "29463-7", "39156-5", "59408-5", "2708-6", "85354-9",
    "3141-9", "8287-5", "9843-4",
)  # fmt: skip
CODED = ("CE", "CWE", "CNE", "CF", "IS", "ID")
NUMERIC = ("NM", "SN", "ST")
NM, SN = np.uint64(code("NM")), np.uint64(code("SN"))
ENCAPSULATED = ("ED", "RP")
WITHDRAWN = ("D", "W", "X")
_RANGE = re.compile(r"([+-]?\d+(?:\.\d+)?)?\s*(?:-{1,2}|~|–|—|～|_)\s*([+-]?\d+(?:\.\d+)?)")
_LIMIT = re.compile(r"(<=?|>=?|≤|≥)\s*([+-]?\d+(?:\.\d+)?)")
USED = {1: (), 2: (), 3: (1, 2, 3), 4: (), 5: (), 6: (1,), 7: (), 8: (1,), 14: (), 17: (1, 2)}


def conform(work: Work, orders: Orders) -> None:
    """Results, other than those that are documents or stand in one."""
    rows = work.messages.rows("OBX")
    if not len(rows):
        return
    kind = rows.short(2)
    apart = among(kind, ENCAPSULATED) | work.messages.is_a(rows, "MDM")
    if apart.any():
        rows, kind = rows.where(~apart), kind[~apart]
    if len(rows):
        _add(work, orders, rows, kind)


def _add(work: Work, orders: Orders, rows: Rows, kind: Words) -> None:
    draft, at = work.draft, orders.request(rows)
    item, name = draft.text(rows, "item_code", 3), draft.first(rows, "item_name", (3, 2), (3, 1))
    text, coded = _value(draft, rows, kind)
    number, comparator = _numbers(draft, rows, kind, text)
    flag = draft.text(rows, "value_code", 8)
    low, high, ranged = _reference(draft, rows)
    unit, ucum = _unit(draft, rows)
    status = rows.short(11)
    whole, bare = orders.numbers
    key = distinct(_key(orders, rows, at, whole, item), rows.message)
    draft.add("observation", "OBX", rows, {
        "encounter_id": work.encounter(rows), "person_id": work.person(rows), "report_id": gathered(bare, at),
        "category": _category(work, orders, rows, at, item), "item_code": item, "item_system": _system(draft, rows),
        "item_name": name, "value_num": number, "comparator": comparator, "value_text": text,
        "value_code": coded.zip_with(coded.is_not_null(), flag), "unit": unit, "unit_ucum": ucum,
        "ref_low": low, "ref_high": high, "ref_text": ranged, "critical_flag": _critical(rows),
        "specimen_code": gathered(draft.text(orders.obr, "specimen_code", 15), at),
        "method": draft.first(rows, "method", (17, 2), (17, 1)), "sampled_time": _sampled(work, orders, rows, at),
        "received_time": gathered(draft.times(orders.obr, "received_time", 14), at),
        "reported_time": gathered(draft.times(orders.obr, "reported_time", 22), at),
        "performer_org": draft.first(rows, "performer_org", (23, 1), (15, 2), (15, 1)),
        "extra": work.extras.of(rows, "OBX", USED | _unsaid(status)), "deleted": pl.Series(among(status, WITHDRAWN)),
    }, key, level=_levels(item, name))  # fmt: skip


def _key(orders: Orders, rows: Rows, at: Ints, whole: pl.Series,
         item: pl.Series) -> pl.Series:  # fmt: skip
    """Order, item and sub-id: set ids are numbered anew in every message, and mean nothing in the next one."""
    parts = [orders.key(rows, at, whole), item.fill_null("")]
    sub = rows.whole(4)
    if sub.null_count() < len(sub):
        parts.append(sub)
    return pl.select(pl.concat_str(parts, separator="|", ignore_nulls=True)).to_series()


def _unsaid(status: Words) -> dict[int, tuple[int, ...]]:
    """OBX-11 is kept in `extra` only where a result is not simply final."""
    return {11: ()} if (status == np.uint64(code("F"))).all() else {}


def _value(draft: Draft, rows: Rows, kind: Words) -> tuple[pl.Series, pl.Series]:
    """The result in words, as sent, and as a code where it is a coded one."""
    text, coded = rows.whole(5), nothing(len(rows))
    is_coded = among(kind, CODED)
    if is_coded.any():
        at = np.flatnonzero(is_coded)
        some = draft.marks.rows(rows.lines[at], rows.message[at])
        coded = coded.scatter(at, draft.text(some, "value_code", 5))
        text = text.scatter(at, draft.first(some, "value_text", (5, 2), (5, 9), (5, 1)))
    if (kind == SN).any():
        at = np.flatnonzero(kind == SN)
        text = text.scatter(at, text.gather(at).str.replace_all("^", "", literal=True))
    if (~is_coded & (text.str.contains("~", literal=True).fill_null(value=False).to_numpy())).any():
        text = chosen(is_coded, text, text.str.replace_all("~", "\n", literal=True))
    return draft.said(rows, "value_text", text), coded


def _numbers(draft: Draft, rows: Rows, kind: Words, text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The number a result begins with and the sign before it; of NM, SN, ST. An NM that is no number is noted."""
    numeric = among(kind, NUMERIC)
    asked = text if numeric.all() else chosen(numeric, text, nothing(len(rows)))
    number = asked.cast(pl.Float64, strict=False)
    strange = ~number.is_finite().fill_null(value=True)
    number = number.zip_with(~strange, number.clear(len(number))) if strange.any() else number
    comparator = nothing(len(rows))
    left = asked.is_not_null() & number.is_null()
    if left.any():
        at = left.arg_true()
        words = asked.gather(at)
        spelled = words.unique()
        table = [READERS[each].read([spelled]) for each in ("measured-number", "comparator")]
        found = words.replace_strict(spelled, table[0], return_dtype=pl.Float64)
        number = number.scatter(at, found)
        comparator = comparator.scatter(at, words.replace_strict(spelled, table[1], return_dtype=pl.String))
        bad = left & number.is_null() & pl.Series(kind == NM)
        draft.flag(rows, "value_num", bad, "bad-number", asked)
    return number, comparator


def _unit(draft: Draft, rows: Rows) -> tuple[pl.Series, pl.Series]:
    """OBX-6 as written, and as UCUM where its system says that it is."""
    unit, system = draft.text(rows, "unit", 6), rows.part(6, 3)
    if system.null_count() == len(system):
        return unit, nothing(len(rows))
    return unit, unit.zip_with((system == "UCUM").fill_null(value=False), unit.clear(len(unit)))


def _reference(draft: Draft, rows: Rows) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Both ends of a reference range that is a range of numbers, and the range as written; each spelling read once."""
    text = draft.said(rows, "ref_text", rows.whole(7))
    if text.null_count() == len(text):
        return nothing(len(rows), pl.Float64), nothing(len(rows), pl.Float64), text
    spelled = text.unique().drop_nulls()
    ends = [_ends(each) for each in spelled.to_list()]
    low, high = (
        text.replace_strict(
            spelled, pl.Series([end[at] for end in ends], dtype=pl.Float64), default=None, return_dtype=pl.Float64
        )
        for at in (0, 1)
    )
    return low, high, text


def _ends(text: str) -> tuple[float | None, float | None]:
    text = text.strip()
    if (found := _RANGE.fullmatch(text)) and found[1]:
        return float(found[1]), float(found[2])
    if found := _LIMIT.fullmatch(text):
        return (None, float(found[2])) if found[1] in ("<", "<=", "≤") else (float(found[2]), None)
    return None, None


def _system(draft: Draft, rows: Rows) -> pl.Series:
    """The item's code system; `local` where a site's own is meant, or none is said."""
    systems = uri(draft.text(rows, "item_system", 3, 3))
    systems = systems.fill_null(LOCAL) if systems.null_count() else systems
    own = [each for each in spellings(systems) if each == "L" or each.startswith("99")]
    return systems.replace(own, [LOCAL] * len(own)) if own else systems


def _critical(rows: Rows) -> pl.Series:
    """Whether OBX-8 says a panic value; unknown, not false, where it says nothing."""
    given = rows.given(8)
    found = pl.Series(among(rows.short(8), CRITICAL))
    return found if given.all() else found.zip_with(pl.Series(given), nothing(len(rows), pl.Boolean))


def _category(work: Work, orders: Orders, rows: Rows, at: Ints,
              item: pl.Series) -> pl.Series:  # fmt: skip
    """From OBR-24; else vital signs by their LOINC code; else laboratory in messages of a laboratory's automation."""
    draft = work.draft
    sections = gathered(draft.coded(orders.obr, "category", 24, SECTIONS), at)
    if not sections.null_count():
        return sections
    made = pl.DataFrame({"section": sections, "item": item, "system": draft.text(rows, "item_system", 3, 3),
                         "lab": work.messages.is_a(rows, "OUL", "OML")})  # fmt: skip
    vital = pl.col("item").is_in(VITAL) & pl.col("system").replace(SYSTEMS).eq(SYSTEMS["LN"])
    lab = pl.when("lab").then(pl.lit("laboratory"))
    return made.select(pl.coalesce("section", pl.when(vital).then(pl.lit("vital-signs")), lab)).to_series()


def _sampled(work: Work, orders: Orders, rows: Rows, at: Ints) -> pl.Series:
    """OBX-14, when it was observed; else OBR-7, when the specimen was taken."""
    draft = work.draft
    own = draft.times(rows, "sampled_time", 14)
    if not own.null_count():
        return own
    return own.zip_with(own.is_not_null(), gathered(draft.times(orders.obr, "sampled_time", 7), at))


def _levels(item: pl.Series, name: pl.Series) -> "pl.Series | int":
    """5 for serology of GB/T 39725 by code or name, else 3; as for FHIR. Names are looked at once each."""
    names = [each for each in spellings(name) if re.search(GUARDED_NAMES, each)]
    codes = [each for each in spellings(item) if each in GUARDED_CODES]
    if not names and not codes:
        return 3
    guarded: pl.Series = item.is_in(codes).fill_null(value=False) | name.is_in(names).fill_null(value=False)
    return pl.select(pl.when(guarded).then(5).otherwise(3)).to_series().cast(pl.Int8)

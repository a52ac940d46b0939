"""Results of WS/T 500 documents, items of reports as well as measured findings, as observation rows.

An item of a report is told by DE04.30.019.00 or DE04.30.020.00 and what stands with it. Any other element of the parts
04.10, 04.30 and 04.50 of WS/T 363 (examination, tests, laboratory) that has a number or a code is an item of its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.cda.alike import Alike, Collected
from connectors.cda.draft import Document, Row
from connectors.cda.observation import DATA_ELEMENTS, GUARDED_LEVEL, add_observation, add_value, happened
from connectors.cda.values import V3, XSI_TYPE, below, kid, said
from connectors.cda.wst500.item import Item
from connectors.cda.wst500.sequence import Step, rows_of
from connectors.elements import elements, plain
from connectors.fhir.resources.observation import GUARDED_NAMES

if TYPE_CHECKING:
    from lxml.etree import _Element

_CATEGORY = {"DE04.10": "exam", "DE04.30": "exam", "DE04.50": "laboratory"}
_OF_KIND = {"C0007": "laboratory"}
_VITAL = "8716-3"
_SHARED = {"method", "category"}
_ITEM = {"item_code", "item_name"}
_IMAGES = re.compile(r"CT|MR|X\s*线|X光|DR|CR|PET|超声|彩超|B超|核医学|造影|影像|放射|钼靶", re.IGNORECASE)
_MEASURED = {"PQ", "INT", "REAL", "CD", "CE", "CO", "IVL_PQ", "RTO"}
_USED = (
    "value",
    "value/@displayName",
    "value/@unit",
    "effectiveTime",
    "interpretationCode",
    "referenceRange",
    "methodCode",
)
_GUARDED = re.compile(GUARDED_NAMES)


def add_results(document: Document, items: Sequence[Item], kind: str, report: str | None) -> None:
    """Observation rows of the statements of one section; `report` is the number of the report."""
    if not any(_is_item(item) for top in items for item in top.walk()):
        _add_measured(document, items, report)
        return
    alone = [item for item in items if item.act.tag != V3 + "organizer"]
    once = _said_once(alone)
    shared = _shared(document, once, kind) | {"report_id": report}
    before = len(document.rows.get("observation", ()))
    for number, group in enumerate((alone, *([item] for item in items if item.act.tag == V3 + "organizer"))):
        rows = [cells for _, cells in rows_of(list(_steps(group))) if _ITEM & set(cells)]
        for place, cells in enumerate(rows, 1):
            _add(document, cells, shared, f"{cells_section(cells)}.r{number}.{place}")
    if len(document.rows.get("observation", ())) > before and "method" in once:
        once["method"].take("value")
    _add_measured(document, [item for item in items if not item.taken], report)


def cells_section(cells: dict[str, Item]) -> str:
    """The section the cells stand in."""
    return next(iter(cells.values())).section


def _is_item(item: Item) -> bool:
    known = elements().get(item.element or "")
    return known is not None and known.table == "observation" and known.column in _ITEM


def _said_once(items: Sequence[Item]) -> dict[str, Item]:
    """Method and category of a report, said before its first item."""
    found: dict[str, Item] = {}
    for item in items:
        known = elements().get(item.element or "")
        if known is None or known.table != "observation" or not item.is_observation:
            continue
        if known.column in _ITEM:
            break
        if known.column in _SHARED and item.text:
            found[known.column] = item
    return found


def _shared(document: Document, once: dict[str, Item], kind: str) -> Row:
    row: Row = {"category": _OF_KIND.get(kind)}
    if "method" in once:
        row["method"] = once["method"].text
    if row["category"] is None and "category" in once:
        row["category"] = _category(document, once["category"])
    return row


def _category(document: Document, item: Item) -> str | None:
    if _IMAGES.search(item.text or ""):
        return "imaging"
    document.lose("category", "unmapped-code", item.text or "")
    return None


def _steps(group: Sequence[Item]) -> Iterator[Step]:
    for top in group:
        for item in top.walk():
            known = elements().get(item.element or "")
            if known is None or known.table != "observation" or not item.is_observation or item.taken:
                continue
            if known.column not in _SHARED and happened(item.act):
                yield known.column, None, item


def _add(document: Document, cells: dict[str, Item], shared: Row, suffix: str) -> None:
    code, name = cells.get("item_code"), cells.get("item_name")
    row: Row = {
        "encounter_id": document.encounter, **shared, "item_code": code.code if code else None,
        "item_system": "local" if code else None,
        "item_name": (name.text if name else None) or (code.display if code else None),
    }  # fmt: skip
    if not (row["item_code"] or row["item_name"]):
        return
    _add_result(document, cells, row)
    about = code or name
    if about is not None and (when := said(below(about.act, "effectiveTime"), "value")):
        row["reported_time"] = document.time("reported_time", when)
        about.take("effectiveTime")
    if specimen := cells.get("specimen_code"):
        row["specimen_code"] = specimen.code
        row["sampled_time"] = document.time("sampled_time", said(below(specimen.act, "effectiveTime/low"), "value"))
        row["received_time"] = document.time("received_time", said(below(specimen.act, "effectiveTime/high"), "value"))
        specimen.take("effectiveTime")
    for column in ("sampled_time", "received_time"):
        if column in cells:
            row[column] = document.time(column, cells[column].text)
    for item in cells.values():
        item.take("value")
    guarded = row["item_name"] and _GUARDED.search(row["item_name"])
    document.add("observation", suffix, row, GUARDED_LEVEL if guarded else 0)


def _add_result(document: Document, cells: dict[str, Item], row: Row) -> None:
    """The number with its unit, the words, the code; whichever there are."""
    if (number := cells.get("value_num")) and number.value is not None:
        add_value(document, number.value, row, ucum=False)
        number.take("value/@unit")
    if (words := cells.get("value_text")) and words.text and not row.get("value_text"):
        row["value_text"] = words.text
    if coded := cells.get("value_code"):
        row["value_code"] = coded.code
        row["value_text"] = row.get("value_text") or coded.display or coded.code
    if unit := cells.get("unit"):
        row["unit"] = unit.text


def _add_measured(document: Document, items: Sequence[Item], report: str | None) -> None:
    for top in items:
        for item in top.walk():
            category = _CATEGORY.get((item.element or "")[:7])
            if category is None or not item.is_observation or item.taken or not _is_measured(item):
                continue
            suffix = f"m{len(document.rows.get('observation', ()))}"
            row = add_observation(document, item.act, suffix, _measured(item.section, (item.element or "")[:7], report))
            if row is not None:
                row["item_code"], row["item_system"] = item.element, DATA_ELEMENTS
                row["item_name"] = row.get("item_name") or item.label or None
                item.take(*_USED)


def not_alike(
    alike: Collected, entries: Iterable["_Element"], section: str, report: str | None
) -> Iterator["_Element"]:
    """The entries that have to be read element by element; those that are read by their markup are kept in `alike`."""
    number = 0
    for entry in entries:
        read = alike.entries.alike(entry)
        element = None if read is None else measured_element(*read)
        if read is None or element is None:
            yield entry
            continue
        number += 1
        shared = _measured(section, element[:7], report)
        alike.add(entry, read, f"{section}.a{number}", shared["category"], report)


def measured_element(known: Alike, values: tuple[str, ...]) -> str | None:
    """The data element of an entry read by its markup, where it is one whose value is an item of its own."""
    return _measured_element(known.code(values)) if known.system == DATA_ELEMENTS else None


@lru_cache(maxsize=4096)
def _measured_element(code: str) -> str | None:
    element = plain(code)
    known = element is not None and element[:7] in _CATEGORY and element not in elements()
    return element if known and element == code.strip() else None


def _measured(section: str, part: str, report: str | None) -> Row:
    category = _CATEGORY[part]
    shared: Row = {"category": "vital-signs" if section == _VITAL and category == "exam" else category}
    return shared | {"report_id": report} if report else shared


def _is_measured(item: Item) -> bool:
    value = item.value
    known = elements().get(item.element or "")
    if value is None or (known is not None and known.table == "observation"):
        return False  # a part of an item of a report, without its item
    kind = (value.get(XSI_TYPE) or "").rpartition(":")[2]
    return (
        kind in _MEASURED and (said(value, "value") or said(value, "code") or kid(value, "low") is not None) is not None
    )

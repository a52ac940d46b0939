"""Diagnoses of WS/T 500 documents: name, code, condition on admission and outcome of each in one condition row.

The part a diagnosis plays follows from its label or its section; where neither says it, it is empty.
"""

from collections.abc import Iterator, Sequence

from connectors.cda.coded import GUARDED, ICD10
from connectors.cda.draft import Document, Row
from connectors.cda.observation import GUARDED_LEVEL, happened
from connectors.cda.person import codes
from connectors.cda.values import V3, below, said
from connectors.cda.wst500.item import Item
from connectors.cda.wst500.sequence import Step, rows_of
from connectors.elements import elements

DISCHARGE, ADMISSION = "11535-2", "46241-6"
_OUTPATIENT_KINDS = {"C0002", "C0003"}
_RELATIVES = "10157-6"
_OUTCOMES = codes("rc005")


def add_diagnoses(document: Document, items: Sequence[Item], kind: str) -> None:
    """Condition rows of the statements of one section."""
    ranks: dict[str | None, int] = {}
    organizers = [item for item in items if item.act.tag == V3 + "organizer"]
    alone = [item for item in items if item.act.tag != V3 + "organizer"]
    for group in (alone, *([each] for each in organizers)):
        for role, cells in rows_of(list(_steps(group, kind))):
            if "code" in cells or "display" in cells:
                ranks[role] = ranks.get(role, 0) + 1
                _add(document, role, cells, ranks[role])


def _steps(items: Sequence[Item], kind: str) -> Iterator[Step]:
    for top in items:
        for item in top.walk():
            known = elements().get(item.element or "")
            if known is not None and known.table == "condition" and item.is_observation and _is_own(item):
                yield known.column, _role(item, known.note, kind), item


def _is_own(item: Item) -> bool:
    return item.section != _RELATIVES and happened(item.act) and item.text is not None


def _role(item: Item, note: str, kind: str) -> str | None:
    label = item.label
    if note == "TCM":
        return "TCM_ZHENG" if "证" in label.replace("病证", "") else "TCM_MAIN"
    if note == "EXT_CAUSE" or "损伤" in label or "中毒" in label:
        return "EXT_CAUSE"
    by_label = "PATH" if "病理" in label else "OP_ER" if "门" in label and "诊" in label.partition("门")[2] else None
    return by_label or _by_section(item, kind)


def _by_section(item: Item, kind: str) -> str | None:
    if item.section == DISCHARGE:
        return "MAIN" if "主要" in item.label else "OTHER" if "其他" in item.label or "次要" in item.label else None
    if item.section == ADMISSION:
        return None if "病情" in item.label else "ADMIT"
    return "OP_ER" if kind in _OUTPATIENT_KINDS else None


def _add(document: Document, role: str | None, cells: dict[str, Item], rank: int) -> None:
    code, name = cells.get("code"), cells.get("display")
    system = None if code is None or code.value is None else said(code.value, "codeSystem")
    said_code = code.code if code else None
    time = cells.get("recorded_time")
    row: Row = {
        "encounter_id": document.encounter, "role_code": role, "rank": rank, "code": said_code, "code_system": system,
        "code_version": None if code is None or code.value is None else said(code.value, "codeSystemVersion"),
        "display": (name.text if name else None) or (code.display if code else None),
        "poa_code": _coded(document, "poa_code", cells.get("poa_code"), codes("rc027")),
        "outcome_code": _coded(document, "outcome_code", cells.get("outcome_code"), _OUTCOMES),
        "recorded_time": document.time("recorded_time", time.text if time else _written(code, name)),
        "onset_date": document.day("onset_date", cells["onset_date"].text) if "onset_date" in cells else None,
    }  # fmt: skip
    for item in cells.values():
        item.take("value")
    if code is not None and row["display"] == code.display:
        code.take("value", "value/@displayName")
    guarded = said_code and (system is None or ICD10.fullmatch(system)) and GUARDED.match(said_code)
    number = len(document.rows.get("condition", ())) + 1
    document.add("condition", f"c{number}", row, GUARDED_LEVEL if guarded else 0)


def _written(code: Item | None, name: Item | None) -> str | None:
    """The time at the code or the name, which is when the diagnosis was made."""
    for item in (code, name):
        if item is not None and (when := said(below(item.act, "effectiveTime"), "value")):
            item.take("effectiveTime")
            return when
    return None


def _coded(document: Document, column: str, item: Item | None, known: dict[str, str]) -> str | None:
    return None if item is None else document.code(column, item.code, known)

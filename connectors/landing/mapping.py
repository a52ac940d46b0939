"""A mapping made from the header of a landing table, as if it had been written: the same columns give the same one.

The source table is called after the elements that are used, so that two tables of a platform never share a record id.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from connectors.elements import places
from connectors.landing.names import elements_of, is_cut, is_landing
from connectors.landing.person import RECORD, SEQUENCE, lacking, person_of, record_of
from connectors.landing.rows import NEEDS, SEVERAL, apart, made, table_of
from connectors.looked import Tables
from connectors.mapping import Mapping, built
from connectors.reach import filled
from schemas.tables import TABLES

NAME = "region_ws"
ZH = "区域平台落地表（列名为数据元 WSnn_nn_nnn_nn）"
MEANS = "Landing table of a platform whose columns are called after data elements (WS02_01_040_01, DE02.01.040.00)."


def derived(header: Sequence[str]) -> Mapping | None:
    """The mapping of such a table; None for any other header, and for one that `refused` tells about."""
    return _derived(tuple(header)) if is_landing(header) else None


def refused(header: Sequence[str]) -> str:
    """Why a table whose columns are called after data elements is not read; empty where it is, or is another table."""
    if is_cut(header):
        return "Its columns are called after data elements and cut, as dBase cuts names. Ask for a workbook or CSV."
    if not is_landing(header) or derived(header) is not None:
        return ""
    if person_of(elements_of(header, RECORD)) is None:
        return lacking()
    needs = "; ".join(f"{table}: {_spoken(table)}" for table in NEEDS)
    return (
        f"its columns are called after data elements, but they fill no row of any shared table. A row needs: {needs}."
    )


def fills() -> Tables:
    """Shared table -> columns that such tables can fill, whichever columns they have."""
    every = [*RECORD, *(name for name in places() if name.startswith("DE") and name not in RECORD)]
    visit = [name for name in every if name not in places() or places()[name].table not in SEVERAL]
    found: dict[str, set[str]] = {}
    for header in (every, visit):
        mapping = derived(header)
        for table, columns in filled(mapping).items() if mapping else ():
            found.setdefault(table, set()).update(columns)
    return {name: tuple(each for each in TABLES[name].columns if each in own) for name, own in sorted(found.items())}


def _spoken(table: str) -> str:
    """`DE05.01.024.00 or DE05.01.025.00`, groups joined with `and`."""
    groups = [
        " or ".join(name for name, each in places().items() if each.table == table and each.column in group)
        for group in NEEDS[table]
    ]
    return " and ".join(groups)


@lru_cache(maxsize=64)
def _derived(header: tuple[str, ...]) -> Mapping | None:
    named = elements_of(header, RECORD)
    person, record = person_of(named), record_of(named)
    tables = made(named)
    if person is None or record is None or not tables:
        return None
    key_also = list(dict.fromkeys([*([named[SEQUENCE]] if SEQUENCE in named else []), *apart(named)]))
    used = sorted(element for element in named if element in places() or element in RECORD)
    about = {
        "name": NAME, "zh": ZH, "means": MEANS, "source": f"WS_{sha256(' '.join(used).encode()).hexdigest()[:8]}",
        "key": [record], "key_also": key_also, "person": [person], "main": tables[0],
    }  # fmt: skip
    said = [table_of(name, named, visits="encounter" in tables) for name in tables]
    if "patient" in tables:
        own = said[tables.index("patient")]["rows"][0]["columns"]
        own["org_patient_id"] = {"from": person, "read_as": "half-width"}
    text = json.dumps([about, said], ensure_ascii=False, sort_keys=True)
    return built(NAME, NAME, about, [(NAME, each) for each in said], text)

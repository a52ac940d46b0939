"""What a mapping reaches: which columns of the shared tables it fills, and which source column goes where.

Reads no file; a column that a mapping calls absent is not filled.
"""

from collections.abc import Iterable

from connectors.looked import Tables
from connectors.mapping import Mapping, RowsOf
from connectors.mapping_rules import Rule
from schemas.table import COMMON


def filled(mapping: Mapping) -> Tables:
    """Shared table -> own columns that the mapping can fill, in the table's order."""
    found: dict[str, set[str]] = {}
    for rows in mapping.rows:
        own = {name for name, rule in rows.rules.items() if rule.absent is None and name not in COMMON}
        own |= {rows.table.person} if rows.table.person else set()
        found.setdefault(rows.table.name, set()).update(own)
    order = {rows.table.name: list(rows.table.columns) for rows in mapping.rows}
    return {name: tuple(sorted(columns, key=order[name].index)) for name, columns in sorted(found.items())}


def reached(mapping: Mapping) -> dict[str, list[str]]:
    """Source column -> the `table.column`s that it reaches; keys and conditions count as reaching the table's key."""
    found: dict[str, set[str]] = {}
    for rows in mapping.rows:
        table = rows.table.name
        for name in mapping.about.key:
            found.setdefault(name, set()).add(f"{table}.record_id")
        for name in mapping.about.person if rows.table.person else ():
            found.setdefault(name, set()).add(f"{table}.{rows.table.person}")
        for column, rule in rows.rules.items():
            for name in _sources(rule, rows):
                found.setdefault(name, set()).add(f"{table}.{column}")
        for name in rows.sources():
            found.setdefault(name, {f"{table}.record_id"})
    return {name: sorted(targets) for name, targets in found.items()}


def _sources(rule: Rule, rows: RowsOf) -> Iterable[str]:
    """Source columns of a rule, those behind the cells of `repeat` and `split` too."""
    for name in rule.sources:
        if not name.startswith("@"):
            yield name
        elif rows.spec.split:
            yield rows.spec.split.cell
        elif rows.spec.entries:
            yield f"{rows.spec.entries.of}.{name[1:]}"
        elif rows.repeat:
            yield from (each[name[1:]] for each in rows.repeat.instances() if name[1:] in each)

"""Every check there is: the written ones, found by walking `checks/`, then those the tables imply.

Order is that of the files, of the functions in them, and of the declared columns.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from federation.errors import Usage
from federation.quality import checks as folder
from federation.quality.check import Check
from federation.quality.implied import implied
from schemas.tables import TABLES

# Our own accounts, which no site delivers: scoring them would measure ourselves.
OWN = ("provenance", "quality_result")


@cache
def all_checks() -> tuple[Check, ...]:
    """The library. Ids are unique, or the second of them is refused here."""
    found = [*written(), *(each for name, table in TABLES.items() if name not in OWN for each in implied(table))]
    seen: set[str] = set()
    for each in found:
        if each.id in seen:
            raise ValueError(f"{each.id} is declared twice. Rename one of the two functions.")
        seen.add(each.id)
    return tuple(found)


def written() -> Iterator[Check]:
    """The checks of the folder: every Check a module holds, alone or in a tuple."""
    for name in sorted(entry.name for entry in iter_modules(folder.__path__)):
        for value in vars(import_module(f"{folder.__name__}.{name}")).values():
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Check):
                    yield each


def checks(table: str) -> list[Check]:
    """The checks that count rows of one shared table."""
    return [each for each in all_checks() if each.table == table]


def find(name: str, among: Sequence[Check] | None = None) -> list[Check]:
    """The checks of an id (`encounter.start_time.filled`) or of a rule (`FP11`). Raises Usage where there is none."""
    known = all_checks() if among is None else among
    found = [each for each in known if name in (each.id, each.rule)]
    if not found:
        near = [each.id for each in known if name.casefold() in each.id.casefold()][:5]
        hint = f" Did you mean {', '.join(near)}?" if near else " docs/checks.md lists them."
        raise Usage(f"There is no check `{name}`.{hint}")
    return found

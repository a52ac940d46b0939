"""The checks of one home: the program's, those of installed packages, and those that its owner wrote.

One that cannot be asked is said and left out; it never keeps the others from being asked.
"""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from federation.node.home import Home
from federation.quality.check import Check
from federation.quality.custom import Custom, custom
from federation.quality.library import all_checks
from federation.quality.probe import fails_on

FOLDER = "checks"
GROUP = "guantong.checks"  # an entry point of this group names a Check, or several in a tuple or list


def library_of(home: Home) -> Custom:
    """Every check that rows of this home are asked, and what is wrong with the others."""
    checks, problems = list(all_checks()), list[str]()
    for told in (*_installed(), *_written(home.path / FOLDER, checks)):
        checks += told.checks
        problems += told.problems
    return Custom(tuple(checks), tuple(problems))


def _written(folder: Path, known: list[Check]) -> Iterator[Custom]:
    taken = {each.id for each in known}
    for path in sorted(folder.glob("*.toml")):
        try:
            told = custom(path.read_text("utf-8"), path.name, taken)
        except (OSError, UnicodeDecodeError):
            told = Custom(problems=(f"{path.name} cannot be read as UTF-8. Save it again, readable for this user.",))
        taken |= {each.id for each in told.checks}
        yield told


def _installed() -> Iterator[Custom]:
    for point in entry_points(group=GROUP):
        yield _loaded(point)


def _loaded(point: EntryPoint) -> Custom:
    try:
        named: Any = point.load()
    except Exception as error:  # noqa: BLE001 - whatever another package does wrong must not stop a hospital's ingest
        return Custom(
            problems=(f"Checks of the package entry `{point.name}` cannot be loaded: {type(error).__name__}.",)
        )
    found = named if isinstance(named, (tuple, list)) else (named,)
    if not all(isinstance(each, Check) for each in found):
        return Custom(problems=(f"The package entry `{point.name}` names something that is no Check.",))
    why = {each.id: fails_on(each) for each in found}
    told = tuple(f"The package entry `{point.name}`: check `{name}`: {words}." for name, words in why.items() if words)
    return Custom(tuple(each for each in found if not why[each.id]), told)

"""Known export formats, one folder each, found by walking this folder and recognised by a whole header.

Never by one column: the same name means different things in different sets (JBDM in wt4_1 and in tcm_168).
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from connectors.landing.mapping import derived
from connectors.mapping import Mapping, load
from connectors.recased import recased

FOLDER = Path(__file__).parent


@cache
def profiles() -> dict[str, Mapping]:
    """Every profile by name, in the order in which a header is tried."""
    found = [load(folder) for folder in sorted(FOLDER.iterdir()) if (folder / "profile.toml").is_file()]
    return {each.name: each for each in sorted(found, key=lambda each: (each.about.order, each.name))}


def best(header: Iterable[str]) -> Mapping | None:
    """The first profile whose marks the header bears; else the mapping that columns called after data elements make."""
    order = list(header)
    names, small = set(order), {name.lower() for name in order}
    for each in profiles().values():
        there = small if each.about.any_case else names  # such a profile is written in small letters
        if not missing(each, there) and _is(each, there):
            return recased(each, order) if each.about.any_case else each
    return derived(order)


def near(header: Iterable[str]) -> tuple[str, list[str]]:
    """The profile that shares most marks with the header, and the marks that are missing; no name where none does."""
    names = set(header)
    nearest = max(profiles().values(), key=lambda each: _share(each, names))
    return (nearest.name, missing(nearest, names)) if _share(nearest, names) else ("", [])


def missing(profile: Mapping, names: set[str]) -> list[str]:
    """Marks of the profile that the header does not bear, where it bears too few."""
    marks = profile.about.detect
    lacking = [name for name in marks.all if name not in names]
    most = [name for name in marks.most if name not in names]
    if marks.most and 1 - len(most) / len(marks.most) < marks.share:
        lacking += [name for name in most if name not in lacking]
    return lacking


def _is(profile: Mapping, names: set[str]) -> bool:
    marks = profile.about.detect
    return bool(marks.all or marks.most) and not names & set(marks.none)


def _share(profile: Mapping, names: set[str]) -> float:
    marks = [*profile.about.detect.all, *profile.about.detect.most]
    return sum(name in names for name in marks) / max(1, len(marks))

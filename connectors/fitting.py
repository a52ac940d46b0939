"""Which mapping a table with a header is read with, and whether the header has what the mapping needs.

The same for text, workbooks, dBase tables and database views: it sees names of columns only, never a value.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

from connectors.errors import BadMapping, DoesNotFit, NoSuchKind, UnknownFormat, Unreadable
from connectors.landing.mapping import NAME, refused
from connectors.mapping import Mapping, load, nearest
from connectors.profiles import best, near, profiles
from connectors.recased import recased

Headed = tuple[Mapping, Sequence[str]]  # a mapping, and the header as it is when read with it


def fit(
    where: str, header: Sequence[str], profile: str | None, mapping: Path | None, doubled: Collection[str] = ()
) -> Mapping:
    """The mapping for a table with this `header`: the one given, the profile named, or the one the header fits.

    `mapping` is a file, or a folder of which the fitting one is taken; `where` names the table in messages; `doubled`
    are names that stand twice. Raises UnknownFormat naming the nearest, NoSuchKind, DoesNotFit, BadMapping or
    Unreadable.
    """
    if mapping is not None and profile is None and offers_several(mapping):
        every = [(each, header) for each in offered(mapping)]
        chosen = chosen_of(where, mapping, every, lambda: header)
    else:
        chosen = load(mapping) if mapping is not None else _cased(named(profile), header) or known(where, header)
    must_fit(where, header, chosen, doubled)
    return chosen


def _cased(profile: Mapping | None, header: Sequence[str]) -> Mapping | None:
    return None if profile is None else recased(profile, header)


def offers_several(mapping: Path) -> bool:
    """Whether it is a folder of mappings, each for a table of its own, and not one mapping in several files."""
    return mapping.is_dir() and not (mapping / "profile.toml").is_file()


def offered(folder: Path) -> tuple[Mapping, ...]:
    """Every mapping of a folder, by file name. Raises BadMapping where there is none."""
    stamp = tuple((file.name, file.stat().st_mtime_ns) for file in sorted(folder.glob("*.toml")))
    if not stamp:
        raise BadMapping(folder.name, "holds no mapping", "Put one TOML file a source table in it.")
    return _loaded(folder, stamp)


@cache
def _loaded(folder: Path, _stamp: tuple[tuple[str, int], ...]) -> tuple[Mapping, ...]:
    return tuple(load(file) for file in sorted(folder.glob("*.toml")))


def chosen_of(where: str, folder: Path, every: Iterable[Headed], plain: Callable[[], Sequence[str]]) -> Mapping:
    """The mapping that uses most of the table's columns, all of which are there; else a known profile.

    `plain` gives the header as it is without a mapping. Raises UnknownFormat naming the nearest.
    """
    tried = list(every)
    fitting = [(each, header) for each, header in tried if not missing(header, each)]
    if fitting:
        return max(fitting, key=lambda pair: len(set(pair[0].sources) & set(pair[1])))[0]
    profile = best(plain())
    if profile is not None:
        return profile
    close = ""
    if tried:
        each, header = min(tried, key=lambda pair: len(missing(pair[1], pair[0])) / max(1, len(pair[0].sources)))
        close = f"The nearest is `{each.name}`, without {', '.join(missing(header, each)[:8])}. "
    raise UnknownFormat(
        f"{where}: no mapping of {folder.name} and no known profile has this header. {close}Write one for it."
    )


def known(where: str, header: Sequence[str]) -> Mapping:
    """The profile that the whole header fits. Raises UnknownFormat naming the nearest."""
    profile = best(header)
    if profile is not None:
        return profile
    if why := refused(header):
        raise UnknownFormat(f"{where}: {why} Or give a mapping with --mapping.")
    name, lacking = near(header)
    close = f"The nearest is `{name}`, but {', '.join(lacking)} are missing. " if name else ""
    raise UnknownFormat(
        f"{where}: no known profile has this header ({len(header)} columns). {close}"
        "Give a mapping with --mapping, or name the profile with --profile."
    )


def named(profile: str | None) -> Mapping | None:
    """The profile of that name, None where none is named or the header makes it. Raises NoSuchKind."""
    if profile is None or profile == NAME:
        return None
    if profile not in profiles():
        raise NoSuchKind(f"There is no profile `{profile}`. There are: {', '.join(profiles())}.")
    return profiles()[profile]


def missing(header: Collection[str], mapping: Mapping) -> list[str]:
    """Source columns that the mapping cannot do without and the header does not have."""
    needed = [*mapping.about.key, *mapping.about.person] if mapping.about.partial else mapping.sources
    return [name for name in needed if name not in header]


def must_fit(where: str, header: Sequence[str], mapping: Mapping, doubled: Collection[str] = ()) -> None:
    """Raises DoesNotFit where a needed column is missing, Unreadable where one stands twice."""
    for name in missing(header, mapping):
        # A first line that shares no column with the mapping may be a patient's record: nothing of it is shown.
        close = nearest(name, header) if set(mapping.sources) & set(header) else ""
        raise DoesNotFit(
            f"{mapping.name}: source column `{name}`",
            f"is not in the header of {where}",
            close or "Correct the mapping, or ask for an export with this column in its first line.",
        )
    twice = sorted(set(doubled) & set(mapping.sources))
    if twice:
        raise Unreadable(
            f"{where}: the column `{twice[0]}` stands twice in the header, and the mapping needs it. "
            "Ask for an export with distinct column names."
        )


def distinct(written: Sequence[str]) -> tuple[str, ...]:
    """Every column by a name of its own: `X`, then `X#2`; a column without a name is `column 7`."""
    seen: set[str] = set()
    names = []
    for place, name in enumerate(written, 1):
        fresh, again = name or f"column {place}", 2
        while fresh in seen:
            fresh, again = f"{name or f'column {place}'}#{again}", again + 1
        seen.add(fresh)
        names.append(fresh)
    return tuple(names)

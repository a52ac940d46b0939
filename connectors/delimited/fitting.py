"""Which mapping a delimited file is read with, and whether its header has what the mapping needs."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from connectors.delimited.layout import Layout, look
from connectors.errors import BadMapping, DoesNotFit, NoSuchKind, UnknownFormat, Unreadable
from connectors.mapping import Mapping, load, nearest
from connectors.profiles import best, near, profiles


def fitted(path: Path, profile: str | None, mapping: Path | None) -> tuple[Layout, Mapping]:
    """Layout and mapping of a file: the mapping given, or the profile named, or the one its whole header fits.

    A folder of mapping files offers each of them: the one that uses most of the file's columns is taken, and where
    none fits, the known profiles are tried. Raises UnknownFormat naming the nearest, NoSuchKind, BadMapping or
    Unreadable.
    """
    if mapping is not None and profile is None and _offers_several(mapping):
        return _of_folder(path, mapping)
    chosen = load(mapping) if mapping is not None else _named(profile)
    layout = _look(path, chosen)
    chosen = chosen or best(layout.header)
    if chosen is None:
        name, missing = near(layout.header)
        close = f"The nearest is `{name}`, but {', '.join(missing)} are missing. " if name else ""
        raise UnknownFormat(
            f"{path.name}: no known profile has this header ({len(layout.header)} columns). {close}"
            "Give a mapping with --mapping, or name the profile with --profile."
        )
    _has_what_it_needs(path, layout, chosen)
    return layout, chosen


def _offers_several(mapping: Path) -> bool:
    return mapping.is_dir() and not (mapping / "profile.toml").is_file()


@cache
def _in_folder(folder: Path, _stamp: tuple[tuple[str, int], ...]) -> tuple[Mapping, ...]:
    return tuple(load(file) for file in sorted(folder.glob("*.toml")))


def _of_folder(path: Path, folder: Path) -> tuple[Layout, Mapping]:
    """The mapping of the folder that uses most of the file's columns, all of which are there; else a profile."""
    offered = _in_folder(folder, tuple((file.name, file.stat().st_mtime_ns) for file in sorted(folder.glob("*.toml"))))
    if not offered:
        raise BadMapping(folder.name, "holds no mapping", "Put one TOML file a source table in it.")
    layouts = list(_looked(path, offered))
    fitting = [(layout, each) for layout, each in layouts if not _missing(layout, each)]
    if fitting:
        layout, chosen = max(fitting, key=lambda pair: len(set(pair[1].sources) & set(pair[0].header)))
        _has_what_it_needs(path, layout, chosen)
        return layout, chosen
    layout = _look(path, None)
    known = best(layout.header)
    if known is None:
        near_by = min(layouts, key=lambda pair: len(_missing(*pair)) / max(1, len(pair[1].sources)), default=None)
        close = f"The nearest is `{near_by[1].name}`, without {', '.join(_missing(*near_by)[:8])}. " if near_by else ""
        raise UnknownFormat(
            f"{path.name}: no mapping of {folder.name} and no known profile has this header. {close}Write one for it."
        )
    _has_what_it_needs(path, layout, known)
    return layout, known


def _looked(path: Path, offered: Iterable[Mapping]) -> Iterator[tuple[Layout, Mapping]]:
    """The file as each mapping lays it out; a mapping in whose encoding the header cannot be read is not for it."""
    for each in offered:
        with suppress(Unreadable):
            yield _look(path, each), each


def _look(path: Path, mapping: Mapping | None) -> Layout:
    declared = (mapping.about.encoding or None, mapping.about.separator or None) if mapping else (None, None)
    return look(path, *declared)[0]


def _missing(layout: Layout, mapping: Mapping) -> list[str]:
    needed = [*mapping.about.key, *mapping.about.person] if mapping.about.partial else mapping.sources
    return [name for name in needed if name not in layout.header]


def _named(profile: str | None) -> Mapping | None:
    if profile is None:
        return None
    if profile not in profiles():
        raise NoSuchKind(f"There is no profile `{profile}`. There are: {', '.join(profiles())}.")
    return profiles()[profile]


def _has_what_it_needs(path: Path, layout: Layout, mapping: Mapping) -> None:
    for name in _missing(layout, mapping):
        # A first line that shares no column with the mapping may be a patient's record: nothing of it is shown.
        close = nearest(name, layout.header) if set(mapping.sources) & set(layout.header) else ""
        raise DoesNotFit(
            f"{mapping.name}: source column `{name}`",
            f"is not in the header of {path.name}",
            close or "Correct the mapping, or ask for an export with this column in its first line.",
        )
    twice = sorted(layout.doubled & set(mapping.sources))
    if twice:
        raise Unreadable(
            f"{path.name}: the column `{twice[0]}` stands twice in the header, and the mapping needs it. "
            "Ask for an export with distinct column names."
        )

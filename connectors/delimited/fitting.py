"""Which mapping a delimited file is read with, and whether its header has what the mapping needs."""

from pathlib import Path

from connectors.delimited.layout import Layout, look
from connectors.errors import BadMapping, NoSuchKind, UnknownFormat, Unreadable
from connectors.mapping import Mapping, load, nearest
from connectors.profiles import best, near, profiles


def fitted(path: Path, profile: str | None, mapping: Path | None) -> tuple[Layout, Mapping]:
    """Layout and mapping of a file: the mapping given, or the profile named, or the one its whole header fits.

    Raises UnknownFormat naming the nearest profile, NoSuchKind, BadMapping or Unreadable.
    """
    chosen = load(mapping) if mapping is not None else _named(profile)
    declared = (chosen.about.encoding or None, chosen.about.separator or None) if chosen else (None, None)
    layout, _ = look(path, *declared)
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


def _named(profile: str | None) -> Mapping | None:
    if profile is None:
        return None
    if profile not in profiles():
        raise NoSuchKind(f"There is no profile `{profile}`. There are: {', '.join(profiles())}.")
    return profiles()[profile]


def _has_what_it_needs(path: Path, layout: Layout, mapping: Mapping) -> None:
    needed = [*mapping.about.key, *mapping.about.person] if mapping.about.partial else mapping.sources
    for name in needed:
        if name not in layout.header:
            raise BadMapping(
                f"{mapping.name}: source column `{name}`",
                f"is not in the header of {path.name}",
                nearest(name, layout.header) or "Correct the mapping, or ask for an export with this column.",
            )
    twice = sorted(layout.doubled & set(mapping.sources))
    if twice:
        raise Unreadable(
            f"{path.name}: the column `{twice[0]}` stands twice in the header, and the mapping needs it. "
            "Ask for an export with distinct column names."
        )

"""Which mapping a delimited file is read with: a mapping may declare encoding and separator, and so make the header.

How a header and a mapping fit each other is said in connectors/fitting.py.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from connectors.delimited.layout import Layout, look
from connectors.errors import Unreadable
from connectors.fitting import chosen_of, known, must_fit, named, offered, offers_several
from connectors.mapping import Mapping, load
from connectors.recased import recased


def fitted(path: Path, profile: str | None, mapping: Path | None) -> tuple[Layout, Mapping]:
    """Layout and mapping of a file: the mapping given, or the profile named, or the one its whole header fits.

    A folder of mapping files offers each of them: the one that uses most of the file's columns is taken, and where
    none fits, the known profiles are tried. Raises UnknownFormat naming the nearest, NoSuchKind, BadMapping or
    Unreadable.
    """
    if mapping is not None and profile is None and offers_several(mapping):
        layouts = {id(each): (layout, each) for layout, each in _looked(path, offered(mapping))}
        headed = [(each, layout.header) for layout, each in layouts.values()]
        chosen = chosen_of(path.name, mapping, headed, lambda: _look(path, None).header)
        layout = layouts[id(chosen)][0] if id(chosen) in layouts else _look(path, None)
    else:
        declared = load(mapping) if mapping is not None else named(profile)
        layout = _look(path, declared)
        chosen = recased(declared, layout.header) if declared else known(path.name, layout.header)
    must_fit(path.name, layout.header, chosen, layout.doubled)
    return layout, chosen


def _looked(path: Path, every: Iterable[Mapping]) -> Iterator[tuple[Layout, Mapping]]:
    """The file as each mapping lays it out; a mapping in whose encoding the header cannot be read is not for it."""
    for each in every:
        with suppress(Unreadable):
            yield _look(path, each), each


def _look(path: Path, mapping: Mapping | None) -> Layout:
    """As the mapping declares; a separator that does not stand in the header is another export's, or a database's."""
    if mapping is None:
        return look(path)[0]
    about = mapping.about
    layout = look(path, about.encoding or None, about.separator or None)[0]
    if about.separator and len(layout.header) == 1 and len(mapping.sources) > 1:
        return look(path, about.encoding or None)[0]
    return layout

"""Which data element a column is called after: `WS02_01_040_01`, `DE02_01_040_00` or `DE02.01.040.00`, in any case.

City platforms write `WS` for `DE` and count the uses of an element in a table at the end: `_01` or `_001` is the first.
A second use (another person's name, another time) means something that the name does not say; it has no place.
"""

import re
from collections.abc import Iterable

from connectors.elements import places

_WRITTEN = re.compile(r"(WS|DE)(\d\d)[._](\d\d)[._](\d{3})[._](\d{2,3})", re.IGNORECASE | re.ASCII)
_CUT = re.compile(r"(?:WS|DE)\d\d[._]\d\d[._]\d\d", re.IGNORECASE | re.ASCII)
_FEWEST = 3  # columns of such a name that make a table one of these


def is_landing(header: Iterable[str]) -> bool:
    """Whether enough columns are called after data elements."""
    return sum(_WRITTEN.fullmatch(name.strip()) is not None for name in header) >= _FEWEST


def is_cut(header: Iterable[str]) -> bool:
    """Whether such names were cut after the ten characters that a dBase table has for a name."""
    return sum(_CUT.fullmatch(name) is not None for name in header) >= _FEWEST


def element_of(column: str, numbers: Iterable[str] = ()) -> str | None:
    """The data element of which the column is the first use; None for other names and for later uses.

    `numbers` are elements that are known beside those that have a column.
    """
    found = _WRITTEN.fullmatch(column.strip())
    if found is None:
        return None
    stem, last = f"DE{found[2]}.{found[3]}.{found[4]}", found[5]
    if len(last) == 3:
        return f"{stem}.{last[:2]}" if int(last[2]) <= 1 else None
    exact = f"{stem}.{last}"
    if exact in places() or exact in numbers or found[1].upper() == "DE":
        return exact
    return f"{stem}.00" if last == "01" else exact


def elements_of(header: Iterable[str], numbers: Iterable[str] = ()) -> dict[str, str]:
    """Data element -> the one column called after it; an element that two columns could be is none."""
    found: dict[str, list[str]] = {}
    for name in header:
        element = element_of(name, numbers)
        if element is not None:
            found.setdefault(element, []).append(name)
    return {element: columns[0] for element, columns in sorted(found.items()) if len(columns) == 1}

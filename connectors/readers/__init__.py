"""How cells are read as values, by name: `read_as` in a mapping. Each reader works on whole columns.

A reader never fills in what a cell does not say: what it cannot read becomes null, and is rejected with its raw cell.
"""

from connectors.readers import codes, dates, durations, measures, numbers, text, unsaid_dates
from connectors.readers.reader import Reader, half_width

READERS: dict[str, Reader] = {
    name: reader
    for module in (text, codes, dates, unsaid_dates, numbers, measures, durations)
    for name, reader in module.READERS.items()
}
TAKES_FLAGS = frozenset({"resident-id-ok"})

__all__ = ["READERS", "TAKES_FLAGS", "Reader", "half_width"]

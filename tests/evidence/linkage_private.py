"""Private linkage as the evidence asks for it: names of rows, and what links two frames by what may leave a site only.

Each function gives (name, link) of every private row of its table; a link gives EDGES and the threshold that it chose.
"""

import polars as pl

from tests.evidence.linkage_scoring import Link

TWICE: tuple[str, ...] = ()  # rows that are measured with twice the errors too
Known = tuple[pl.DataFrame, pl.DataFrame]  # NORMAL and NORMAL_NUMBERS of one site


def febrl(left: pl.DataFrame, right: pl.DataFrame) -> list[tuple[str, Link]]:
    """Rows of the table of Febrl 4; frames as `tests.evidence.linkage_febrl.register` reads them."""
    return []


def city(left: Known, right: Known) -> list[tuple[str, Link]]:
    """Rows of the table of the made-up city."""
    return []

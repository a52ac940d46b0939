"""Which rows of a site decide each other's answers: those that share a value, as a stay and its diagnoses do.

Two rows without a link between them never change what the other one answers; so a new batch changes nothing but the
answers of its own rows and of rows linked with them. Frames and needs say their links; tests hold them to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Some:
    """Some rows of a table, as heights and weights are of results: those of which `true` is. `name` names them."""

    name: str
    true: pl.Expr = field(compare=False)


@dataclass(frozen=True)
class Link:
    """A row is asked beside the rows of `table` that have in `key` what it has in `own`, all of it filled in.

    With `only`, both rows have to be among those: of one table, for nothing else decides such an answer.
    """

    own: tuple[str, ...]
    table: str
    key: tuple[str, ...]
    only: Some | None = None


def one(own: str, table: str, key: str | None = None, only: Some | None = None) -> Link:
    """A link by one column, called `key` in the other table."""
    return Link((own,), table, (key or own,), only)


def both(*links: Sequence[Link] | None) -> tuple[Link, ...] | None:
    """All of them, each once; None where some are not known."""
    known = [some for some in links if some is not None]
    return tuple(dict.fromkeys(each for some in known for each in some)) if len(known) == len(links) else None

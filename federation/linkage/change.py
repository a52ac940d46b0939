"""What one run brings to the roll: records that came, came again or left, edges, decisions. Checked, then in numbers.

Nothing is changed here; what cannot be taken as a whole is refused as a whole.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from federation.errors import BadInput
from federation.linkage.component import Numbers
from federation.linkage.contest import NONE
from federation.linkage.decision import DECISIONS
from federation.linkage.edge import EDGES
from federation.linkage.roll import CONFLICTS
from federation.privacy.packed import bytes_of

RECORDS = pl.Schema({"site": pl.String, "record": pl.String})
NUMBER = "number"  # optional third column of what arrived: Binary(16), token of a usable resident id, null where none
TOKEN = 16  # bytes


@dataclass(frozen=True)
class Change:
    """`arrived` in order of arrival: a record that is there already came again, and its edges are told anew.

    `gone` leaves before anything arrives. `edges` (EDGES) lead between records that are there afterwards. `lifted`: ids
    of decisions withdrawn. `conflicts`: pairs that may not be joined through a third record.
    """

    arrived: pl.DataFrame = field(default_factory=RECORDS.to_frame)
    gone: pl.DataFrame = field(default_factory=RECORDS.to_frame)
    edges: pl.DataFrame = field(default_factory=EDGES.to_frame)
    decisions: pl.DataFrame = field(default_factory=DECISIONS.to_frame)
    lifted: frozenset[str] = frozenset()
    conflicts: pl.DataFrame = field(default_factory=CONFLICTS.to_frame)

    def __post_init__(self) -> None:
        for what, frame in (("came", self.arrived), ("left", self.gone)):
            names = frame.select("site", "record")
            nameless = len(names) - len(names.drop_nulls())
            twice = len(names) - names.n_unique()
            if nameless or twice:
                raise BadInput(
                    f"Of {len(names)} records that {what}, {nameless} have no name and {twice} are told twice."
                )


def numbers(arrived: pl.DataFrame) -> Numbers:
    """The resident id of each record as a number, NONE where it has none: 63 bits of its token.

    Two of ten million tokens share them with a chance of one in 200,000; the two would then not be told apart by their
    ids. Raises BadInput where a token has not 16 bytes.
    """
    codes = np.full(len(arrived), NONE, np.int64)
    if NUMBER not in arrived.columns:
        return codes
    there = arrived[NUMBER].is_not_null().to_numpy()
    tokens = arrived[NUMBER].drop_nulls()
    short = int((tokens.bin.size() != TOKEN).sum())
    if short:
        raise BadInput(f"Of {len(tokens)} tokens of resident ids {short} have not {TOKEN} bytes.")
    codes[there] = as_words(tokens)[:, 0] >> 1
    return codes


def as_words(tokens: pl.Series) -> "np.ndarray[tuple[int, int], np.dtype[np.uint64]]":
    """(n, 2) words of 64 bits of n tokens of 16 bytes, none null."""
    return bytes_of(tokens, TOKEN).view("<u8")

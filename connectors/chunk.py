"""What reading gives back, a bounded piece at a time: conformed rows, the records they came from, and the rejects.

Every record read is in exactly one of `records` (accepted) or the whole-record rejects; `check` proves it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import polars as pl

RECORDS = pl.Schema(
    {
        "position": pl.Int64(),  # ordinal of the record in its file, from 1
        "line": pl.Int64(),  # line the record starts on, from 1
        "offset": pl.Int64(),  # byte offset in the (decompressed) file
        "length": pl.Int64(),  # bytes, without the line end
        "hash": pl.String(),  # source_row_hash
        "key": pl.String(),  # source_table|source_pk: the same record in a later version has the same key
    }
)
LONGEST_RAW = 1 << 16  # bytes of a record or a cell that are kept with its reject
REJECTS = pl.Schema(
    {
        "position": pl.Int64(),
        "line": pl.Int64(),
        "offset": pl.Int64(),
        "column": pl.String(),  # empty where the whole record is meant
        "reason": pl.String(),  # a code of connectors.reason
        "whole": pl.Boolean(),  # the record was rejected, not one value of it
        "raw": pl.Binary(),  # the record or the cell, verbatim, at most 64 KiB; for the owner's eyes only
    }
)
VERSIONS = pl.Schema(
    {
        "position": pl.Int64(),  # the record that says it
        "key": pl.String(),  # source_table|source_pk of the rows that this record says anew
        "at": pl.Datetime("us"),  # when it was said at the source; null where the source does not tell
        "cleared": pl.String(),  # columns that are empty now on purpose, with commas between; null for none
        "how": pl.String(),  # null, or WHOLE, GATHERED, ENDED: what becomes of the versions before it
    }
)
WHOLE, GATHERED, ENDED = "whole", "gathered", "ended"


@cache
def _empty(name: str) -> pl.DataFrame:
    return pl.DataFrame(schema={"rejects": REJECTS, "versions": VERSIONS}[name])


def no_rejects() -> pl.DataFrame:
    """Nothing rejected; a frame of its own that costs next to nothing."""
    return _empty("rejects").clone()


def no_versions() -> pl.DataFrame:
    """No versions named; a frame of its own that costs next to nothing."""
    return _empty("versions").clone()


@dataclass(frozen=True)
class Once:
    """Says that each key stands once in a table of a file: other rows with its key are no versions of it.

    `table` tells the tables of one file apart: a sheet's or a member's number. `key` names the source columns of which
    the key is made.
    """

    table: str
    key: tuple[str, ...]


@dataclass(frozen=True)
class Chunk:
    """`tables`: a shared table's name -> rows with exactly its columns, tied to records by `source_position`.

    `versions` is for sources that send events, not whole records (HL7 v2): each of its keys names rows of which the
    record brings a version. Every record that says rows of such a key names it, the first one as well; one that names
    a key and has no rows of it says that there are none now. Rows of that key said before are replaced; a column that
    the later rows leave empty keeps what was said before (same `record_id`), unless it is `cleared`; withdrawn rows
    (`deleted`) keep nothing. The one with the latest `at` stands, then the last to come; without `at` a version counts
    as said when it came. A record that names versions replaces by them alone, never by its own key.

    Some keys are said in another way (`how`), always the same for one key. `whole`: nothing said before is kept.
    `gathered`: many records say the row together, in whatever order they come; their versions are put in the order of
    `at`, and one whose own record no longer stands (by a `whole` key that it names as well) counts no more. `ended`: no
    rows of a `whole` key stand from now on, whenever they come.

    `reading` says how the piece was read where that is not how its file was: a file inside an archive has kind, profile
    and mapping version of its own. `once` is None where later rows of a key are later versions of the record.
    """

    read: int
    records: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    rejects: pl.DataFrame = field(default_factory=no_rejects)
    bytes_read: int = 0
    versions: pl.DataFrame = field(default_factory=no_versions)
    reading: str = ""
    once: Once | None = None

    @property
    def rejected(self) -> int:
        """Records rejected whole."""
        return int(self.rejects["whole"].sum())

    def check(self) -> None:
        """Conservation at the first hop: raises AssertionError when a record is lost or counted twice."""
        assert self.read == self.records.height + self.rejected, "a record was lost or counted twice while reading"

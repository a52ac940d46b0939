"""One CDM table read into the shared tables; a table that none of them holds is counted and passed over, with a reason.

One record is one row; but a table about the database itself (vocabulary, eras, metadata) is one record as a whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import polars as pl

from connectors.chunk import LONGEST_RAW, RECORDS, REJECTS, VERSIONS, Chunk
from connectors.conform import Conformer
from connectors.connector import Context
from connectors.delimited.rows import Rows
from connectors.mapping import Mapping
from connectors.omop.beside import NAMES, Beside
from connectors.omop.checks import broken
from connectors.omop.derive import Deriving, sources_of
from connectors.omop.laid import Laid
from schemas.exports.omop import cdm
from schemas.table import COMMON
from schemas.tables import TABLES

READS = {
    "person": ("location",),
    "care_site": ("location",),
    "cost": NAMES[2:],
    "note": (),
    "death": (),
}  # the others read concepts
# Filled up or joined before the mapping sees them; the rest of a record is kept verbatim.
SPENT = ("year_of_birth", "month_of_birth", "day_of_birth", "value_as_string")


@dataclass
class OmopTable:
    """A file that holds one CDM table; iterating reads it once."""

    laid: Laid
    profile: str = field(init=False)
    mapping_version: str = field(init=False)

    def __post_init__(self) -> None:
        table, mapping = self.laid.known.table, self.laid.known.mapping
        self.beside = Beside(self.laid)
        beside = self.beside.mark(READS.get(table, ("concept", "vocabulary"))) if mapping else ""
        self.profile = table
        self.mapping_version = (mapping.version if mapping else "none") + (f"-{beside}" if beside else "")

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Conformed pieces in file order. Raises Unreadable."""
        mapping = self.laid.known.mapping
        if mapping is not None:
            yield from self._mapped(mapping, context)
        elif self.laid.known.is_reference:
            yield self._passed_over()
        else:
            yield from map(_rejected, self.laid.pieces())

    def _mapped(self, mapping: Mapping, context: Context) -> Iterator[Chunk]:
        known = self.laid.known
        conformer = Conformer(mapping, tuple(name for name in known.renamed if not _spent(name, known.table)), context)
        derive = Deriving(known.table, self.beside)
        for piece in self.laid.pieces():
            if not piece.cells.width:
                yield conformer.nothing(piece.rejects, piece.read, piece.bytes_read)
                continue
            found = broken(known.table, piece.cells, piece.places, set(mapping.sources))
            chunk = conformer.chunk(derive(piece.cells), piece.places, piece.rejects, piece.raw_of,
                                    read=piece.read, size=piece.bytes_read)  # fmt: skip
            found = found.filter(pl.col("position").is_in(chunk.records["position"].implode()))
            chunk = replace(chunk, rejects=pl.concat([chunk.rejects, found]))
            yield _versioned(chunk, known.table) if known.table in {"person", "death"} else chunk

    def _passed_over(self) -> Chunk:
        """The whole table as one record that no shared table holds; its rows are not read."""
        row = (1, 1, 0, self.laid.known.table, "no-shared-table", True, b"")
        rejects = pl.DataFrame([row], schema=REJECTS, orient="row")
        return Chunk(1, pl.DataFrame(schema=RECORDS), {}, rejects, self.laid.path.stat().st_size)


def _spent(name: str, table: str) -> bool:
    """Whether the field is told in full by what is made of it: a source code, a date beside its time."""
    code = sources_of(table).get("code", ("",))[0]
    return name in {*SPENT, code} or (name.endswith("_date") and f"{name}time" in cdm()[table])


def _versioned(chunk: Chunk, table: str) -> Chunk:
    """PERSON and DEATH say parts of the same row: neither takes away what the other says."""
    rows = chunk.tables.get("patient")
    if rows is None:
        return chunk
    key = "person|" + rows["source_pk"]
    cleared = (
        _cleared(rows) if table == "person" else pl.Series([None], dtype=pl.String()).new_from_index(0, rows.height)
    )
    versions = pl.DataFrame({"position": rows["source_position"], "key": key, "cleared": cleared}).with_columns(
        at=pl.lit(None, pl.Datetime("us")), how=pl.lit(None, pl.String())
    )
    records = chunk.records
    if table == "death":
        records = records.with_columns(pl.col("key").str.replace("person|", "death|", literal=True))
    return replace(chunk, records=records, versions=versions.select(VERSIONS.names()).cast(VERSIONS))


def _cleared(rows: pl.DataFrame) -> pl.Series:
    """What a person's record leaves empty is empty now; when somebody died is for DEATH to say."""
    own = [name for name in TABLES["patient"].columns if name not in COMMON and name != "death_time"]
    empty = [pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in own]
    said = rows.select(pl.concat_str(empty, separator=",", ignore_nulls=True)).to_series()
    return said.replace("", None)


def _rejected(piece: Rows) -> Chunk:
    """Every record of a piece as one that no shared table holds."""
    frame = piece.places.with_columns(
        column=pl.lit(""), reason=pl.lit("no-shared-table"), whole=pl.lit(True),
        raw=pl.Series([piece.raw_of(offset, min(length, LONGEST_RAW)) for offset, length
                       in piece.places.select("offset", "length").rows()], dtype=pl.Binary()),
    )  # fmt: skip
    rejects = pl.concat([piece.rejects, frame.select(REJECTS.names()).cast(REJECTS)])
    return Chunk(piece.read, pl.DataFrame(schema=RECORDS), {}, rejects, piece.bytes_read)

"""Parquet read a batch of rows at a time, every value as text; what the rows mean is not decided here.

A row has no bytes of its own: its offset counts the rows before it, its length is 0, and its text is made again as CSV.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.chunk import REJECTS
from connectors.delimited.rows import Rows
from connectors.errors import Unreadable

MAGIC = b"PAR1"
AT_ONCE = 16_384
SMALLEST = 12  # both marks and the length of the footer
LARGEST_GROUP = 8 << 30  # bytes that one row group says it has when unpacked
WIDEST = 10_000


_WRITER = re.compile(r"[\w .()/+-]{0,60}")  # what a program is called; a damaged footer holds more


@dataclass(frozen=True)
class Sheet:
    """What the footer says: names of columns, their types as people call them, rows and row groups."""

    header: tuple[str, ...]
    types: tuple[str, ...]
    rows: int
    groups: int
    made_by: str


@dataclass(frozen=True)
class ParquetRows(Rows):
    """A piece of a Parquet file; `raw_of` takes a row's number in the file, from 0."""

    def raw_of(self, offset: int, length: int) -> bytes:  # noqa: ARG002 - the same call as for bytes
        """The row as CSV text."""
        return as_csv(self.cells.row(offset - self.offset))


def is_parquet(path: Path) -> bool:
    """Whether the file begins with the mark of Parquet."""
    try:
        with path.open("rb") as file:
            return file.read(4) == MAGIC
    except OSError:
        return False


def sheet(path: Path) -> Sheet:
    """The footer. Raises Unreadable where it is damaged or claims what cannot be."""
    with _opened(path) as file:
        return _sheet(path, file)


def rows(path: Path) -> Iterator[Rows]:
    """Every row in order, in memory bounded by a batch. Raises Unreadable where the file breaks off."""
    with _opened(path) as file:
        header, done = _sheet(path, file).header, 0
        for batch in file.iter_batches(AT_ONCE, use_threads=False):
            yield _piece(batch, header, done)
            done += batch.num_rows
    if not done:
        yield ParquetRows(0, pl.DataFrame(schema=dict.fromkeys(header, pl.String())), _places(0, []), _none(), 0)


def row_text(path: Path, number: int) -> bytes:
    """One row as CSV text, by its number from 0; empty where there is none. Raises Unreadable."""
    for piece in rows(path):
        if piece.offset <= number < piece.offset + piece.read:
            return piece.raw_of(number, 0)
    return b""


def as_csv(cells: Sequence[Any]) -> bytes:
    """Cells as one line of CSV, without its end."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue().encode()


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        if path.stat().st_size < SMALLEST:
            raise Unreadable(f"{path.name} is cut off: it has no footer. Copy it again.", "truncated")
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, ValueError, OverflowError, MemoryError, EOFError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(
            f"{path.name} is no sound Parquet file ({type(error).__name__}). Copy it again, or export it as CSV.",
            "truncated",
        ) from None
    except OSError as error:
        said = error.strerror or "its content is damaged"
        raise Unreadable(f"{path.name} cannot be read: {said}. Copy it again.", "truncated") from None


def _sheet(path: Path, file: pq.ParquetFile) -> Sheet:
    schema, told = file.schema_arrow, file.metadata
    names = [str(name) for name in schema.names]
    if not names or len(names) > WIDEST or len(set(names)) < len(names):
        raise Unreadable(f"{path.name} has {len(names)} columns, or two of one name. Export it again.")
    if any(told.row_group(at).total_byte_size > LARGEST_GROUP for at in range(told.num_row_groups)):
        raise Unreadable(f"{path.name} claims more than 8 GiB in one row group. Export it in smaller ones.", "too-long")
    return Sheet(tuple(names), tuple(str(each) for each in schema.types), told.num_rows, told.num_row_groups,
                 _written_by(str(told.created_by or "")))  # fmt: skip


def _written_by(said: str) -> str:
    found = _WRITER.match(said)
    return found[0] if found else ""


def _piece(batch: pa.RecordBatch, header: tuple[str, ...], done: int) -> Rows:
    batch.validate(full=True)  # text that is not UTF-8 stops here, not in the middle of what follows
    cells = pl.DataFrame({name: _text(column) for name, column in zip(header, batch.columns, strict=True)})
    hashes = [sha256(line).hexdigest()[:32] for line in map(_marked, cells.iter_rows())]
    return ParquetRows(batch.num_rows, cells, _places(done, hashes), _none(), int(batch.nbytes), offset=done)


def _marked(row: Sequence[str | None]) -> bytes:
    """Cells told apart from each other, and the empty one from the one that is not there."""
    return "\x1f".join("\0" if cell is None else cell for cell in row).encode("utf-8", "surrogatepass")


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECTS)


def _places(done: int, hashes: list[str]) -> pl.DataFrame:
    count = len(hashes)
    at = pl.int_range(done, done + count, dtype=pl.Int64, eager=True)
    return pl.DataFrame(
        {"position": at + 1, "line": at + 1, "offset": at, "length": pl.zeros(count, dtype=pl.Int64, eager=True),
         "hash": pl.Series(hashes, dtype=pl.String)}
    )  # fmt: skip


def _text(column: pa.Array) -> pl.Series:
    """Values as text: whole numbers without a point, days as 2024-03-01, nested values as JSON."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _text(column.dictionary_decode())
    if pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType):
        return pl.Series([_json(value) for value in column.to_pylist()], dtype=pl.String)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pl.Series([_decoded(value) for value in column.to_pylist()], dtype=pl.String)
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("s", kind.tz), safe=False)
    # Arrow writes days that no calendar has as words; other readers stop at them.
    return pl.Series(pl.from_arrow(column.cast(pa.string())))


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _decoded(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", errors="backslashreplace")

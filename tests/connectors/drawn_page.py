"""Front pages drawn for tests: a record of HQMS v2 by column, the file it stands in, and what is read of it."""

from datetime import datetime
from pathlib import Path

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.kinds.delimited import CONNECTOR
from schemas.tables import table

T = datetime  # wall clock of the city


CONTEXT = Context(site="east", batch="b1", file="f" * 16)


V2 = {
    "A01": "456087837440606111A1001",
    "A48": "A123",
    "A49": "1",
    "B12": "2024-03-01 08:30:00",
    "B15": "2024-03-05 10:00:00",
    "A11": "张三",
    "A12C": "1",
    "A13": "1949-12-31",
    "A14": "74",
    "A19C": "1",
    "A21C": "2",
    "A20N": "1",
    "A20": "11010519491231002X",
    "A47": "-",
    "C03C": "B20.000",
    "C04N": "艾滋病",
    "C05C": "1",
    "B34C": "1",
    "D01": "1234.50",
}


def page(
    folder: Path, cells: dict[str, str], *more: dict[str, str], encoding: str = "gb18030", separator: str = ","
) -> Path:
    """A file of one or more records; the header is that of the first."""
    path = folder / "page.csv"
    lines = [separator.join(cells), *(separator.join({**cells, **each}.values()) for each in ({}, *more))]
    path.write_bytes("".join(line + "\r\n" for line in lines).encode(encoding))
    return path


def read(path: Path, profile: str | None = None, mapping: Path | None = None, *, distinct: bool = True) -> Chunk:
    """The one piece of a small file; its rows have exactly the columns of their tables."""
    (chunk,) = CONNECTOR.open(path, profile, mapping).chunks(CONTEXT)
    chunk.check()
    for name, frame in chunk.tables.items():
        assert frame.schema == table(name).schema()
        assert not distinct or frame["record_id"].is_unique().all()
        assert set(frame["source_position"]) <= set(chunk.records["position"])
    return chunk


def rows(chunk: Chunk, name: str, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a shared table, in order of record id."""
    return chunk.tables[name].sort("record_id").select(columns).rows()


def rejected(chunk: Chunk) -> list[tuple[int, str, str]]:
    """Position, column and reason."""
    return sorted(chunk.rejects.select("position", "column", "reason").rows())

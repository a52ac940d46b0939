"""A dBase table of 20 columns in GB18030: ours through to shared tables on disk, beside dbfread, which gives dicts.

Run as `python -m tests.bench.dbf [--rows 60000] [--rounds 2]`. dbfread keeps and types what it reads, record by
record, and writes nothing. Cells are compared before times are.
"""

import argparse
import datetime as dt
import os
import tempfile
import time
from pathlib import Path

from tests.bench.measure import call, side_by_side, table
from tests.bench.sheet_rows import COLUMNS, mapping, visits
from tests.connectors.drawn_dbf import dbf

WIDTHS = (10, 8, 12, 2, 10, 19, 4, 12, 8, 20, 3, 3, 6, 6, 6, 10, 12, 30, 4, 4)
FIELDS = [(name, "N" if 10 <= place <= 15 else "C", width) for place, (name, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True))]  # fmt: skip


def write(path: Path, height: int) -> None:
    """The table as an old hospital system leaves it."""
    dbf(path, FIELDS, [[_cell(value) for value in row] for row in visits(height)])
    with path.open("r+b") as content:  # numbers have decimals where they are measured
        for place in range(12, 16):
            content.seek(32 + 32 * place + 17)
            content.write(b"\x02")


def _cell(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, dt.datetime) else str(value)


def theirs(path: str) -> dict[str, float]:
    """dbfread, record after record."""
    from dbfread import DBF

    started = time.perf_counter()
    read = sum(len(record) == len(COLUMNS) for record in DBF(path, encoding="gb18030"))
    return {"read": read, "seconds": time.perf_counter() - started}


def text(path: str) -> dict[str, float]:
    """Ours, to frames of strings with places and hashes."""
    from connectors.dbf.layout import look
    from connectors.dbf.rows import rows

    started = time.perf_counter()
    read = sum(piece.read for piece in rows(Path(path), look(Path(path))))
    return {"read": read, "seconds": time.perf_counter() - started}


def compare(path: Path) -> str:
    """Whether our text of every cell says what dbfread's value says."""
    from dbfread import DBF

    from connectors.dbf.layout import look
    from connectors.dbf.rows import rows

    ours = (row for piece in rows(path, look(path)) for row in piece.cells.rows())
    for line, (mine, other) in enumerate(zip(ours, DBF(path, encoding="gb18030"), strict=True), 1):
        for text, value in zip(mine, other.values(), strict=True):
            if (float(text) != value) if isinstance(value, int | float) else ((text or "") != value):
                return f"record {line} differs"
    return "equal"


def main() -> None:
    """Make the table, compare cells, then measure in turns and print the ratio."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=60_000)
    asked.add_argument("--rounds", type=int, default=2)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-dbf-") as scratch:
        folder = Path(scratch)
        path = folder / "visits.dbf"
        write(path, options.rows)
        print(f"cells of {options.rows} records compared: {compare(path)}")
        mine = (path, mapping(folder), folder / "ours")
        runs = side_by_side({
            "ours to rows of text": call("tests.bench.dbf", "text", path),
            "dbfread to dicts": call("tests.bench.dbf", "theirs", path),
            "ours to shared tables on disk": call("tests.bench.sheet_rows", "conformed", "dbf", *mine),
        }, options.rounds)  # fmt: skip
        print(table(runs, "dbfread to dicts", path.stat().st_size / 1e6))
        best = {name: min(run.result["seconds"] for run in each) for name, each in runs.items()}  # type: ignore[index]
        for name, seconds in best.items():
            ratio = best["dbfread to dicts"] / seconds
            print(f"\n{name}: {options.rows / seconds:,.0f} records/s without imports, {ratio:.1f}x dbfread")


if __name__ == "__main__":
    main()

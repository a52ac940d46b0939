"""A sheet of 20 columns: ours to rows of text, and on to shared tables on disk, beside openpyxl.

Run as `python -m tests.bench.workbook [--rows 60000] [--rounds 1] [--sample 5000]`. openpyxl reads a sheet of the
first `sample` rows in read-only mode and keeps nothing; its time is counted by the row. python-calamine, which gives
lists of the whole sheet, stands beside. Cells are compared before times are.
"""

import argparse
import datetime as dt
import os
import tempfile
import time
from pathlib import Path

from tests.bench.measure import call, median, side_by_side, table
from tests.bench.sheet_rows import COLUMNS, mapping, visits


def write(path: Path, height: int) -> None:
    """The workbook as xlsxwriter writes it, with shared strings."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        page, days = book.add_worksheet("门诊"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        page.write_row(0, 0, COLUMNS)
        for line, row in enumerate(visits(height), 1):
            for place, value in enumerate(row):
                if isinstance(value, dt.datetime):
                    page.write_datetime(line, place, value, days)
                elif isinstance(value, str):
                    page.write_string(line, place, value)
                else:
                    page.write_number(line, place, value)


def cells(path: str) -> dict[str, float]:
    """Ours, to frames of strings only."""
    from connectors.workbook import forms

    started = time.perf_counter()
    [part] = forms.parts(Path(path))
    read = sum(len(grid.lines) for grid in forms.grids(Path(path), part))
    return {"read": read - 1, "seconds": time.perf_counter() - started}


def openpyxl(path: str) -> dict[str, float]:
    """openpyxl in read-only mode, every cell looked at."""
    from openpyxl import load_workbook

    started = time.perf_counter()
    page = load_workbook(path, read_only=True, data_only=True).worksheets[0]
    read = sum(len(row) == len(COLUMNS) for row in page.iter_rows(values_only=True))
    return {"read": read - 1, "seconds": time.perf_counter() - started}


def calamine(path: str) -> dict[str, float]:
    """python-calamine to lists of Python values, all at once."""
    import python_calamine

    started = time.perf_counter()
    page = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    return {"read": len(page.to_python()) - 1, "seconds": time.perf_counter() - started}


def compare(path: Path) -> str:
    """Whether our text of every cell is that of openpyxl's value."""
    from openpyxl import load_workbook

    from connectors.workbook import forms

    [part] = forms.parts(path)
    ours = (row for grid in forms.grids(path, part) for row in grid.cells.rows())
    theirs = load_workbook(path, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
    for line, (mine, other) in enumerate(zip(ours, theirs, strict=True), 1):
        if [cell or None for cell in mine] != [_text(cell) for cell in other]:
            return f"row {line} differs"
    return "equal"


def _text(value: object) -> str | None:
    if isinstance(value, dt.datetime):
        value = value.replace(microsecond=0) + dt.timedelta(seconds=round(value.microsecond / 1e6))
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00")
    return None if value is None else str(value) or None


def main() -> None:
    """Make the sheets, compare cells, then measure in turns and print rows a second and ratios."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=60_000)
    asked.add_argument("--sample", type=int, default=5_000)
    asked.add_argument("--rounds", type=int, default=1)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-workbook-") as scratch:
        folder = Path(scratch)
        whole, some = folder / "whole.xlsx", folder / "some.xlsx"
        write(whole, options.rows)
        write(some, options.sample)
        print(f"cells of {options.sample} rows compared: {compare(some)}")
        mine = (whole, mapping(folder), folder / "ours")
        runs = side_by_side({
            f"openpyxl read-only, {options.sample} rows": call("tests.bench.workbook", "openpyxl", some),
            "python-calamine to lists": call("tests.bench.workbook", "calamine", whole),
            "ours to rows of text": call("tests.bench.workbook", "cells", whole),
            "ours to shared tables on disk": call("tests.bench.sheet_rows", "conformed", "workbook", *mine),
        }, options.rounds)  # fmt: skip
        print(table(runs, next(iter(runs))))
        rates = {name: max(run.result["read"] / run.result["seconds"] for run in each) for name, each in runs.items()}  # type: ignore[index]
        base = next(iter(rates.values()))
        for name, rate in rates.items():
            print(
                f"\n{name}: {rate:,.0f} rows/s, {rate / base:.1f}x openpyxl, peak {median(runs[name], 'peak_mb'):.0f} MB"
            )


if __name__ == "__main__":
    main()

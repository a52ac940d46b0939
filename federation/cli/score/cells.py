"""`guantong score cells`: the single cells of a table that contradict the rest of it, and which side is likely wrong.

Shows line and column; values only to whoever asks with --raw.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.output import Json, answer, show_json

if TYPE_CHECKING:
    import polars as pl

SHOWN = 50
WHY = {"dependency": "contradicts 矛盾", "slip": "misspelled 拼写", "shape": "unusual shape 形式异常"}


def cells(
    file: Annotated[Path, typer.Argument(help="A table as delimited text. 分隔符文本")],
    dependencies: Annotated[
        Path | None,
        typer.Option("--dependencies", help="TOML: which columns decide which; found where not given. 依赖"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many cells, the surest first.")] = SHOWN,
    raw: Annotated[bool, typer.Option("--raw", help="Show the values and what was expected. 显示原值")] = False,
    as_json: Json = False,
) -> None:
    """Find single cells that are likely wrong, and what was meant.  查找可疑单元格"""
    from federation.errors import Usage
    from federation.quality.cells.dependency import declared, found
    from federation.quality.cells.doubt import doubts

    if not file.is_file():
        raise Usage(f"There is no file {file}. Check the path.")
    rows, lines = _read(file)
    chosen = declared(dependencies, rows.columns) if dependencies else found(rows)
    told = doubts(rows, chosen).sort("odds", descending=True, maintain_order=True)
    shown = _shown(told.head(limit), rows, lines, raw)
    if as_json:
        show_json({"rows": rows.height, "columns": rows.width, "dependencies": [str(each) for each in chosen],
                   "in_doubt": told.height, "cells": shown.to_dicts()})  # fmt: skip
        return
    _show(
        shown,
        f"{told.height} of {rows.height * rows.width:,} cells in doubt 可疑单元格; {len(chosen)} dependencies 依赖",
    )


def _read(file: Path) -> "tuple[pl.DataFrame, pl.Series]":
    """The cells (all String, null where empty) and the line of each row; records that cannot be read are left out."""
    import polars as pl

    from connectors.delimited.layout import look
    from connectors.delimited.rows import rows

    layout, _ = look(file)
    pieces = [piece for piece in rows(file, layout) if piece.cells.width]
    schema = dict.fromkeys(layout.header, pl.String())
    read = pl.concat([pl.DataFrame(schema=schema), *(piece.cells for piece in pieces)])
    lines = pl.concat([pl.Series(dtype=pl.Int64()), *(piece.places["line"] for piece in pieces)])
    return read.with_columns(pl.all().str.strip_chars().replace("", None)), lines


def _shown(told: "pl.DataFrame", rows: "pl.DataFrame", lines: "pl.Series", raw: bool) -> "pl.DataFrame":
    import polars as pl

    here = told.with_columns(pl.Series("line", lines.gather(told["row"]))).select(
        "line", "column", "because", pl.col("odds").round(2), "row", "expected"
    )
    if not raw:
        return here.drop("row", "expected")
    values = [rows[column][row] for row, column in here.select("row", "column").iter_rows()]
    return here.drop("row").with_columns(pl.Series("value", values, pl.String())).select(
        "line", "column", "because", "odds", "value", "expected"
    )  # fmt: skip


def _show(shown: "pl.DataFrame", title: str) -> None:
    from rich.table import Table

    headings = {"line": "line\n行", "column": "column\n列", "because": "why\n原因", "odds": "odds\n把握",
                "value": "value\n原值", "expected": "expected\n应为"}  # fmt: skip
    table = Table(box=None, pad_edge=False)
    for name in shown.columns:
        table.add_column(headings[name], overflow="fold")
    for row in shown.iter_rows(named=True):
        because = ", ".join(WHY[why] for why in row["because"].split("+"))
        table.add_row(*(because if name == "because" else str(row[name] or "") for name in shown.columns))
    answer.print(title, markup=False, soft_wrap=True)
    answer.print(table, markup=False)

"""`guantong demo`: a made-up city goes the whole way from raw exports to a pool that can be asked, and is drawn."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from federation.cli.clock import now
from federation.cli.output import Json, answer, show_json, talk


def command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where city, home and report go.")] = Path(
        "demo-city"
    ),
    persons: Annotated[int, typer.Option("--persons", min=1, help="How many people live in the city.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another city.")] = 2026,
    as_json: Json = False,
) -> None:
    """Make a city, run the whole chain on it, and draw the report. Run again, it adds nothing.  示范城市跑通全流程"""
    from federation.cli.bar import bar
    from federation.demo.chain import run

    with bar() as progress:
        done = run(folder, seed, persons, progress, now)
    if as_json:
        show_json(done.as_dict())
        return
    _show(done.table)
    for line in done.lines:
        answer.print(line, markup=False, soft_wrap=True)
    talk.print(f"Look at {done.report}", markup=False, soft_wrap=True)
    talk.print(f"Ask on, e.g.: guantong score --home {quote(str(folder / 'home'))}", markup=False, soft_wrap=True)


def _show(rows: list[dict[str, object]]) -> None:
    from rich.table import Table

    table = Table(*(str(name) for name in rows[0]))
    for column in table.columns[2:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()))
    answer.print(table)

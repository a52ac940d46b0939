"""`guantong query`: one SELECT, for a purpose, answered in counts and means; small cells stay hidden."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.clock import now
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.centre.query import Answer, Plan


def command(
    sql: Annotated[str, typer.Argument(help="One SELECT over shared tables: counts, sums and means by group.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why you ask: a code of HL7 PurposeOfUse, e.g. PUBHLTH.")],
    recipient: Annotated[str, typer.Option("--as", help="The organisation that asks.")] = "city-centre",
    explain: Annotated[bool, typer.Option("--explain", help="Show what would be run, and run nothing.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Ask the pool one SELECT; small cells stay hidden.  查询，小单元格不显示"""
    from federation.centre.query import Asked, ask
    from federation.centre.query import explain as explained

    asked = Asked(sql, purpose, recipient, now())
    if explain:
        _show_plan(explained(home, asked), json)
        return
    told = ask(Path(home), asked)
    if json:
        show_json(told.document())
    else:
        _show(told)


def _show(told: "Answer") -> None:
    from rich.table import Table

    table = Table(*map(str, told.cells.column_names))
    for row in told.document()["rows"]:
        table.add_row(*("" if value is None else str(value) for value in row))
    answer.print(table, markup=False)
    answer.print(told.note, markup=False)
    for caveat in told.caveats:
        answer.print(caveat, markup=False)
    covered = told.coverage
    answer.print(f"Sites in: {', '.join(covered.inside)}. Months: {' to '.join(covered.months or ('none',))}.")
    _show_outside(covered.outside)
    versions = ", ".join(f"{name} {version}" for name, version in told.snapshot.items())
    answer.print(f"Pool versions: {versions}. Ledger entry: {told.ledger}.", markup=False)


def _show_plan(plan: "Plan", json: bool) -> None:
    if json:
        document: dict[str, Any] = {"sql": plan.queries[0], "snapshot": dict(plan.snapshot), "k": plan.rules.k}
        show_json({**document, "coverage": vars(plan.coverage)})
        return
    answer.print(plan.queries[0], markup=False, soft_wrap=True)
    answer.print(f"Sites in: {', '.join(plan.coverage.inside)}.", markup=False)
    _show_outside(plan.coverage.outside)


def _show_outside(outside: Any) -> None:
    for site, reasons in outside.items():
        answer.print(f"Left out: {site}: {'; '.join(reasons)}.", markup=False)

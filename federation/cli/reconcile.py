"""`guantong reconcile`: counts journal, files, pool and ledger apart and compares. Fails where two of them differ."""

from typing import Annotated

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json


def command(
    home: Home = HOME,
    site: Annotated[str | None, typer.Option(help="One site only. 机构")] = None,
    as_json: Json = False,
) -> None:
    """Prove that no record was lost or doubled.  核对条数"""
    from federation.node.home import open_home
    from federation.node.journal import batches
    from federation.node.reconcile import reconcile

    opened = open_home(home)
    with opened.engine.connect() as connection:
        recorded = batches(connection, site)
    lines = reconcile(opened, site)
    wrong = [line for line in lines if not line.agrees]
    if as_json:
        show_json(
            {
                "balanced": not wrong,
                "compared": len(lines),
                "batches": [vars(batch) for batch in recorded],
                "differences": [vars(line) for line in wrong],
            }
        )
    else:
        for batch in recorded:
            answer.print(
                f"{batch.site} {batch.id}  read {batch.read} = accepted {batch.accepted} + rejected "
                f"{batch.rejected} + duplicate {batch.duplicate}",
                markup=False,
                soft_wrap=True,
            )
        for line in wrong:
            answer.print(
                f"DIFFERS {line.site} {line.batch}  {line.what}: expected {line.expected}, found {line.found}",
                markup=False,
                soft_wrap=True,
            )
        answer.print(f"{len(lines)} comparisons in {len(recorded)} batches, {len(wrong)} differ.", markup=False)
    if wrong:
        raise typer.Exit(1)

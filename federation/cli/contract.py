"""`guantong contract`: sign, list, show and end what a site allows. Each act stands in the ledger."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.clock import now
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.broker.contracts import Signed

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Sign, show and end what a site allows.  数字合约",
)
Id = Annotated[str, typer.Argument(metavar="ID", help="The contract's id.")]


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(help="The contract, a TOML file.")], home: Home = HOME, json: Json = False
) -> None:
    """Sign a contract: from now on it counts in every decision."""
    from federation.broker.contracts import sign as signing
    from federation.broker.home import registry
    from federation.broker.recording import recording
    from federation.broker.site import find_site
    from federation.consent.contract import read

    contract, text = read(file)
    with recording(registry(home), home) as ledger:
        find_site(ledger.connection, contract.site)
        signed = signing(ledger, contract, text, now())
    _say(signed, "signed", json)


@app.command()
def end(contract: Id, home: Home = HOME, json: Json = False) -> None:
    """End a contract: the next question no longer counts on it."""
    from federation.broker.contracts import end as ending
    from federation.broker.home import registry
    from federation.broker.recording import recording

    with recording(registry(home), home) as ledger:
        ended = ending(ledger, contract, now())
    _say(ended, "ended", json)


@app.command()
def show(contract: Id, home: Home = HOME, json: Json = False) -> None:
    """Show a contract word for word as it was signed."""
    from federation.broker.contracts import find
    from federation.broker.home import registry

    with registry(home).connect() as connection:
        signed = find(connection, contract)
    if json:
        show_json(_document(signed))
    else:
        answer.print(signed.text, markup=False, end="")


@app.command("list")
def list_(home: Home = HOME, json: Json = False) -> None:
    """Show every contract that was ever signed."""
    from federation.broker.contracts import all_contracts
    from federation.broker.home import registry

    with registry(home).connect() as connection:
        signed = all_contracts(connection)
    if json:
        show_json({"contracts": [_document(one) for one in signed]})
        return
    from rich.table import Table

    table = Table("contract", "site", "effect", "tables", "purposes", "from", "until", "ended")
    for one in signed:
        it = one.contract
        words = (it.id, it.site, it.effect, ", ".join(it.tables), ", ".join(it.purposes))
        table.add_row(*words, str(it.since), str(it.until), one.ended_at or "")
    answer.print(table)


def _document(signed: "Signed") -> dict[str, Any]:
    known = {"sha256": signed.sha256, "signed_at": signed.signed_at, "ended_at": signed.ended_at}
    return {**signed.contract.model_dump(by_alias=True), **known}


def _say(signed: "Signed", done: str, json: bool) -> None:
    if json:
        show_json(_document(signed))
    else:
        answer.print(f"Contract {signed.contract.id} of {signed.contract.site} is {done}.", markup=False)

"""`guantong ledger`: show, verify and prove the record of everything that happened."""

from typing import Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Show and verify the record of everything that happened.  台账",
)


@app.command()
def show(
    last: Annotated[int, typer.Option(min=1, help="How many of the newest entries.")] = 50,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Show the newest entries."""
    from federation.broker.home import registry
    from federation.broker.ledger import Ledger

    with registry(home).connect() as connection:
        ledger = Ledger(connection)
        size = ledger.checkpoint().size
        entries = list(ledger.entries(after=max(0, size - last)))
    if json:
        listed = [{"seq": one.seq, "at": one.at, "kind": one.kind, "body": one.document} for one in entries]
        show_json({"size": size, "entries": listed})
        return
    for one in entries:
        answer.print(f"{one.seq}  {one.at}  {one.kind}  {one.body}", markup=False, soft_wrap=True)


@app.command()
def verify(home: Home = HOME, json: Json = False) -> None:
    """Recompute every hash; exit 1 where anything was changed, removed, moved or put in."""
    from federation.broker.home import registry
    from federation.broker.recording import CHECKPOINT, read_checkpoint
    from federation.broker.verify import verify as verifying
    from federation.errors import Tampered

    known = read_checkpoint(home / CHECKPOINT)
    with registry(home).connect() as connection:
        verdict = verifying(connection, known)
    if json:
        found: dict[str, Any] = {"size": verdict.size, "root": verdict.root.hex(), "problems": verdict.problems}
        show_json({"intact": verdict.intact, "checked_against": verdict.checked_against, **found})
    elif verdict.intact:
        answer.print(
            f"{verdict.size} entries, all as recorded. Root {verdict.root.hex()}.", markup=False, soft_wrap=True
        )
    if not verdict.intact:
        raise Tampered("The ledger is not what was recorded: " + "; ".join(verdict.problems) + ".")


@app.command()
def prove(
    seq: Annotated[int, typer.Argument(help="The entry's number.", min=1)], home: Home = HOME, json: Json = False
) -> None:
    """Prove that an entry is in the ledger: its leaf, the path, and the root (RFC 6962)."""
    from federation.broker.home import registry
    from federation.broker.ledger import Ledger
    from federation.broker.merkle import inclusion

    with registry(home).connect() as connection:
        ledger = Ledger(connection)
        entry, head, leaves = ledger.entry(seq), ledger.checkpoint(), ledger.leaves()
    path = [node.hex() for node in inclusion(leaves, seq - 1)]
    proof = {"seq": seq, "leaf": entry.leaf.hex(), "size": head.size, "root": head.root.hex(), "path": path}
    if json:
        show_json(proof)
        return
    for name, value in proof.items():
        answer.print(f"{name}: {' '.join(value) if isinstance(value, list) else value}", markup=False, soft_wrap=True)

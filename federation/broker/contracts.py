"""The contracts that were signed, word for word, and those that have ended, each with its entry in the ledger.

A stored contract is never changed: it ends, and another one is signed. One that the ledger does not know is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, Connection, String, Table, insert, select, update

from federation.broker.database import METADATA
from federation.broker.ledger import LEDGER, Entry, Ledger
from federation.consent.contract import Contract, parse
from federation.errors import Tampered, Usage

CONTRACTS = Table(
    "contracts",
    METADATA,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("text", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("signed_at", String, nullable=False),
    Column("ended_at", String),
)
SIGNED, ENDED = "contract.signed", "contract.ended"


@dataclass(frozen=True)
class Signed:
    """A signed contract: its text as signed, the SHA-256 of it (hex), and when it was signed and ended (ISO 8601)."""

    contract: Contract
    text: str
    sha256: str
    signed_at: str
    ended_at: str | None

    @property
    def active(self) -> bool:
        """Whether nobody ended it; its own dates are judged when a request is decided."""
        return self.ended_at is None


def sign(ledger: Ledger, contract: Contract, text: str, at: datetime) -> Signed:
    """Stores a contract with its text and records it; raises Usage where the id was signed before."""
    if ledger.connection.execute(select(CONTRACTS.c.id).where(CONTRACTS.c.id == contract.id)).first():
        raise Usage(f"Contract {contract.id} is signed already. End it, and sign the new one under an id of its own.")
    signed = Signed(contract, text, digest(text), at.isoformat(), None)
    row = {
        "id": contract.id,
        "site": contract.site,
        "text": text,
        "sha256": signed.sha256,
        "signed_at": signed.signed_at,
    }
    ledger.connection.execute(insert(CONTRACTS).values(row))
    _record(ledger, SIGNED, signed, at)
    return signed


def end(ledger: Ledger, contract_id: str, at: datetime) -> Signed:
    """Ends a contract for every later question and records it; raises Usage where it is unknown or has ended."""
    if not find(ledger.connection, contract_id).active:
        raise Usage(f"Contract {contract_id} has ended already.")
    ended = update(CONTRACTS).where(CONTRACTS.c.id == contract_id).values(ended_at=at.isoformat())
    ledger.connection.execute(ended)
    signed = find(ledger.connection, contract_id)
    _record(ledger, ENDED, signed, at)
    return signed


def _record(ledger: Ledger, kind: str, signed: Signed, at: datetime) -> None:
    ledger.append(kind, {"id": signed.contract.id, "site": signed.contract.site, "sha256": signed.sha256}, at)


def find(connection: Connection, contract_id: str) -> Signed:
    """The contract of this id; raises Usage where none was signed."""
    for signed in all_contracts(connection):
        if signed.contract.id == contract_id:
            return signed
    raise Usage(f"No contract {contract_id} was signed. `guantong contract list` shows those that were.")


def all_contracts(connection: Connection) -> list[Signed]:
    """Every contract ever signed, by id; raises Tampered where a stored text is not the one that was signed."""
    rows = connection.execute(select(CONTRACTS).order_by(CONTRACTS.c.id)).mappings()
    return [_signed(dict(row)) for row in rows]


def active_contracts(connection: Connection) -> list[Contract]:
    """The contracts that nobody ended: what `decide` takes. Raises Tampered where the ledger says otherwise."""
    if problems := unrecorded(connection):
        raise Tampered(f"The registry was changed: {'; '.join(problems)}. Nothing is allowed until it is mended.")
    return [signed.contract for signed in all_contracts(connection) if signed.active]


def unrecorded(connection: Connection) -> list[str]:
    """Where the stored contracts are not what the ledger recorded: changed, put in, taken out, or ended no more."""
    stored = {row.id: (row.sha256, row.ended_at is not None) for row in connection.execute(select(CONTRACTS))}
    recorded = _recorded(connection)
    return [
        f"contract {name} is not what the ledger recorded"
        for name in sorted(stored.keys() | recorded.keys())
        if stored.get(name) != recorded.get(name)
    ]


def _recorded(connection: Connection) -> Mapping[str, tuple[str, bool]]:
    """Contract -> its digest and whether it has ended, from the entries that are as they were written."""
    told = select(LEDGER).where(LEDGER.c.kind.in_([SIGNED, ENDED])).order_by(LEDGER.c.seq)
    entries = [entry for row in connection.execute(told) if (entry := Entry(*row)).rehashed() == entry.leaf]
    return {entry.document["id"]: (entry.document["sha256"], entry.kind == ENDED) for entry in entries}


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, hex: what the ledger keeps of a contract."""
    return sha256(text.encode()).hexdigest()


def _signed(row: dict[str, str]) -> Signed:
    if digest(row["text"]) != row["sha256"]:
        raise Tampered(f"Contract {row['id']} is not the text that was signed. Nothing is allowed until it is mended.")
    contract = parse(row["text"], f"contract {row['id']}")
    return Signed(contract, row["text"], row["sha256"], row["signed_at"], row["ended_at"])

"""The contracts that were signed, word for word, and those that have ended. Signing is recorded by the caller.

A stored contract is never changed: it ends, and another one is signed.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, Connection, String, Table, insert, select, update

from federation.broker.database import METADATA
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


def sign(connection: Connection, contract: Contract, text: str, at: datetime) -> Signed:
    """Stores a contract with its text; raises Usage where the id was signed before."""
    if connection.execute(select(CONTRACTS.c.id).where(CONTRACTS.c.id == contract.id)).first():
        raise Usage(f"Contract {contract.id} is signed already. End it, and sign the new one under an id of its own.")
    signed = Signed(contract, text, digest(text), at.isoformat(), None)
    row = {
        "id": contract.id,
        "site": contract.site,
        "text": text,
        "sha256": signed.sha256,
        "signed_at": signed.signed_at,
    }
    connection.execute(insert(CONTRACTS).values(row))
    return signed


def end(connection: Connection, contract_id: str, at: datetime) -> Signed:
    """Ends a contract for every later question; raises Usage where it is unknown or has ended."""
    if not find(connection, contract_id).active:
        raise Usage(f"Contract {contract_id} has ended already.")
    connection.execute(update(CONTRACTS).where(CONTRACTS.c.id == contract_id).values(ended_at=at.isoformat()))
    return find(connection, contract_id)


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
    """The contracts that nobody ended: what `decide` takes."""
    return [signed.contract for signed in all_contracts(connection) if signed.active]


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, hex: what the ledger keeps of a contract."""
    return sha256(text.encode()).hexdigest()


def _signed(row: dict[str, str]) -> Signed:
    if digest(row["text"]) != row["sha256"]:
        raise Tampered(f"Contract {row['id']} is not the text that was signed. Nothing is allowed until it is mended.")
    contract = parse(row["text"], f"contract {row['id']}")
    return Signed(contract, row["text"], row["sha256"], row["signed_at"], row["ended_at"])

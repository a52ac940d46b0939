"""Is the person key the one that this home's tokens were made with? Asked before anything is read or compared.

Tokens of two keys never meet: a pool made with both would count one person as two, and nobody could tell.
"""

import json

from sqlalchemy import select

from federation.broker.ledger import LEDGER
from federation.errors import Tampered
from federation.node.home import Home


def must_be_the_key(home: Home) -> None:
    """Raises Tampered where the last ingest that the ledger knows was made with another key."""
    latest = select(LEDGER.c.body).where(LEDGER.c.kind == "ingest").order_by(LEDGER.c.seq.desc()).limit(1)
    with home.engine.connect() as connection:
        body = connection.execute(latest).scalar()
    if body is not None and json.loads(body)["key"] != home.tokens.mark:
        raise Tampered(
            f"{home.path / 'keys' / 'person.key'} is not the key that this home's tokens were made with. "
            "Restore it from a backup; nothing was read."
        )

"""Which columns of a table a site lets into the city's pool: those that some contract lets somebody ask for.

What each asker may then see is decided again at every question, for its own purpose and recipient.
"""

from collections.abc import Iterable
from datetime import date

from federation.consent.contract import Contract
from federation.consent.decide import decide
from federation.consent.request import Decision, Request
from schemas.tables import table as shared


def to_pool(site: str, table: str, contracts: Iterable[Contract], as_of: date) -> Decision:
    """The union of all that the site's contracts grant of `table` today, over every purpose and recipient they name.

    `decision.columns` is empty where nothing of the table may leave; `reasons` then says why.
    """
    own = tuple(contract for contract in contracts if contract.site == site)
    columns = tuple(shared(table).leaving())
    pairs = sorted({(p, r) for one in own if one.effect == "allow" for p in one.purposes for r in one.recipients})
    answers = [decide(Request(site, table, columns, purpose, to), own, as_of) for purpose, to in pairs]
    granted = {name for answer in answers for name in answer.columns}
    by = tuple(sorted({one for answer in answers for one in answer.contracts}))
    reasons = tuple(f"granted by contract {one}" for one in by) or tuple(
        dict.fromkeys(reason for answer in answers for reason in answer.reasons)
    )
    refused = {name: "no contract covers it" for name in columns if name not in granted}
    asked = Request(site, table, columns, "any purpose of a contract", "city pool")
    nothing = (f"no contract of {site} covers `{table}` on {as_of}",)
    return Decision(asked, tuple(name for name in columns if name in granted), refused, reasons or nothing, by)

"""The institutions that hold data. A site is registered before anything of it is read or asked for.

Holds no key and no contract.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict
from sqlalchemy import Column, Connection, String, Table, select
from sqlalchemy.dialects.sqlite import insert

from federation.broker.database import METADATA
from federation.broker.ledger import Ledger
from federation.errors import Usage

Tier = Literal["tertiary", "secondary", "primary", "public_health", "unknown"]
TIERS: tuple[str, ...] = get_args(Tier)
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

SITES = Table(
    "sites",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("name_zh", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("level", String, nullable=False),
    Column("region", String, nullable=False),
)


def site_id(text: str) -> str:
    """The text itself where it can be a site's id: letters, digits, `.`, `_`, `-`, at most 64 of them."""
    if not ID.fullmatch(text):
        raise ValueError("a site's id has letters, digits, `.`, `_` and `-` only, and starts with a letter or digit")
    return text


class Site(BaseModel):
    """An institution. `tier` is its place in the three-tier system, `level` as the NHC grades it (e.g. `3A`)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    id: Annotated[str, AfterValidator(site_id)]
    name: str
    name_zh: str = ""
    tier: Tier = "unknown"
    level: str = ""
    region: str = ""


def add_sites(connection: Connection, sites: Sequence[Site]) -> list[Site]:
    """Stores the sites, replacing those of the same id; returns those that are new or differ from what was known."""
    known = {site.id: site for site in all_sites(connection)}
    changed = [site for site in sites if known.get(site.id) != site]
    for site in changed:
        words: dict[str, Any] = site.model_dump()
        connection.execute(insert(SITES).values(words).on_conflict_do_update(index_elements=["id"], set_=words))
    return changed


def register(ledger: Ledger, sites: Sequence[Site], at: datetime) -> list[Site]:
    """Stores the sites and records each that is new or differs, in the caller's transaction; returns those."""
    changed = add_sites(ledger.connection, sites)
    for site in changed:
        ledger.append("site", site.model_dump(), at)
    return changed


def all_sites(connection: Connection) -> list[Site]:
    """Every registered site, by id."""
    return [Site(**row) for row in connection.execute(select(SITES).order_by(SITES.c.id)).mappings()]


def find_site(connection: Connection, site: str) -> Site:
    """The registered site; raises Usage where nobody registered it."""
    row = connection.execute(select(SITES).where(SITES.c.id == site)).mappings().first()
    if row is None:
        raise Usage(
            f"No site `{site}` is registered. Register it with `guantong site add {site} --tier ... --name ...`."
        )
    return Site(**row)

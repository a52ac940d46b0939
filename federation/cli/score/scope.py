"""What the verbs of `guantong score` are asked about, as it is written: a scheme, a month, a day, one site or all."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from federation.node.home import Home
    from federation.node.journal import BatchRow


def scheme_of(name: str) -> str:
    """The scheme of that name; raises Usage where there is none."""
    from federation.errors import Usage
    from federation.quality.kind import SCHEMES

    if name not in SCHEMES:
        raise Usage(f"There is no dimension scheme `{name}`. Use one of {', '.join(SCHEMES)}.")
    return name


def month_named(text: str) -> date:
    """The first day of a month written YYYY-MM; raises Usage."""
    from federation.errors import Usage

    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) or text < "0002":
        raise Usage("A month is written YYYY-MM, e.g. 2025-03.")
    return date.fromisoformat(f"{text}-01")


def day_named(text: str) -> date:
    """A day written YYYY-MM-DD; raises Usage."""
    from federation.errors import Usage

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage("A day is written YYYY-MM-DD, e.g. 2026-03-01.") from None


def batches_and_sites(home: "Home", site: str | None) -> "tuple[Sequence[BatchRow], list[str]]":
    """The recorded batches of one site, or of all, and the sites asked about, with those that sent nothing."""
    from federation.broker.site import all_sites, find_site
    from federation.node.journal import batches

    with home.engine.connect() as connection:
        recorded = batches(connection, site)
        sites = [find_site(connection, site).id] if site else [each.id for each in all_sites(connection)]
    return recorded, sites


def tables_named(name: str | None) -> list[str]:
    """The shared table of that name, or all of them; raises NoSuchTable."""
    from schemas.tables import TABLES, table

    return list(TABLES) if name is None else [table(name).name]


def nothing_of(sites: Sequence[str], there: Iterable[str]) -> str:
    """A line that names the sites asked about of which there is nothing to show; empty where there is none."""
    known = set(there)
    away = [site for site in sites if site not in known]
    return f"No evidence 无证据: {', '.join(away)}" if away else ""

"""The mandates of a home: TOML files in its folder `mandates`. Only reads.

One that cannot be read stops whoever asks: what is asked of sites by law is never left out unseen.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from federation.consent.mandate import Mandate, read
from federation.errors import BadInput
from federation.node.home import Home
from federation.quality.due import DUES

FOLDER = "mandates"


def mandates_of(home: Home) -> tuple[Mandate, ...]:
    """All of them, by file name; raises BadInput that names the file and what to mend."""
    found: dict[str, tuple[str, Mandate]] = {}
    for path in sorted((home.path / FOLDER).glob("*.toml")):
        mandate = read(path)
        if mandate.id in found:
            raise BadInput(f"{path.name} has the id `{mandate.id}` of {found[mandate.id][0]}. Give each its own id.")
        found[mandate.id] = (path.name, mandate)
    return tuple(mandate for _, mandate in found.values())


def dues_of(mandates: Sequence[Mandate], tiers: Mapping[str, str], day: date) -> pl.DataFrame:
    """Columns DUES: what each site (id -> tier) owes of the months up to that of the day."""
    rows = [
        (task.mandate, task.site, task.table, task.month, task.due)
        for mandate in mandates
        for site, tier in tiers.items()
        for task in mandate.tasks(site, tier, day)
    ]
    return pl.DataFrame(rows, schema=DUES, orient="row")

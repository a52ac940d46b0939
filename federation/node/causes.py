"""The likely causes of what fails at one site: its standing rows asked again. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

import polars as pl

from federation.node.gone import came
from federation.node.home import Home
from federation.node.journal import BatchRow, files
from federation.node.refused_cells import with_refused
from federation.node.site_rows import site_rows
from federation.quality.causes.cause import Causes, causes
from federation.quality.check import Check
from federation.quality.explain import explain, explained

CAUSE = "cause"  # place of the cause among those of its check, from 1; null for rows of none


@dataclass(frozen=True)
class SiteCauses:
    """What fails at a site and why; `files` says the name of each file by its mark, without its folders."""

    site: str
    causes: tuple[Causes, ...]
    tables: dict[str, pl.LazyFrame]
    day: date
    files: dict[str, str]

    def rows(self, of: Causes, limit: int, values: bool = False, month: date | None = None) -> pl.DataFrame:
        """At most `limit` failing rows of each cause of a check, and of none; columns EXPLAINED and CAUSE.

        `values` adds the checked cells (VALUES) and what was meant (MEANT): only for the owner of the rows.
        """
        parts = [pl.DataFrame(schema={**explained(values), CAUSE: pl.Int64()})]
        for place in range(len(of.found) + (1 if of.unexplained > 0 else 0)):
            number = place + 1 if place < len(of.found) else None
            rows = self.rows_of(of, place, limit, values, month)
            parts.append(rows.with_columns(pl.lit(number, pl.Int64()).alias(CAUSE)))
        return pl.concat(parts)

    def rows_of(
        self, of: Causes, place: int, limit: int, values: bool = False, month: date | None = None
    ) -> pl.DataFrame:
        """At most `limit` failing rows of the cause at that place, from 0; behind the last one, those of none."""
        return explain(self.tables, [of.check], self.day, limit, values, month, of.among(place))


def site_causes(
    home: Home, site: str, recorded: Sequence[BatchRow], checks: Sequence[Check], month: date | None = None
) -> SiteCauses:
    """Causes of those of the checks that fail; `recorded` are the site's batches, at least one.

    Shapes of texts are named to the owner of the home alone.
    """
    folders = came(home, list(recorded))
    tables, day = site_rows(folders), folders[-1].day
    with home.engine.connect() as connection:
        named = {row.file: PurePath(row.path).name for row in files(connection, site)}
    beside = with_refused(tables, folders, home.is_mine)
    return SiteCauses(site, tuple(causes(beside, checks, day, home.is_mine, month)), beside, day, named)

"""Whether a column's values moved: this month against the site's own past, and against its peers of the same tier.

Values of coded columns are counted by month and added up like other states; a change is shown, never called an error.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from federation.quality.frame import Tables
from schemas.tables import TABLES

BINS = pl.Schema(
    {
        "org_code": pl.String(),
        "month": pl.Date(),
        "table": pl.String(),
        "column": pl.String(),
        "bin": pl.String(),  # the code; empty where the cell is
        "rows": pl.Int64(),
    }
)
SHIFTS = pl.Schema(
    {
        "org_code": pl.String(),
        "month": pl.Date(),
        "table": pl.String(),
        "column": pl.String(),
        "against": pl.String(),  # PAST or PEERS
        "rows": pl.Int64(),
        "compared": pl.Int64(),  # rows it is compared with
        "psi": pl.Float64(),
        "variation": pl.Float64(),  # total variation, 0 to 1: the share of rows that would have to move
        "moved": pl.Boolean(),
    }
)
PAST, PEERS = "own past", "peers"
LEAST = 100  # rows on either side; fewer move by chance
MONTHS = 12  # of the past
PSI, VARIATION = 0.25, 0.10  # the usual mark of a population that changed, and a tenth of the rows
SCOPE = ["org_code", "month", "table", "column"]


def count_bins(tables: Tables) -> pl.DataFrame:
    """Columns BINS of every coded column of the rows in `tables` that are dated."""
    parts = [_counted(rows, name) for name, rows in tables.items() if TABLES[name].when is not None]
    return merge_bins(part for of_table in parts for part in of_table)


def merge_bins(states: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The sum of states, in one order whatever theirs was."""
    every = pl.concat([pl.DataFrame(schema=BINS), *states])
    return every.group_by([*SCOPE, "bin"]).agg(pl.col("rows").sum()).filter(pl.col("rows") != 0).sort([*SCOPE, "bin"])


def _counted(rows: pl.LazyFrame, name: str) -> list[pl.DataFrame]:
    table, here = TABLES[name], set(rows.collect_schema())
    coded = [column.name for column in table.columns.values() if column.codes and column.name in here]
    standing = rows.filter(~pl.col("deleted").fill_null(value=False) & pl.col(table.when or "").is_not_null())
    month = pl.col(table.when or "").cast(pl.Date).dt.truncate("1mo").alias("month")
    plans = [
        standing.select(
            "org_code", month, pl.lit(name).alias("table"), pl.lit(column).alias("column"),
            pl.col(column).cast(pl.String).fill_null("").alias("bin"),
        )
        .group_by([*SCOPE, "bin"])
        .agg(pl.len().cast(pl.Int64).alias("rows"))
        for column in coded
    ]  # fmt: skip
    return pl.collect_all(plans, engine="streaming")


def shifts(bins: pl.DataFrame, tiers: Mapping[str, str]) -> pl.DataFrame:
    """Columns SHIFTS, for every site, month and column with enough rows on both sides, the largest first.

    `tiers` gives each site's tier; a site without one has no peers. A tier needs another site with rows in the month.
    """
    tier = pl.col("org_code").replace_strict(dict(tiers), default=None, return_dtype=pl.String)
    known = bins.with_columns(tier.alias("tier"))
    found = [_compared(bins, _past(bins), PAST), _compared(bins, _peers(known), PEERS)]
    return pl.concat(found).sort("psi", *SCOPE, "against", descending=[True, *[False] * 5])


def _past(bins: pl.DataFrame) -> pl.DataFrame:
    """For each month of a scope, the rows of the months before it, by bin."""
    months = bins.select(SCOPE).unique()
    on = ["org_code", "table", "column"]
    pairs = months.join(bins.rename({"month": "earlier"}), on=on)
    before = (pl.col("earlier") < pl.col("month")) & (pl.col("earlier") >= pl.col("month").dt.offset_by(f"-{MONTHS}mo"))
    return pairs.filter(before).group_by([*SCOPE, "bin"]).agg(pl.col("rows").sum().alias("then"))


def _peers(bins: pl.DataFrame) -> pl.DataFrame:
    """For each scope, the rows of all other sites of its tier in the same month, by bin."""
    of_tier = bins.drop_nulls("tier")
    on = ["tier", "month", "table", "column"]
    asking = of_tier.select("org_code", *on).unique()
    pairs = asking.join(of_tier.rename({"org_code": "peer"}), on=on).filter(pl.col("peer") != pl.col("org_code"))
    return pairs.group_by([*SCOPE, "bin"]).agg(pl.col("rows").sum().alias("then"))


def _compared(bins: pl.DataFrame, then: pl.DataFrame, against: str) -> pl.DataFrame:
    beside = bins.join(then, on=[*SCOPE, "bin"], how="full", coalesce=True).with_columns(
        pl.col("rows", "then").fill_null(0)
    )
    whole = beside.with_columns(
        pl.col("rows").sum().over(SCOPE).alias("all"), pl.col("then").sum().over(SCOPE).alias("all then"),
        pl.len().over(SCOPE).alias("bins"),
    ).filter((pl.col("all") >= LEAST) & (pl.col("all then") >= LEAST))  # fmt: skip
    # Half a row in each bin, so that a code seen on one side only is a large shift and not an infinite one.
    now = (pl.col("rows") + 0.5) / (pl.col("all") + 0.5 * pl.col("bins"))
    once = (pl.col("then") + 0.5) / (pl.col("all then") + 0.5 * pl.col("bins"))
    apart = (pl.col("rows") / pl.col("all") - pl.col("then") / pl.col("all then")).abs()
    summed = whole.group_by(SCOPE).agg(
        pl.lit(against).alias("against"),
        pl.col("all").first().alias("rows"),
        pl.col("all then").first().alias("compared"),
        ((now - once) * (now / once).log()).sum().alias("psi"),
        (apart.sum() / 2).alias("variation"),
    )
    moved = (pl.col("psi") > PSI) & (pl.col("variation") > VARIATION)
    return summed.with_columns(moved.alias("moved")).select(SHIFTS.names()).cast(SHIFTS)

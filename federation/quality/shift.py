"""Whether a column's values moved: this month against the site's own past, and against its peers of the same tier.

Values of coded columns are counted by month and added up like other states; a change is shown, never called an error.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from federation.quality.frame import Tables
from schemas.table import COMMON
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
MOVES = pl.Schema(
    {
        "org_code": pl.String(),
        "month": pl.Date(),
        "table": pl.String(),
        "column": pl.String(),
        "against": pl.String(),
        "bin": pl.String(),
        "rows": pl.Int64(),
        "of": pl.Int64(),  # rows of all bins
        "share_then": pl.Float64(),
        "compared": pl.Int64(),
        "change": pl.Float64(),  # of the share, -1 to 1
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
    own = [column for column in table.columns.values() if column.name not in COMMON]  # not what conforming filled in
    coded = [column.name for column in own if column.codes and column.name in here]
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


def shifts(bins: pl.DataFrame, tiers: Mapping[str, str], fewest: int = 1) -> pl.DataFrame:
    """Columns SHIFTS, for every site, month and column with enough rows on both sides, the largest first.

    `tiers` gives each site's tier; a site without one has no peers. A tier needs `fewest` other sites with enough rows
    of the column in the month; what is usual there is their middle, so that neither the largest nor an odd one decides.
    """
    found = [_compared(beside, against) for against, beside in _both(bins, tiers, fewest).items()]
    return pl.concat(found).sort("psi", *SCOPE, "against", descending=[True, *[False] * 5])


def moves(bins: pl.DataFrame, tiers: Mapping[str, str], fewest: int = 1) -> pl.DataFrame:
    """Columns MOVES: what `shifts` are made of, value by value, the ones that moved most first."""
    parts = [
        beside.with_columns(pl.lit(against).alias("against"), (pl.col("share") - pl.col("share_then")).alias("change"))
        for against, beside in _both(bins, tiers, fewest).items()
    ]
    made = pl.concat(parts).select(MOVES.names()).cast(MOVES)
    return made.sort(pl.col("change").abs(), *SCOPE, "against", "bin", descending=[True, *[False] * 6])


def _both(bins: pl.DataFrame, tiers: Mapping[str, str], fewest: int) -> dict[str, pl.DataFrame]:
    """Each bin's share now and then, where both scopes have enough rows; a scope has all bins of either side."""
    of = pl.col("rows").sum().over(SCOPE).alias("of")
    now = bins.with_columns(of).filter(pl.col("of") >= LEAST)
    tier = pl.col("org_code").replace_strict(dict(tiers), default=None, return_dtype=pl.String)
    known = now.with_columns(tier.alias("tier")).drop_nulls("tier")
    return {PAST: _beside(now, _past(bins, now)), PEERS: _beside(now, _peers(known, fewest))}


def _past(bins: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """For each scope of `now` the months before it: shares by bin, and how many rows they are of."""
    later = pl.concat(bins.with_columns(pl.col("month").dt.offset_by(f"{back}mo")) for back in range(1, MONTHS + 1))
    asked = later.join(now.select(SCOPE).unique(), on=SCOPE, how="semi")
    then = asked.group_by([*SCOPE, "bin"]).agg(pl.col("rows").sum())
    counted = then.with_columns(pl.col("rows").sum().over(SCOPE).alias("compared"))
    return counted.select(*SCOPE, "bin", "compared", (pl.col("rows") / pl.col("compared")).alias("share_then"))


def _peers(now: pl.DataFrame, fewest: int) -> pl.DataFrame:
    """For each scope the middle of the shares that the other sites of its tier have in the month, and their rows."""
    group = ["tier", "month", "table", "column"]
    scopes = now.select("org_code", *group, "of").unique()
    sites = scopes.with_columns(
        (pl.len().over(group) - 1).alias("others"), (pl.col("of").sum().over(group) - pl.col("of")).alias("compared")
    ).filter(pl.col("others") >= fewest)
    shares = sites.join(now.select(*group, "bin").unique(), on=group).join(
        now.select(*SCOPE, "bin", (pl.col("rows") / pl.col("of")).alias("share")), on=[*SCOPE, "bin"], how="left"
    )
    ordered = shares.with_columns(pl.col("share").fill_null(0.0)).sort(*group, "bin", "share", "org_code")
    placed = ordered.with_columns(pl.int_range(pl.len()).over([*group, "bin"]).alias("place"))
    lists = placed.group_by([*group, "bin"]).agg(pl.col("share").alias("all shares"))
    middle = (_without_own((pl.col("others") - 1) // 2) + _without_own(pl.col("others") // 2)) / 2
    found = placed.join(lists, on=[*group, "bin"]).select(*SCOPE, "bin", "compared", middle.alias("middle"))
    summed = found.with_columns(pl.col("middle").sum().over(SCOPE).alias("sum")).filter(pl.col("sum") > 0)
    return summed.select(*SCOPE, "bin", "compared", (pl.col("middle") / pl.col("sum")).alias("share_then"))


def _without_own(place: pl.Expr) -> pl.Expr:
    """The share at a place among the others', in order: of all shares in order, a site's own is passed over."""
    return pl.col("all shares").list.get(place + (place >= pl.col("place")).cast(pl.Int64))


def _beside(now: pl.DataFrame, then: pl.DataFrame) -> pl.DataFrame:
    enough = then.filter(pl.col("compared") >= LEAST)
    scopes = now.select(*SCOPE, "of").unique().join(enough.select(*SCOPE, "compared").unique(), on=SCOPE)
    either = pl.concat([now.select(*SCOPE, "bin"), enough.select(*SCOPE, "bin")]).unique()
    beside = (
        scopes.join(either, on=SCOPE)
        .join(now.select(*SCOPE, "bin", "rows"), on=[*SCOPE, "bin"], how="left")
        .join(enough.select(*SCOPE, "bin", "share_then"), on=[*SCOPE, "bin"], how="left")
        .with_columns(pl.col("rows").fill_null(0), pl.col("share_then").fill_null(0.0))
    )
    return beside.with_columns((pl.col("rows") / pl.col("of")).alias("share"), pl.len().over(SCOPE).alias("bins"))


def _compared(beside: pl.DataFrame, against: str) -> pl.DataFrame:
    # Half a row in each bin, so that a code seen on one side only is a large shift and not an infinite one.
    now = (pl.col("rows") + 0.5) / (pl.col("of") + 0.5 * pl.col("bins"))
    once = (pl.col("share_then") * pl.col("compared") + 0.5) / (pl.col("compared") + 0.5 * pl.col("bins"))
    summed = beside.group_by(SCOPE).agg(
        pl.lit(against).alias("against"),
        pl.col("of").first().alias("rows"),
        pl.col("compared").first(),
        ((now - once) * (now / once).log()).sum().alias("psi"),
        ((pl.col("share") - pl.col("share_then")).abs().sum() / 2).alias("variation"),
    )
    moved = (pl.col("psi") > PSI) & (pl.col("variation") > VARIATION)
    return summed.with_columns(moved.alias("moved")).select(SHIFTS.names()).cast(SHIFTS)

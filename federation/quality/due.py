"""What is owed by a day, and what had come by then: rows in time of rows, first arrival, complete since, days late.

Pure. Whoever owes what is handed in as rows; arrivals are those of the counts kept with batches.
"""

from datetime import date
from enum import StrEnum

import polars as pl

from federation.quality.arrival import ARRIVALS

DUES = pl.Schema(
    {
        "mandate": pl.String(),
        "org_code": pl.String(),
        "table": pl.String(),
        "month": pl.Date(),
        "due": pl.Date(),  # the last day in time
    }
)
DELIVERIES = pl.Schema(
    DUES
    | {
        "rows": pl.Int64(),  # that stand now
        "in_time": pl.Int64(),  # of them, those that had come by the end of the day due
        "first": pl.Date(),  # day of the first; null where nothing came
        "complete": pl.Date(),  # since when COMPLETE of the rows that stand now had come
        "days_late": pl.Int64(),  # of completeness after the day due, 0 where in time; of nothing, up to now
        "usual": pl.Float64(),  # the middle of the three months before; null where the site never sent the table
        "state": pl.String(),  # a State
        "short": pl.Boolean(),  # due, and fewer than half of what is usual
    }
)
COMPLETE = 0.95  # of the rows that stand now: a late correction of one row does not make a month late
SHORT = 0.5  # of what is usual
USUAL = 3  # months that say how many rows are usual
TASK = DUES.names()
SCOPE = ["org_code", "table", "month"]


class State(StrEnum):
    """How it stands with what is due."""

    IN_TIME = "in time"
    LATE = "late"
    ABSENT = "absent"
    OPEN = "not due yet"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {"in time": "按时", "late": "迟报", "absent": "缺报", "not due yet": "未到期"}[self.value]


def usual(rows: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """Columns SCOPE and `usual` for each of the scopes whose site ever sent the table: the middle of USUAL months.

    `rows` has the columns SCOPE and `rows`; a month without a row of its own counts as none.
    """
    sent = scopes.select(SCOPE).unique().join(rows.select("org_code", "table").unique(), on=["org_code", "table"])
    back = pl.DataFrame({"back": range(1, USUAL + 1)})
    earlier = sent.join(back, how="cross").with_columns(
        pl.col("month").dt.offset_by(pl.format("-{}mo", "back")).alias("then")
    )
    then = rows.select("org_code", "table", pl.col("month").alias("then"), pl.col("rows").alias("rows then"))
    held = earlier.join(then, on=["org_code", "table", "then"], how="left")
    return held.group_by(SCOPE).agg(pl.col("rows then").fill_null(0).median().alias("usual"))


def deliveries(arrivals: pl.DataFrame, dues: pl.DataFrame, day: date) -> pl.DataFrame:
    """Columns DELIVERIES, one row per row of `dues` in its order; `arrivals` has the columns ARRIVALS.

    `day` is the day as of which is asked: what came later is not known yet, what is due later is not late.
    """
    known = arrivals.filter(pl.col("day") <= day)
    wanted = dues.with_row_index("place")
    days = known.group_by([*SCOPE, "day"]).agg(pl.col("rows").sum()).sort([*SCOPE, "day"])
    stand = days.with_columns(
        pl.col("rows").cum_sum().over(SCOPE).alias("so far"), pl.col("rows").sum().over(SCOPE).alias("all")
    )
    beside = wanted.select("place", *SCOPE, "due").join(stand.drop("rows"), on=SCOPE)
    so_far, whole = pl.col("so far"), pl.col("all")
    by_due = so_far.filter(pl.col("day") <= pl.col("due")).last().fill_null(0)
    came = beside.sort("place", "day").group_by("place", maintain_order=True).agg(
        whole.first().clip(0).alias("rows"),
        pl.min_horizontal(by_due, whole.first()).clip(0).alias("in_time"),
        pl.col("day").filter(so_far > 0).first().alias("first"),
        pl.col("day").filter((so_far >= COMPLETE * whole) & (whole > 0)).first().alias("complete"),
    )  # fmt: skip
    told = wanted.join(came, on="place", how="left").join(usual(_standing(known), dues), on=SCOPE, how="left")
    filled = told.with_columns(pl.col("rows", "in_time").fill_null(0))
    return _judged(filled, day).sort("place").select(DELIVERIES.names()).cast(DELIVERIES)


def _judged(told: pl.DataFrame, day: date) -> pl.DataFrame:
    now, due, rows = pl.lit(day), pl.col("due"), pl.col("rows")
    over = now > due
    late_since = pl.when(rows > 0).then(pl.col("complete")).otherwise(now)
    state = (
        pl.when(rows == 0)
        .then(pl.when(over).then(pl.lit(State.ABSENT)).otherwise(pl.lit(State.OPEN)))
        .when(pl.col("complete") > due)
        .then(pl.lit(State.LATE))
        .otherwise(pl.when(over).then(pl.lit(State.IN_TIME)).otherwise(pl.lit(State.OPEN)))
    )
    short = over & (rows > 0) & (rows < SHORT * pl.col("usual")).fill_null(value=False)
    days = (late_since - due).dt.total_days().clip(0)
    return told.with_columns(state.cast(pl.String).alias("state"), days.alias("days_late"), short.alias("short"))


def _standing(arrivals: pl.DataFrame) -> pl.DataFrame:
    """Rows that stand now, by SCOPE; columns SCOPE and `rows`."""
    return arrivals.select(ARRIVALS.names()).group_by(SCOPE).agg(pl.col("rows").sum().clip(0))

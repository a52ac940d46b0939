"""How often each check was asked and failed, per site and month: one streaming pass over each frame.

The counts are states: adding them up for shards, batches or months gives what one pass over everything would have.
Only answers that depend on other rows (uniqueness, references) see no further than the tables handed in; a batch's
states are therefore the change it makes in those of its site, and may be negative.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from itertools import groupby

import polars as pl

from federation.quality.check import Check
from federation.quality.frame import AS_OF, Frame, Tables
from federation.quality.library import all_checks
from federation.quality.need import Need

STATES = pl.Schema(
    {
        "org_code": pl.String(),
        "month": pl.Date(),  # first of the month; null where the rows are not dated
        "table": pl.String(),
        "check": pl.String(),
        "asked": pl.Int64(),
        "failed": pl.Int64(),
    }
)
ROWS_AT_ONCE = 20_000  # of four million fee rows this pass held 0.65 GB, where Polars' own choice held 1.0
ORG = pl.col("org_code")
SCOPE = ["org_code", "month"]
NAMES = ["org_code", "month", "table", "check"]


def count(tables: Mapping[str, pl.LazyFrame], as_of: date, checks: Iterable[Check] | None = None) -> pl.DataFrame:
    """States (columns STATES) of the rows in `tables`; a check that no row of a scope was asked has no row there.

    `as_of` is the day on which rows without a column AS_OF of their own are judged. Checks of columns that a table does
    not carry (a pool holds no clear names) are not asked. Without `checks`, the whole library.
    """
    chosen = all_checks() if checks is None else checks
    return merge(
        _long(wide, able) for wide, able in tallies(tables, as_of, chosen, lambda frame: [ORG, month_of(frame)])
    )


def merge(states: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The sum of states, in one order whatever theirs was; what comes to nothing is left out."""
    parts = [pl.DataFrame(schema=STATES), *(part.select(STATES.names()) for part in states)]
    return (
        pl.concat(parts)
        .group_by(NAMES)
        .agg(pl.col("asked", "failed").sum())
        .filter((pl.col("asked") != 0) | (pl.col("failed") != 0))
        .sort(NAMES)
    )


def by_check(states: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Site and check -> how often asked and failed, over all months."""
    summed = states.group_by("org_code", "check").agg(pl.col("asked", "failed").sum())
    return {(site, check): (asked, failed) for site, check, asked, failed in summed.iter_rows()}


def answerable(checks: Sequence[Check], tables: Tables, as_of: date) -> tuple[pl.LazyFrame, list[Check]]:
    """The rows of the checks' frame with what they need beside them, and those checks that these rows can answer."""
    rows = _rows(checks[0].frame, tables, as_of)
    able = _able(checks, rows)
    for need in _needs(able):
        rows = need.told(rows, tables).onto(rows, need.name)
    return rows, able


def _rows(frame: Frame, tables: Tables, as_of: date) -> pl.LazyFrame:
    rows = frame.rows(tables)
    dated = AS_OF in rows.collect_schema()
    return rows if dated else rows.with_columns(pl.lit(as_of, dtype=pl.Date).alias(AS_OF))


def _able(checks: Iterable[Check], rows: pl.LazyFrame) -> list[Check]:
    here = set(rows.collect_schema())
    return [each for each in checks if here.issuperset(each.columns)]


def _needs(checks: Iterable[Check]) -> list[Need]:
    return list(dict.fromkeys(need for each in checks for need in each.needs))


def tally(rows: pl.LazyFrame, checks: Sequence[Check], by: Sequence[pl.Expr]) -> pl.DataFrame:
    """One row per group of `by`, with the columns `asked:<check>` and `failed:<check>` (UInt32).

    Grouped boolean sums are streamed: in memory the same plan took 12.7 GB for 5 million rows.
    """
    asked = rows.select(*by, *(each.right.alias(each.id) for each in checks))
    wanted = [column for each in checks for column in _sums(each.id)]
    names = [each.meta.output_name() for each in by]
    grouped = asked.group_by(names).agg(wanted) if names else asked.select(wanted)
    with pl.Config(streaming_chunk_size=ROWS_AT_ONCE):
        return grouped.collect(engine="streaming")


def _sums(check: str) -> tuple[pl.Expr, pl.Expr]:
    answer = pl.col(check)
    return answer.count().alias(f"asked:{check}"), answer.not_().sum().alias(f"failed:{check}")


def passes_of(checks: Iterable[Check]) -> list[list[Check]]:
    """The checks that are counted together: those of one frame, but those that need other rows in passes of their own.

    A join for one check would carry every column of all the others along; alone it reads two or three columns.
    """
    return [list(together) for _, together in groupby(sorted(checks, key=_pass), key=_pass)]


def _pass(check: Check) -> tuple[str, str]:
    return check.frame.name, ", ".join(need.name for need in check.needs)


def tallies(
    tables: Tables, as_of: date, checks: Iterable[Check], by: Callable[[Frame], Sequence[pl.Expr]]
) -> Iterator[tuple[pl.DataFrame, list[Check]]]:
    """What `tally` gives, with the checks it is of, pass by pass; `by` says the groups of a frame's rows."""
    for frame, passes in groupby(passes_of(checks), key=lambda checks: checks[0].frame):
        if frame.table.name in tables:
            for rows, able in _passes(list(passes), _rows(frame, tables, as_of), tables):
                yield tally(rows, able, by(frame)), able


def _passes(
    passes: Sequence[Sequence[Check]], rows: pl.LazyFrame, tables: Tables
) -> Iterator[tuple[pl.LazyFrame, list[Check]]]:
    """The rows of each pass with what its checks need; what takes no join goes along in the last one after all."""
    together, able = rows, list[Check]()
    for checks in passes:
        some = _able(checks, rows)
        told = {need.name: need.told(rows, tables) for need in _needs(some)}
        if any(each.beside is not None for each in told.values()):
            yield reduce(lambda so_far, name: told[name].onto(so_far, name), told, rows), some
        else:
            together, able = together.with_columns(each.answer.alias(name) for name, each in told.items()), able + some
    yield together, able


def month_of(frame: Frame) -> pl.Expr:
    """The month a row counts in: its first day, by the table's `when`; null for tables without a date."""
    when = frame.table.when
    dated = pl.lit(None, dtype=pl.Date) if when is None else pl.col(when).cast(pl.Date).dt.truncate("1mo")
    return dated.alias("month")


def _long(wide: pl.DataFrame, checks: Sequence[Check]) -> pl.DataFrame:
    """One row per group and check (of one table), without those nobody asked."""
    if not checks:
        return pl.DataFrame(schema=STATES)
    asked, failed = (
        wide.select(
            *SCOPE, pl.col(f"{what}:{each.id}" for each in checks).cast(pl.Int64).name.replace("^[a-z]*:", "")
        ).unpivot(index=SCOPE, variable_name="check", value_name=what)
        for what in ("asked", "failed")
    )
    told = asked.with_columns(failed["failed"], pl.lit(checks[0].table).alias("table"))
    return told.filter(pl.col("asked") > 0).select(STATES.names())

"""Which code goes with which name or unit at a site, how often, and which side of a contradiction is likely wrong.

Pairs are counted once and added up like other states; no row and no person is in them. They stay at the site.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from federation.quality.ask import said
from federation.quality.frame import Tables

PAIRS = pl.Schema(
    {
        "org_code": pl.String(),
        "table": pl.String(),
        "of": pl.String(),  # columns that decide, with ` + `
        "decides": pl.String(),
        "key": pl.String(),  # values of `of`, with ` + `
        "value": pl.String(),
        "rows": pl.Int64(),
    }
)
CULPRITS = pl.Schema(
    PAIRS
    | {
        "side": pl.String(),  # `value`: of `decides`; `key`: of `of`
        "expected": pl.String(),  # of that side
        "odds": pl.Float64(),  # natural logarithm; the higher the surer
    }
)
CONTRADICTIONS = pl.Schema(
    {
        "org_code": pl.String(),
        "table": pl.String(),
        "of": pl.String(),
        "decides": pl.String(),
        "asked": pl.Int64(),  # rows where both sides say something
        "failed": pl.Int64(),  # rows of CULPRITS
        "of_key": pl.Int64(),  # those of them whose key is likely wrong; the others' value is
    }
)
AND = " + "
FEWEST = 5  # rows of the most frequent value; fewer cannot tell which is wrong
MOSTLY = 0.8  # share of a key's rows that agree, so that the others are likely wrong
NAMES = ["org_code", "table", "of", "decides", "key", "value"]


@dataclass(frozen=True)
class Pair:
    """Columns `of` of a shared table that decide its column `decides`."""

    table: str
    of: tuple[str, ...]
    decides: str


DECLARED = (
    Pair("condition", ("code_system", "code_version", "code"), "display"),
    Pair("procedure", ("code_version", "code"), "display"),
    Pair("observation", ("item_system", "item_code"), "item_name"),
    Pair("observation", ("item_system", "item_code"), "unit"),
    Pair("observation", ("item_system", "item_code"), "specimen_code"),
    Pair("medication", ("drug_code_system", "drug_code"), "drug_name"),
    Pair("cost", ("item_code",), "item_name"),
    Pair("document", ("doc_type_code",), "template_oid"),
)


def count_pairs(tables: Tables, declared: Iterable[Pair] = DECLARED) -> pl.DataFrame:
    """Columns PAIRS of the rows in `tables`; rows where one side is empty or `-` are left out."""
    return merge_pairs(_counted(tables, each) for each in declared if each.table in tables)


def merge_pairs(states: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The sum of states, in one order whatever theirs was; counts taken back may leave nothing of a pair."""
    every = pl.concat([pl.DataFrame(schema=PAIRS), *states])
    return every.group_by(NAMES).agg(pl.col("rows").sum()).filter(pl.col("rows") != 0).sort(NAMES)


def _counted(tables: Tables, pair: Pair) -> pl.DataFrame:
    rows = tables[pair.table]
    if not {*pair.of, pair.decides} <= set(rows.collect_schema()):
        return pl.DataFrame(schema=PAIRS)
    told = pl.all_horizontal(said(name) for name in (pair.of[-1], pair.decides))
    standing = rows.filter(told & ~pl.col("deleted").fill_null(value=False))
    shown = standing.select(
        "org_code",
        pl.lit(pair.table).alias("table"),
        pl.lit(AND.join(pair.of)).alias("of"),
        pl.lit(pair.decides).alias("decides"),
        pl.concat_str([pl.col(name).fill_null("") for name in pair.of], separator=AND).alias("key"),
        pl.col(pair.decides).str.strip_chars().alias("value"),
    )
    return shown.group_by(NAMES).agg(pl.len().cast(pl.Int64).alias("rows")).collect(engine="streaming")


def culprits(pairs: pl.DataFrame) -> pl.DataFrame:
    """Columns CULPRITS: pairs that contradict what their key nearly always goes with, the surest first.

    The value is likely wrong; but where that value nearly always goes with one other key, the key is.
    """
    scope = NAMES[:4]
    by_key, by_value = _usual(pairs, [*scope, "key"], "value"), _usual(pairs, [*scope, "value"], "key")
    odd = pairs.join(by_key, on=[*scope, "key"]).filter(pl.col("value") != pl.col("usual value"))
    beside = odd.join(by_value, on=[*scope, "value"], how="left")
    of_key = pl.col("usual key").is_not_null() & (pl.col("usual key") != pl.col("key"))
    times = pl.when(of_key).then("times of key").otherwise("times of value")
    found = beside.with_columns(
        pl.when(of_key).then(pl.lit("key")).otherwise(pl.lit("value")).alias("side"),
        pl.when(of_key).then("usual key").otherwise("usual value").alias("expected"),
        ((times + 0.5) / (pl.col("rows") + 0.5)).log().alias("odds"),
    )
    return found.select(CULPRITS.names()).sort("odds", *NAMES, descending=[True, *[False] * len(NAMES)])


def contradictions(pairs: pl.DataFrame) -> pl.DataFrame:
    """Columns CONTRADICTIONS: how many rows of a site contradict, of how many, without saying which codes or names."""
    scope = NAMES[:4]
    rows = pl.col("rows")
    wrong = culprits(pairs).group_by(scope).agg(
        rows.sum().alias("failed"), rows.filter(pl.col("side") == "key").sum().alias("of_key")
    )  # fmt: skip
    asked = pairs.group_by(scope).agg(rows.sum().alias("asked"))
    beside = asked.join(wrong, on=scope, how="left").with_columns(pl.col("failed", "of_key").fill_null(0))
    return beside.select(CONTRADICTIONS.names()).cast(CONTRADICTIONS).sort(scope)


def _usual(pairs: pl.DataFrame, by: list[str], other: str) -> pl.DataFrame:
    """What nearly always goes with each, and how often."""
    ranked = pairs.sort("rows", other, descending=[True, False]).group_by(by, maintain_order=True)
    most = ranked.agg(
        pl.col(other).first().alias(f"usual {other}"),
        pl.col("rows").first().alias(f"times of {other}"),
        pl.col("rows").sum().alias("all"),
    )
    sure = (pl.col(f"times of {other}") >= FEWEST) & (pl.col(f"times of {other}") >= MOSTLY * pl.col("all"))
    return most.filter(sure).drop("all")

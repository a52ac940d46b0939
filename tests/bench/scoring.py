"""Scoring 5 million visits with 30 checks: ours beside Pointblank's lazy run, DuckDB SQL and four other tools.

    python -m tests.bench.scoring [ROWS]

Counts are compared before times are: the same failures for every check, and the same denominators where a contender
tells any (cuallee counts nulls as failures, defines duplicates otherwise, and cannot ask two columns or tables). Great
Expectations runs once, as it takes minutes. The file is made anew from a fixed seed in a temporary folder.
"""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl

from tests.bench.measure import Run, call, median, side_by_side, table
from tests.bench.scoring_data import WARDS, make

ROUNDS = 3
FROM, TO = date(2019, 1, 1), date(2026, 1, 1)
IN_SET = {
    "gender": ["0", "1", "2", "9"],
    "kind": ["OP", "ER", "IP", "PE"],
    "way": ["1", "2", "3", "4", "5", "9"],
    "route": ["1", "2", "3", "9"],
    "ward": WARDS,
}
NOT_NULL = ["record_id", "person_id", "sbp", "start_time", "phone", "dx"]
RANGE = {
    "age": (0, 120),
    "los": (0, 365),
    "sbp": (50, 300),
    "dbp": (20, 200),
    "glucose": (0.5, 80.0),
    "fee": (0.0, 5e6),
    "weight": (0.2, 650.0),
}
REGEX = {
    "dx": r"^[A-Z]\d{2}(\.[0-9A-Zx]{1,8})?$",
    "op": r"^\d{2}(\.[0-9x]{1,8})?$",
    "phone": r"^1[3-9]\d{9}$",
    "region": r"^[1-8]\d{5}$",
}
UNIQUE = [("record_id",), ("person_id", "start_time")]


def checks() -> "list[object]":
    """The 30 checks as this project writes them."""
    from federation.quality.check import Check
    from federation.quality.frame import frame_of
    from federation.quality.kind import Kind
    from federation.quality.need import Exists, Unique

    frame = frame_of(visit_table())
    written: list[tuple[str, pl.Expr, Kind, tuple[object, ...]]] = [
        *((f"not_null_{name}", pl.col(name).is_not_null(), Kind.FILLED, ()) for name in NOT_NULL),
        *((f"in_set_{name}", pl.col(name).is_in(values), Kind.CODE, ()) for name, values in IN_SET.items()),
        *((f"range_{name}", pl.col(name).is_between(*ends), Kind.ATEMPORAL, ()) for name, ends in RANGE.items()),
        *((f"regex_{name}", pl.col(name).str.contains(shape), Kind.FORMAT, ()) for name, shape in REGEX.items()),
        ("ends_after_start", pl.col("end_time") >= pl.col("start_time"), Kind.TEMPORAL, ()),
        ("reported_after_start", pl.col("report_time") >= pl.col("start_time"), Kind.TEMPORAL, ()),
        ("start_bound", pl.col("start_time").is_between(_start(), _end()), Kind.TEMPORAL, ()),
        ("end_bound", pl.col("end_time").is_between(_start(), _end()), Kind.TEMPORAL, ()),
        ("systolic_above_diastolic", pl.col("sbp") > pl.col("dbp"), Kind.ATEMPORAL, ()),
    ]
    for columns in UNIQUE:
        need = Unique(columns)
        written.append((f"unique_{'_'.join(columns)}", pl.col(need.name), Kind.UNIQUE, (need,)))
    known = Exists("person_id", "patient", "person_id")
    written.append(("person_exists", pl.col(known.name), Kind.REFERENCE, (known,)))
    return [
        Check(id=name, frame=frame, right=right, kind=kind, means=name, zh=name, source="bench", needs=needs)  # type: ignore[arg-type]
        for name, right, kind, needs in written
    ]


def visit_table() -> "type[object]":
    """The table of the file, declared as every shared table is."""
    from tests.bench.scoring_data import Visit

    return Visit


def _start() -> datetime:
    return datetime(FROM.year, FROM.month, FROM.day)


def _end() -> datetime:
    return datetime(TO.year, TO.month, TO.day)


def _tables(folder: str) -> dict[str, pl.LazyFrame]:
    return {
        "visit": pl.scan_parquet(Path(folder) / "visit.parquet"),
        "patient": pl.scan_parquet(Path(folder) / "patient.parquet"),
    }


def totals(folder: str) -> dict[str, list[int]]:
    """Ours, one scope for all rows."""
    from federation.quality.count import tallies

    counts: dict[str, list[int]] = {}
    for tallied, able in tallies(_tables(folder), TO, checks(), lambda _: []):
        counted = tallied.row(0, named=True)
        counts |= {each.id: [counted[f"asked:{each.id}"], counted[f"failed:{each.id}"]] for each in able}
    return counts


def cube(folder: str) -> dict[str, list[int]]:
    """Ours, per site and month: what `guantong ingest` does. Summed here only to be compared."""
    from federation.quality.count import count

    states = count(_tables(folder), TO, checks())
    summed = states.group_by("check").agg(pl.col("asked", "failed").sum())
    return {row["check"]: [row["asked"], row["failed"]] for row in summed.iter_rows(named=True)}


def pointblank(folder: str) -> dict[str, list[int]]:
    """Pointblank on a LazyFrame, nulls passing; no rows extracted, as ours extracts none."""
    import pointblank as pb

    tables = _tables(folder)
    run, names = pb.Validate(tables["visit"]), []

    def add(name: str, step: "pb.Validate") -> "pb.Validate":
        names.append(name)
        return step

    for name in NOT_NULL:
        run = add(f"not_null_{name}", run.col_vals_not_null(name))
    for name, values in IN_SET.items():
        run = add(f"in_set_{name}", run.col_vals_in_set(name, values))
    for name, (low, high) in RANGE.items():
        run = add(f"range_{name}", run.col_vals_between(name, low, high, na_pass=True))
    for name, shape in REGEX.items():
        run = add(f"regex_{name}", run.col_vals_regex(name, shape, na_pass=True))
    run = add("ends_after_start", run.col_vals_ge("end_time", pb.col("start_time"), na_pass=True))
    run = add("reported_after_start", run.col_vals_ge("report_time", pb.col("start_time"), na_pass=True))
    run = add("start_bound", run.col_vals_between("start_time", _start(), _end(), na_pass=True))
    run = add("end_bound", run.col_vals_between("end_time", _start(), _end(), na_pass=True))
    run = add("systolic_above_diastolic", run.col_vals_gt("sbp", pb.col("dbp"), na_pass=True))
    for columns in UNIQUE:
        run = add(f"unique_{'_'.join(columns)}", run.rows_distinct(list(columns)))
    run = add("person_exists", run.col_vals_in_table("person_id", tables["patient"], "person_id"))
    done = run.interrogate(collect_extracts=False)
    asked, failed = done.n(), done.n_failed()
    return {name: [asked[i], failed[i]] for i, name in enumerate(names, 1)}


def duckdb_sql(folder: str) -> dict[str, list[int]]:
    """One SQL statement in DuckDB: the judge of the counts."""
    import duckdb

    asked: dict[str, tuple[str, str]] = {
        **{f"not_null_{name}": ("true", f"{name} IS NOT NULL") for name in NOT_NULL},
        **{f"in_set_{name}": (f"{name} IS NOT NULL", f"{name} IN {tuple(values)}") for name, values in IN_SET.items()},
        **{
            f"range_{name}": (f"{name} IS NOT NULL", f"{name} BETWEEN {low} AND {high}")
            for name, (low, high) in RANGE.items()
        },
        **{
            f"regex_{name}": (f"{name} IS NOT NULL", f"regexp_matches({name}, '{shape}')")
            for name, shape in REGEX.items()
        },
        **{
            name: (f"{later} IS NOT NULL", f"{later} >= start_time")
            for name, later in (("ends_after_start", "end_time"), ("reported_after_start", "report_time"))
        },
        **{
            f"{name}_bound": ("true", f"{name}_time BETWEEN TIMESTAMP '{FROM}' AND TIMESTAMP '{TO}'")
            for name in ("start", "end")
        },
        "systolic_above_diastolic": ("sbp IS NOT NULL", "sbp > dbp"),
        "person_exists": ("true", "person_id IN (SELECT person_id FROM patient)"),
    }
    columns = ", ".join(
        f"count(*) FILTER ({when}), count(*) FILTER ({when} AND NOT ({right}))" for when, right in asked.values()
    )
    with duckdb.connect() as db:
        db.execute("SET enable_progress_bar = false")  # it would be drawn into the answer on stdout
        for name in ("visit", "patient"):
            db.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder}/{name}.parquet')")
        row = db.execute(f"SELECT {columns} FROM visit").fetchone()
        counts = {name: [row[2 * i], row[2 * i + 1]] for i, name in enumerate(asked)}
        for key in UNIQUE:
            group = f"SELECT count(*) AS n FROM visit GROUP BY {', '.join(key)}"
            counts[f"unique_{'_'.join(key)}"] = list(
                db.execute(
                    f"SELECT sum(n)::BIGINT, coalesce(sum(n) FILTER (n > 1), 0)::BIGINT FROM ({group})"
                ).fetchone()
            )
    return counts


HERE, PEERS = "tests.bench.scoring", "tests.bench.scoring_peers"
CONTENDERS = {
    "guantong, totals": (HERE, "totals"),
    "guantong, site x month x check": (HERE, "cube"),
    "pointblank lazy": (HERE, "pointblank"),
    "duckdb SQL": (HERE, "duckdb_sql"),
    "pandera": (PEERS, "pandera"),
    "dataframely": (PEERS, "dataframely"),
    "cuallee, 26 checks": (PEERS, "cuallee"),
}
SLOW = {"great expectations, 29 checks, once": (PEERS, "great_expectations")}


def main(rows: int = 5_000_000, rounds: int = ROUNDS) -> None:
    """Runs all contenders and prints one table; raises AssertionError when the counts differ."""
    with tempfile.TemporaryDirectory() as folder:
        size = make(Path(folder), rows)
        print(f"{rows:,} visits, {size:.0f} MB of Parquet, 30 checks")
        runs = side_by_side({name: call(*at, folder) for name, at in CONTENDERS.items()}, rounds)
        runs |= side_by_side({name: call(*at, folder) for name, at in SLOW.items()}, 1)
        agree({name: each[0].result for name, each in runs.items()})
        print(table(runs, against="pointblank lazy"))
        peer = runs["pointblank lazy"]
        for name in ("guantong, totals", "guantong, site x month x check"):
            cpu, wall, memory = (_of(runs[name], what) / _of(peer, what) for what in ("cpu", "wall", "peak_mb"))
            print(f"{name}: {cpu:.2f}x the user+sys time, {wall:.2f}x the wall time, {memory:.2f}x Pointblank's memory")
        own, cube_ = (_of(runs[name], "cpu") for name in ("guantong, totals", "guantong, site x month x check"))
        slow = _of(runs["great expectations, 29 checks, once"], "cpu")
        print(
            f"the cube costs {cube_ / own:.2f}x the totals; Great Expectations {slow / own:.0f}x, of the cube {slow / cube_:.0f}x"
        )


def _of(runs: Sequence[Run], what: str) -> float:
    """Median of a measure; `cpu` is user and system time together, which other work on the machine hardly moves."""
    if what == "cpu":
        return statistics.median(run.user + run.sys for run in runs)
    return median(runs, what)


def agree(results: "dict[str, object]") -> None:
    """Every numerator and denominator equals DuckDB's; of contenders that ask nulls too, the failures do."""
    judge = results["duckdb SQL"]
    assert isinstance(judge, dict)
    for name, result in results.items():
        assert isinstance(result, dict)
        known = judge if " checks" not in name else {check: judge[check] for check in result}
        assert result.keys() == known.keys(), f"{name} answered other checks: {result.keys() ^ known.keys()}"
        rows = max(asked for asked, _ in judge.values())
        for check, (asked, failed) in known.items():
            told = result[check]
            assert _same(name, check, told, asked, failed, rows), f"{name}, {check}: {told}, not {asked}, {failed}"


def _same(name: str, check: str, told: object, asked: int, failed: int, rows: int) -> bool:
    if isinstance(told, list):
        return told == [asked, failed] if "pointblank" not in name else told[1] == failed
    if "cuallee" in name:
        return check.startswith("unique") or told == failed + rows - asked
    return told == failed


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

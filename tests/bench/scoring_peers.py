"""The thirty checks of the scoring benchmark as pandera, dataframely, cuallee and Great Expectations write them.

Each gives how many rows failed, by our check's name; nulls pass except where a peer cannot let them (cuallee). What a
peer has no word for is left out of its answer, and so out of its time.
"""

import contextlib
import io
from pathlib import Path
from typing import Any

import polars as pl

from tests.bench.scoring import IN_SET, NOT_NULL, RANGE, REGEX, UNIQUE, _end, _start, _tables

Failed = dict[str, int]


def _rows(folder: str) -> pl.DataFrame:
    return _tables(folder)["visit"].collect()


def _known(folder: str) -> pl.Series:
    return pl.read_parquet(Path(folder) / "patient.parquet")["person_id"]


def _across(known: pl.Series) -> dict[str, pl.Expr]:
    """The checks that look at two columns, at other rows or at another table; true where a row is right, or null."""
    bounds = {f"{name}_bound": pl.col(f"{name}_time").is_between(_start(), _end()) for name in ("start", "end")}
    return {
        "ends_after_start": pl.col("end_time") >= pl.col("start_time"),
        "reported_after_start": pl.col("report_time") >= pl.col("start_time"),
        **bounds,
        "systolic_above_diastolic": pl.col("sbp") > pl.col("dbp"),
        "person_exists": pl.col("person_id").is_in(known.implode()),
    }


def _alone() -> dict[str, pl.Expr]:
    """The checks that no two rows share a key."""
    return {f"unique_{'_'.join(key)}": ~pl.struct(key).is_duplicated() for key in UNIQUE}


def pandera(folder: str) -> Failed:
    """Eagerly and lazy=True, which collects every failing case: validating a LazyFrame looks at the schema alone."""
    import pandera.polars as pa

    rows = _rows(folder)
    checks: dict[str, list[Any]] = {name: [] for name in rows.columns}
    for name, values in IN_SET.items():
        checks[name].append(pa.Check.isin(values, error=f"in_set_{name}"))
    for name, (low, high) in RANGE.items():
        checks[name].append(pa.Check.in_range(low, high, error=f"range_{name}"))
    for name, shape in REGEX.items():
        checks[name].append(pa.Check.str_matches(shape, error=f"regex_{name}"))
    across = _across(_known(folder)) | _alone()
    whole = [
        pa.Check(lambda data, right=right: data.lazyframe.select(right.fill_null(value=True)), name=name)
        for name, right in across.items()
    ]
    columns = {
        name: pa.Column(dtype, checks=checks[name], nullable=name not in NOT_NULL)
        for name, dtype in rows.schema.items()
    }
    try:
        pa.DataFrameSchema(columns, checks=whole).validate(rows, lazy=True)
    except pa.errors.SchemaErrors as error:
        counts = error.failure_cases.group_by("column", "check").len().rows()
    named = {check: number for _, check, number in counts}
    named |= {f"not_null_{column}": number for column, check, number in counts if check == "not_nullable"}
    wanted = [*(f"not_null_{name}" for name in NOT_NULL), *across]
    wanted += [each.error for given in checks.values() for each in given]
    return {name: named.get(name, 0) for name in wanted}


def dataframely(folder: str) -> Failed:
    """`filter` with one rule a check; it also parts the rows into good and bad ones."""
    import dataframely as dy

    rows = _rows(folder)
    asked = {f"not_null_{name}": pl.col(name).is_not_null() for name in NOT_NULL}
    asked |= {f"in_set_{name}": pl.col(name).is_in(values) for name, values in IN_SET.items()}
    asked |= {f"range_{name}": pl.col(name).is_between(*ends) for name, ends in RANGE.items()}
    asked |= {f"regex_{name}": pl.col(name).str.contains(shape) for name, shape in REGEX.items()}
    asked |= _across(_known(folder)) | _alone()
    body: dict[str, Any] = {name: dy.Any() for name in rows.columns}
    body |= {name: dy.rule()(lambda _, right=right: right.fill_null(value=True)) for name, right in asked.items()}
    schema = type("Visits", (dy.Schema,), body)
    _, failed = schema.filter(rows)
    counts = failed.counts()
    return {name: counts.get(name, 0) for name in asked}


def cuallee(folder: str) -> Failed:
    """Checks of one column; a null is a violation, and two columns or another table cannot be asked."""
    from cuallee import Check, CheckLevel

    run, names = Check(CheckLevel.WARNING, "visits"), []
    for name in NOT_NULL:
        run.is_complete(name)
        names.append(f"not_null_{name}")
    for name, values in IN_SET.items():
        run.is_contained_in(name, values)
        names.append(f"in_set_{name}")
    for name, ends in RANGE.items():
        run.is_between(name, ends)
        names.append(f"range_{name}")
    for name, shape in REGEX.items():
        run.has_pattern(name, shape)
        names.append(f"regex_{name}")
    run.is_unique("record_id")
    run.are_unique(list(UNIQUE[1]))
    for name in ("start", "end"):
        run.is_between(f"{name}_time", (_start(), _end()))
    names += [*(f"unique_{'_'.join(key)}" for key in UNIQUE), "start_bound", "end_bound"]
    return dict(zip(names, run.validate(_rows(folder))["violations"].to_list(), strict=True))


def great_expectations(folder: str) -> Failed:
    """On pandas with result_format SUMMARY, which finds the counts and keeps twenty values of each.

    Without the check that persons exist: half a million allowed values in one expectation did not end in ten minutes.
    """
    import great_expectations as gx

    rows = _rows(folder).to_pandas()
    offered: Any = gx.expectations
    wanted: dict[str, Any] = {
        **{f"not_null_{name}": offered.ExpectColumnValuesToNotBeNull(column=name) for name in NOT_NULL},
        **{
            f"in_set_{name}": offered.ExpectColumnValuesToBeInSet(column=name, value_set=values)
            for name, values in IN_SET.items()
        },
        **{
            f"range_{name}": offered.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
            for name, (low, high) in RANGE.items()
        },
        **{
            f"regex_{name}": offered.ExpectColumnValuesToMatchRegex(column=name, regex=shape)
            for name, shape in REGEX.items()
        },
        **{
            f"{name}_bound": offered.ExpectColumnValuesToBeBetween(
                column=f"{name}_time", min_value=_start(), max_value=_end()
            )
            for name in ("start", "end")
        },
        **{
            name: offered.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=one, column_B=other, or_equal=equal, ignore_row_if="either_value_is_missing"
            )
            for name, one, other, equal in (
                ("ends_after_start", "end_time", "start_time", True),
                ("reported_after_start", "report_time", "start_time", True),
                ("systolic_above_diastolic", "sbp", "dbp", False),
            )
        },
        "unique_record_id": offered.ExpectColumnValuesToBeUnique(column="record_id"),
        "unique_person_id_start_time": offered.ExpectCompoundColumnsToBeUnique(column_list=list(UNIQUE[1])),
    }
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
        context: Any = gx.get_context(mode="ephemeral")
        asset = context.data_sources.add_pandas("visits").add_dataframe_asset("visit")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
        suite = gx.ExpectationSuite(name="thirty")
        for name, each in wanted.items():
            each.meta = {"check": name}
            suite.add_expectation(each)
        told = batch.validate(suite, result_format="SUMMARY")
    return {each.expectation_config.meta["check"]: int(each.result["unexpected_count"]) for each in told.results}

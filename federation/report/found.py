"""Which injected errors the home noticed: the truth file of a made-up city against rejects, duplicates and checks.

An error counts as found only at its own record: the same file and position. Never says which record it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from federation.city.faults import CLASSES
from federation.node.batch import sheet, sheets
from federation.node.home import Home
from federation.node.journal import READ, FileRow, files
from federation.node.memory import give_back
from federation.quality.check import Check
from federation.quality.count import answerable, passes_of
from federation.quality.library import all_checks
from schemas.tables import TABLES

PLACE = ["site", "source_file", "source_position"]
SEEN = pl.Schema(
    {
        "site": pl.String(),
        "source_file": pl.String(),
        "source_position": pl.Int64(),
        "kind": pl.String(),  # as in federation.city.faults.Kind: reject, value, duplicate, finding
        "by": pl.String(),  # reason of a reject, or id of a check
        "rule": pl.String(),  # the check's rule
    }
)


def found(home: Home, truth: pl.DataFrame, as_of: date | None = None) -> pl.DataFrame:
    """Columns TRUTH: for each class of injected error how many there are, how many were noticed, and by what.

    `truth` has the columns of federation.city.spoil.TRUTH; errors that nobody can see from the data alone are left out.
    A tolerated error is found when nothing was made of it.
    """
    truth = truth.filter("plain")
    with home.engine.connect() as connection:
        read = [file for file in files(connection) if file.state == READ]
    placed = _placed(truth, read)
    places = placed.select(PLACE).unique()
    seen = pl.concat(
        [
            pl.DataFrame(schema=SEEN),
            *_refused(home, read, places),
            *_again(home, read, places),
            *_failing(home, read, places, as_of),
        ]
    )
    return _by_class(placed, _matched(placed, seen))


def _placed(truth: pl.DataFrame, read: Iterable[FileRow]) -> pl.DataFrame:
    """The truth with `error` (its ordinal) and the file's mark; the truth names files below the city's folder."""
    named = truth.with_row_index("error").rename({"record": "source_position"})
    marks = [
        (file.site, name, file.file)
        for file in read
        for name in named.filter(pl.col("site") == file.site)["file"].unique().to_list()
        if Path(file.path).parts[-len(Path(name).parts) :] == Path(name).parts
    ]
    known = pl.DataFrame(marks, schema=["site", "file", "source_file"], orient="row", infer_schema_length=None)
    return named.join(known.cast(pl.String).unique(), on=["site", "file"], how="left")


def _refused(home: Home, read: Iterable[FileRow], places: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rejects and duplicates at the places asked for."""
    kind = pl.when("whole").then(pl.lit("reject")).otherwise(pl.lit("value"))
    told = {"rejects": (kind, pl.col("reason")), "duplicates": (pl.lit("duplicate"), pl.lit("duplicate"))}
    for site, batch in sorted({(file.site, file.batch) for file in read}):
        for name, (seen, by) in told.items():
            if (rows := sheet(home.batch(site, batch), name)) is not None:
                marked = rows.select(
                    pl.lit(site).alias("site"),
                    pl.col("file").alias("source_file"),
                    pl.col("position").alias("source_position"),
                    seen.alias("kind"),
                    by.alias("by"),
                    pl.lit("").alias("rule"),
                )
                yield marked.join(places.lazy(), on=PLACE, how="semi").collect(engine="streaming")


def _again(home: Home, read: Iterable[FileRow], places: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Places whose record stands in the pool once although it came in two versions: its key was superseded."""
    for site in sorted({file.site for file in read}):
        folders = [home.batch(site, batch) for batch in sorted({file.batch for file in read if file.site == site})]
        older = [pl.scan_parquet(path).select("key") for at in folders if (path := at / "superseded.parquet").exists()]
        paths = [path for folder in folders for path in sheets(folder, "records")]
        if not older or not paths:
            continue
        records = pl.scan_parquet(paths).select(
            pl.lit(site).alias("site"),
            pl.col("file").alias("source_file"),
            pl.col("position").alias("source_position"),
            pl.lit("duplicate").alias("kind"),
            pl.lit("superseded").alias("by"),
            pl.lit("").alias("rule"),
            "key",
        )
        here = records.join(places.lazy(), on=PLACE, how="semi").join(pl.concat(older), on="key", how="semi")
        yield here.drop("key").collect(engine="streaming")


def _failing(home: Home, read: Sequence[FileRow], places: pl.DataFrame, as_of: date | None) -> Iterator[pl.DataFrame]:
    """Checks that fail for rows of the places asked for, each site's batches scored as one."""
    if as_of is None:
        return
    together = passes_of(all_checks())
    for site in sorted({file.site for file in read}):
        here = places.filter(pl.col("site") == site).lazy()
        tables = _tables(home.batch(site, batch) for batch in sorted({f.batch for f in read if f.site == site}))
        near = _near(tables, here)
        for asked in together:
            if asked[0].frame.table.name in tables:
                yield _failing_of(asked, tables if _looks_further(asked[0]) else near, here, as_of)
                give_back()


def _looks_further(check: Check) -> bool:
    """Whether it looks beyond the person: a visit that a row points at by mistake is somebody else's."""
    return bool(check.needs) or any(link.own == ("encounter_id",) for link in check.frame.beside or ())


def _near(tables: dict[str, pl.LazyFrame], here: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """The rows of the persons at the places asked for: all that a check without further needs looks at."""
    own = {name: rows for name, rows in tables.items() if TABLES[name].person}
    at = [
        rows.rename({"org_code": "site"}).join(here, on=PLACE, how="semi").select("person_id") for rows in own.values()
    ]
    if not at:
        return tables
    persons = pl.concat(at).unique().collect(engine="streaming").lazy()
    return tables | {
        name: rows.join(persons, on="person_id", how="semi", nulls_equal=True) for name, rows in own.items()
    }


def _failing_of(asked: list[Check], tables: dict[str, pl.LazyFrame], here: pl.LazyFrame, as_of: date) -> pl.DataFrame:
    rows, able = answerable(asked, tables, as_of)
    wanted = rows.rename({"org_code": "site"}).join(here, on=PLACE, how="semi")
    wide = wanted.select(*PLACE, *(check.failed.alias(check.id) for check in able)).collect(engine="streaming")
    rules = {check.id: check.rule for check in able}
    long: pl.DataFrame = wide.unpivot(index=PLACE, variable_name="by", value_name="failed").filter("failed")
    return long.select(
        *PLACE, pl.lit("finding").alias("kind"), "by", pl.col("by").replace_strict(rules, default="").alias("rule")
    ).cast(SEEN)


def _tables(folders: Iterable[Path]) -> dict[str, pl.LazyFrame]:
    """Each table of all batches together."""
    there = [(name, path) for folder in folders for name in TABLES for path in sheets(folder, name)]
    return {
        name: pl.scan_parquet([path for other, path in there if other == name])
        for name in dict.fromkeys(name for name, _ in there)
    }


def _matched(placed: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """`error`, `by`: every answer that fits what the truth expects of the error."""
    both = placed.join(seen.rename({"kind": "seen"}), on=PLACE, how="inner")
    by_rule = (pl.col("check") == "") | pl.col("check").eq(pl.col("rule")) | pl.col("check").eq(pl.col("by"))
    # A type that no shared table holds is turned away unread: that finds no error.
    fits = (
        ((pl.col("seen") == pl.col("kind")) | (pl.col("kind").eq("finding") & pl.col("seen").eq("value")))
        & (pl.col("by") != "no-shared-table")
        & (pl.col("seen").ne("finding") | by_rule)
    )
    hits = both.filter(fits).select("error", "by")
    spoilt = both.filter(pl.col("seen").is_in(["reject", "value"]))
    fine = placed.filter((pl.col("kind") == "tolerated") & pl.col("source_file").is_not_null())
    return pl.concat([hits, fine.join(spoilt, on="error", how="anti").select("error", pl.lit("read well").alias("by"))])


def _by_class(placed: pl.DataFrame, matched: pl.DataFrame) -> pl.DataFrame:
    named = matched.join(placed.select("error", "class"), on="error")
    often = named.group_by("class", "by").agg(pl.col("error").n_unique().alias("n"))
    how = (
        often.sort("n", "by", descending=[True, False])
        .group_by("class")
        .agg(pl.col("by").head(3).str.join(", ").alias("how"))
    )
    hit = named.group_by("class").agg(pl.col("error").n_unique().cast(pl.Int64).alias("found"))
    summed = placed.group_by("class").agg(pl.len().cast(pl.Int64).alias("injected"))
    zh = {name: kind.zh for name, kind in CLASSES.items()}
    return (
        summed.join(hit, on="class", how="left")
        .join(how, on="class", how="left")
        .select(
            "class",
            pl.col("class").replace_strict(zh, default="").alias("zh"),
            "injected",
            pl.col("found").fill_null(0),
            pl.col("how").fill_null(""),
        )
        .sort("class")
    )

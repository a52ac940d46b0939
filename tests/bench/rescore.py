"""A batch of 0.1 % rescored beside the full pass over its site: what it changes in the counts, and what that costs.

    python -m tests.bench.rescore [ROWS] [SMALL BATCHES]

Counts are compared before times are: what all batches change must add up to what one pass over all rows counts.
"append" brings results and visits of persons who are known, "with persons" brings the persons' own rows again as well,
"correction" replaces results scattered over all that came before. Then a feed that ingests every minute: the n-th small
batch beside the first. Times are processor time of the counting alone, without the start of the interpreter.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from federation.node.gone import Came
from federation.node.site_rows import site_rows
from federation.quality.check import Check
from tests.bench.measure import Run, call, run, side_by_side
from tests.bench.rescore_site import DAY, GONE, PER_PERSON, PER_VISIT, drawn, people, site, written

BATCHES, ROUNDS, SMALL = 40, 3, 20  # SMALL: rows of a batch of the feed


def checks() -> list[Check]:
    """The whole library."""
    from federation.quality.library import all_checks

    return all_checks()


def earlier(folder: str) -> list[Came]:
    """The batches of the site, oldest first."""
    return [Came(path, DAY) for path in sorted((Path(folder) / "batches").iterdir())]


def full(folder: str, more: str) -> dict[str, object]:
    """One pass over every standing row of the site, the further batch among them."""
    from federation.quality.count import count

    every = [*earlier(folder), Came(Path(more), DAY)]
    asked = checks()
    began = time.process_time()
    states = count(site_rows(every), DAY, asked)
    return _told(began, states)


def change(folder: str, more: str) -> dict[str, object]:
    """What the further batch changes."""
    from federation.node.index import Index
    from federation.node.rescore import rescored

    before, asked = earlier(folder), checks()
    began = time.process_time()
    states = rescored(before, Came(Path(more), DAY), asked, Path(folder) / "spill", Index(Path(folder) / "index"))
    return _told(began, states)


def _told(began: float, states: pl.DataFrame) -> dict[str, object]:
    spent = time.process_time() - began
    return {"cpu": spent, "states": states.with_columns(pl.col("month").cast(pl.String)).rows()}


def states_of(run: Run) -> pl.DataFrame:
    """The states that a run told."""
    from federation.quality.count import STATES

    text = STATES | {"month": pl.String()}
    return pl.DataFrame(run.result["states"], schema=text, orient="row").with_columns(pl.col("month").str.to_date())  # type: ignore[index, call-overload]


def further(folder: Path, rows: int, share: int) -> dict[str, Path]:
    """The further batches, one of each kind, beside the site."""
    visits = np.arange(rows // PER_VISIT, rows // PER_VISIT + share // PER_VISIT)
    persons = rows // PER_PERSON
    fresh = drawn(visits, persons, 1, 77)
    own = fresh["encounter"]["person_id"].str.slice(1).cast(pl.Int64).unique().sort().to_numpy()
    made = {"append": fresh, "with persons": {**fresh, "patient": people(own, 10_000_000)}}
    paths = {name: written(folder / name, 90_000, tables).folder for name, tables in made.items()}
    return paths | {"correction": _correction(folder, share)}


def _correction(folder: Path, share: int) -> Path:
    """Results of every batch said anew with other values."""
    pieces = []
    batches = earlier(str(folder))
    for each in batches:
        rows = pl.read_parquet(each.folder / "p00001" / "observation.parquet")
        pieces.append(rows.gather_every(max(1, rows.height * len(batches) // share)))
    old = pl.concat(pieces).head(share)
    key = pl.concat_str("source_table", "source_pk", separator="|").alias("key")
    place = {"batch_id": "batch", "source_file": "file", "source_position": "position"}
    gone = old.select(*place, key).rename(place).cast(dict(GONE))
    fresh = old.with_columns(pl.col("value_num") + 1, (1 + pl.int_range(pl.len())).alias("source_position"))
    return written(folder / "correction", 90_000, {"observation": fresh}, gone).folder


def feed(folder: str, rows: str, small: str) -> dict[str, object]:
    """Small batches one after the other, each rescored when it comes: processor seconds of each, and all they change."""
    from federation.node.index import Index
    from federation.node.rescore import rescored
    from federation.quality.count import merge

    came, asked, spent, changes = earlier(folder), checks(), [], []
    visit = int(rows) // PER_VISIT
    for number in range(int(small)):
        visits = np.arange(visit, visit + SMALL // PER_VISIT)
        visit += visits.size
        tables = drawn(visits, int(rows) // PER_PERSON, 1, 1_000_000 + number)
        batch = written(Path(folder) / "batches", BATCHES + number, tables)
        began = time.process_time()
        changes.append(rescored(came, batch, asked, Path(folder) / "spill", Index(Path(folder) / "index")))
        spent.append(time.process_time() - began)
        came.append(batch)
    return {"cpu": spent, "states": merge(changes).with_columns(pl.col("month").cast(pl.String)).rows()}


def _feed(folder: Path, rows: int, small: int, before: pl.DataFrame) -> None:
    from federation.quality.count import count, merge

    told = run(call("tests.bench.rescore", "feed", folder, rows, small))
    every = count(site_rows(earlier(str(folder))), DAY, checks())
    assert merge([before, states_of(told)]).equals(every), "feed: the counts differ"
    spent = told.result["cpu"]  # type: ignore[index, call-overload]
    some = max(1, small // 20)
    ends = [statistics.median(part) for part in (spent[1 : some + 1], spent[-some:])]
    print(
        f"\n{small:,} batches of {SMALL + SMALL // PER_VISIT} rows after these: {ends[0] * 1000:.0f} ms for one of the "
        f"first {some}, {ends[1] * 1000:.0f} ms for one of the last {some} ({ends[1] / ends[0]:.2f}x); "
        f"{sum(spent):.0f} s in all, peak {told.peak_mb:.0f} MB"
    )


def main(rows: int = 2_000_000, small: int = 1_000) -> None:
    """Builds the site, compares, measures, prints; raises AssertionError where the counts differ."""
    from federation.quality.count import count, merge

    with tempfile.TemporaryDirectory() as name:
        folder, share = Path(name), rows // 1_000
        came = site(folder / "batches", rows, BATCHES)
        made = further(folder, rows, share)
        before = count(site_rows(came), DAY, checks())
        print(f"{rows:,} results in {BATCHES} batches, {len(checks())} checks; {share:,} rows more\n")
        print(
            "| batch | full pass s | rescored s | share | peak MB, full | peak MB, rescored |\n|---|---|---|---|---|---|"
        )
        for kind, path in made.items():
            commands = {each: call("tests.bench.rescore", each, folder, path) for each in ("full", "change")}
            took = side_by_side(commands, ROUNDS)
            added = merge([before, states_of(took["change"][0])])
            assert added.equals(states_of(took["full"][0])), f"{kind}: the counts differ"
            whole_, part = (min(one.result["cpu"] for one in took[each]) for each in ("full", "change"))  # type: ignore[index, call-overload]
            peaks = [max(one.peak_mb for one in took[each]) for each in ("full", "change")]
            print(f"| {kind} | {whole_:.2f} | {part:.2f} | {part / whole_:.1%} | {peaks[0]:.0f} | {peaks[1]:.0f} |")
        _feed(folder, rows, small, before)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

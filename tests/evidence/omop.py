"""The checks of OHDSI's DataQualityDashboard over an OMOP CDM 5.4: our counts, and those of one plain SQL query a check.

Run as `python -m tests.evidence.omop`. The Synthea sample (28 persons) as it came, and with 3 % of its cells spoiled so
that every type of check has something to find; DuckDB answers each check by a query of its own, written from the
dashboard's description. `equal`: both numbers, rows asked and rows violating, are the same.
"""

import os
import random
import sys
import tempfile
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

import duckdb
import polars as pl

from federation.node.cdm_folder import read_cdm
from federation.quality.finding import Verdict
from federation.quality.omop.resolve import Asked, resolved
from federation.quality.omop.run import Answered, answered
from schemas.exports.omop import VOCABULARY
from tests.evidence.omop_queries import query

HERE = Path(__file__).parent
SAMPLES = Path(os.environ.get("GUANTONG_SAMPLES", HERE.parents[2] / "shared" / "data"))
ZIP = "omop/eunomia-synthea27nj/Synthea27Nj_5.4.zip"
TODAY, SEED, SPOILED = date(2026, 1, 1), 20260101, 0.03
LARGEST = 20_000  # rows of a table kept; CONCEPT_RELATIONSHIP alone has 266,588
Tables = dict[str, pl.DataFrame]


def sample(samples: Path = SAMPLES) -> Tables:
    """The sample's tables, as `read_cdm` reads any folder."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(samples / ZIP) as packed:
        names = [name for name in packed.namelist() if name.endswith(".csv") and not name.startswith("__MACOSX")]
        packed.extractall(folder, names)
        return {name: rows.head(LARGEST) for name, rows in read_cdm(Path(folder)).items()}


def spoiled(tables: Tables, chance: random.Random) -> Tables:
    """Cells emptied, zeroed, shifted by years or a neighbour's, rows doubled, a table and a field gone; ancestors made up.

    Concepts get other domains and stay unique: one that stands twice doubles rows in a join and not here.
    """
    eras = tables["drug_exposure"].select("person_id", "drug_concept_id").unique(maintain_order=True)
    made = {"drug_era": pl.concat([tables["drug_era"], eras], how="diagonal")}
    kept = {name: tables[name] for name in VOCABULARY if name in tables}
    worse = {name: _spoiled(rows, chance) for name, rows in (tables | made).items() if name not in kept} | kept
    del worse["note_nlp"]
    worse["provider"] = worse["provider"].drop("dea")
    worse["condition_era"] = worse["condition_era"].filter(pl.col("person_id") != "7")
    concepts = sorted(set(tables["condition_occurrence"]["condition_concept_id"]) - {None})
    tree = [("4090861", each) for each in concepts[::7]] + [("443343", each) for each in concepts[1::5]]
    ancestors = tables["concept_ancestor"].schema
    worse["concept_ancestor"] = pl.DataFrame(
        [
            dict.fromkeys(ancestors, "0") | {"ancestor_concept_id": up, "descendant_concept_id": down}
            for up, down in tree
        ],
        schema=ancestors,
    )
    odd = pl.int_range(pl.len()) % 9 == 0
    worse["concept"] = tables["concept"].with_columns(
        pl.when(odd).then(pl.lit("Metadata")).otherwise("domain_id").alias("domain_id"),
        pl.when(odd.not_()).then("standard_concept").alias("standard_concept"),
    )
    again = tables["observation_period"].head(3).with_columns(pl.lit("again").alias("observation_period_id"))
    worse["observation_period"] = pl.concat([tables["observation_period"], again])
    people = tables["person"]
    told = people["gender_concept_id"].to_list()
    swapped = [{"8507": "8532"}.get(sex or "", "8507") if chance.random() < 0.4 else sex for sex in told]
    worse["person"] = people.with_columns(
        pl.Series("gender_concept_id", swapped, dtype=pl.String), pl.lit(None, pl.String()).alias("birth_datetime")
    )
    return worse


def _spoiled(rows: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    if rows.is_empty():
        return rows
    columns = {}
    for name in rows.columns:
        cells = rows[name].to_list()
        for place in range(len(cells)):
            if chance.random() < SPOILED:
                cells[place] = _wrong(cells[place], cells, chance)
        columns[name] = cells
    again = pl.DataFrame(columns, schema=rows.schema)
    return pl.concat([again, again.head(max(1, rows.height // 50))]) if rows.height < LARGEST else again


def _wrong(cell: str | None, cells: list[str | None], chance: random.Random) -> str | None:
    if cell is not None and len(cell) >= 10 and cell[4:5] == "-" and cell[:4].isdigit():
        year = chance.choice([1850, 1949, int(cell[:4]) - 40, int(cell[:4]) + 1, 2030])
        return f"{year}-{cell[5:7]}-28{cell[10:]}"
    return chance.choice([None, "0", "1.5", "x", "400", chance.choice(cells)])


def counted(base: duckdb.DuckDBPyConnection, tables: Tables, asked: Asked) -> tuple[int, int]:
    """Rows asked and rows violating, by SQL alone."""
    if asked.table not in tables or (asked.field and asked.field not in tables[asked.table].columns):
        return (1, 1) if asked.check in ("cdmTable", "cdmField") else (0, 0)
    [[rows, violated]] = base.execute(query(asked, tables)).fetchall()
    return int(rows), int(violated or 0)


def by_sql(tables: Tables) -> dict[str, tuple[int, int]]:
    """Check id -> counts, one query a check."""
    base = duckdb.connect()
    for name, rows in tables.items():
        base.register(f"{name} rows", rows.to_arrow())
        base.execute(f'CREATE TABLE "{name}" AS FROM "{name} rows"')
    base.execute(
        "CREATE VIEW died AS SELECT person_id, max(TRY_CAST(left(death_date, 10) AS DATE)) AS death FROM death GROUP BY 1"
    )
    first, last = (f"TRY_CAST(left(visit_{end}_date, 10) AS DATE)" for end in ("start", "end"))
    base.execute(
        f"CREATE VIEW visited AS SELECT visit_occurrence_id, min({first}) AS began, min({last}) AS ended "
        "FROM visit_occurrence GROUP BY 1"
    )
    return {each.id: counted(base, tables, each) for each in resolved(vocabulary=True)}


def differing(ours: list[Answered], theirs: dict[str, tuple[int, int]]) -> list[str]:
    """Ids of checks whose counts are not the same."""
    return [each.asked.id for each in ours if (each.rows, each.violated) != theirs[each.asked.id]]


def main() -> None:
    """Prints the table; the differing checks, if any, go to stderr."""
    first = sample()
    sources = {"as it came": first, "3 % of cells spoiled": spoiled(first, random.Random(SEED))}
    print("| sample | checks | types with a violation | passed | failed | not applicable | equal | ours s | SQL s |")
    print("|---" * 9 + "|")
    for name, tables in sources.items():
        began = perf_counter()
        ours = answered(tables, TODAY, vocabulary=True)
        between = perf_counter()
        theirs = by_sql(tables)
        ended = perf_counter()
        wrong = differing(ours, theirs)
        how = Counter(each.verdict for each in ours)
        types = len({each.asked.check for each in ours if each.violated})
        came = " | ".join(f"{how[verdict]:,}" for verdict in (Verdict.PASSED, Verdict.FAILED, Verdict.NO_EVIDENCE))
        times = f"{between - began:.1f} | {ended - between:.1f}"
        print(f"| {name} | {len(ours):,} | {types} of 27 | {came} | {len(ours) - len(wrong):,} | {times} |")
        for each in wrong[:40]:
            found = next(one for one in ours if one.asked.id == each)
            print(each, (found.rows, found.violated), theirs[each], file=sys.stderr)


if __name__ == "__main__":
    main()

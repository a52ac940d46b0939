"""A real CDM 5.4 of others, read table by table: what came of each, and spot checks by SQL over the raw files."""

import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest

from connectors.connector import Context
from connectors.kinds.omop import CONNECTOR

pytestmark = pytest.mark.samples
CONTEXT = Context("s", "b", "f")
# table | read | accepted | rejected by reason (records; values) | rows
CAME_OF = """
care_site            |     0 |     0 |                      |
cdm_source           |     1 |     0 | no-shared-table 1    |
concept              |     1 |     0 | no-shared-table 1    |
concept_relationship |     1 |     0 | no-shared-table 1    |
condition_era        |     1 |     0 | no-shared-table 1    |
condition_occurrence |   470 |   470 |                      | condition 470
cost                 |     0 |     0 |                      |
death                |     3 |     3 |                      | patient 3
device_exposure      |     1 |     0 | no-shared-table 1    |
drug_exposure        |   883 |   883 |                      | medication 883
location             |     0 |     0 |                      |
measurement          | 10040 | 10040 |                      | observation 10040
note                 |     0 |     0 |                      |
observation          |  8099 |  8099 |                      | observation 8099
observation_period   |    28 |     0 | no-shared-table 28   |
person               |    28 |    28 | unmapped-code 28     | patient 28
procedure_occurrence |  1649 |  1649 |                      | procedure 1649
provider             |    67 |     0 | no-shared-table 67   |
specimen             |     0 |     0 |                      |
visit_detail         |  1791 |  1791 |                      | encounter 1791
visit_occurrence     |  1791 |  1791 |                      | encounter 1791
vocabulary           |     1 |     0 | no-shared-table 1    |
"""


@pytest.fixture(scope="module")
def folder(samples, tmp_path_factory) -> Path:
    """The sample's tables, unpacked."""
    out = tmp_path_factory.mktemp("cdm")
    (packed,) = (samples / "omop" / "eunomia-synthea27nj").glob("*.zip")
    with zipfile.ZipFile(packed) as file:
        file.extractall(out, [name for name in file.namelist() if "/" not in name])
    return out


def read(path: Path) -> tuple[int, dict[str, pl.DataFrame], pl.DataFrame]:
    """Records read, rows by table, rejects; conservation is checked on the way."""
    count, tables, rejects = 0, {}, []
    for chunk in CONNECTOR.open(path).chunks(CONTEXT):
        chunk.check()
        count += chunk.read
        rejects.append(chunk.rejects)
        for name, rows in chunk.tables.items():
            tables[name] = rows if name not in tables else pl.concat([tables[name], rows])
    return (
        count,
        tables,
        pl.concat(rejects) if rejects else pl.DataFrame(schema={"reason": pl.String, "whole": pl.Boolean}),
    )


@pytest.mark.parametrize("line", CAME_OF.strip().splitlines(), ids=lambda line: line.split()[0])
def test_every_table_becomes_what_is_written_here(folder, line):
    name, count, accepted, reasons, rows = (cell.strip() for cell in line.split("|"))
    found, tables, rejects = read(folder / f"{name.upper()}.csv")
    whole = int(rejects["whole"].sum() or 0)
    said = ", ".join(f"{reason} {n}" for reason, n in rejects.group_by("reason").len().sort("reason").rows())
    assert (found, found - whole, said) == (int(count), int(accepted), reasons)
    assert " ".join(f"{table} {frame.height}" for table, frame in tables.items() if frame.height) == rows


def test_every_table_of_the_sample_is_known(folder):
    assert {CONNECTOR.sniff(path).profile for path in folder.glob("*.csv")} == {
        path.stem.lower() for path in folder.glob("*.csv")
    }


def test_persons_and_deaths_are_those_of_the_raw_files(folder):
    _, tables, _ = read(folder / "PERSON.csv")
    _, dead, _ = read(folder / "DEATH.csv")
    ours = tables["patient"].sort("record_id").select("person_id", "gender_code", "birth_date", "birth_precision")
    theirs = duckdb.sql(
        f"SELECT person_id::VARCHAR, CASE gender_concept_id WHEN 8507 THEN '1' WHEN 8532 THEN '2' END, "
        f"make_date(year_of_birth, month_of_birth, day_of_birth), 'day' FROM '{folder}/PERSON.csv' ORDER BY 'person|' || person_id"
    ).fetchall()
    assert ours.rows() == theirs
    assert (
        dead["patient"].sort("person_id").select("person_id", "death_time").rows()
        == duckdb.sql(f"SELECT person_id::VARCHAR, death_datetime FROM '{folder}/DEATH.csv' ORDER BY 1").fetchall()
    )
    assert set(dead["patient"]["record_id"]) <= set(tables["patient"]["record_id"])


def test_diagnoses_carry_the_code_and_the_name_of_their_concept(folder):
    _, tables, _ = read(folder / "CONDITION_OCCURRENCE.csv")
    ours = tables["condition"].group_by("code", "code_system", "display").len().sort("code").rows()
    theirs = duckdb.sql(
        f"SELECT o.condition_source_value, 'http://snomed.info/sct', c.concept_name, count(*) "
        f"FROM read_csv('{folder}/CONDITION_OCCURRENCE.csv', all_varchar=true) o "
        f"JOIN read_csv('{folder}/CONCEPT.csv', all_varchar=true) c ON c.concept_id = o.condition_source_concept_id "
        f"AND c.concept_code = o.condition_source_value AND c.vocabulary_id = 'SNOMED' GROUP BY ALL ORDER BY 1"
    ).fetchall()
    known = [row for row in ours if row[1]]
    assert known == theirs
    assert len(known) > 50


def test_results_keep_number_unit_and_visit(folder):
    _, tables, _ = read(folder / "MEASUREMENT.csv")
    ours = tables["observation"].select("value_num", "unit", "sampled_time", "encounter_id", "item_code")
    theirs = duckdb.sql(
        f"SELECT value_as_number::DOUBLE, unit_source_value, measurement_datetime, "
        f"'visit_occurrence|' || visit_occurrence_id, measurement_source_value "
        f"FROM read_csv('{folder}/MEASUREMENT.csv', types={{'measurement_source_value': 'VARCHAR'}})"
    ).fetchall()
    assert sorted(map(str, ours.rows())) == sorted(map(str, theirs))


def test_a_part_of_a_visit_says_which(folder):
    _, tables, _ = read(folder / "VISIT_DETAIL.csv")
    _, visits, _ = read(folder / "VISIT_OCCURRENCE.csv")
    assert set(tables["encounter"]["part_of"]) <= set(visits["encounter"]["record_id"])


def test_the_archive_as_it_came_is_conserved_and_leads_back_to_its_lines(samples):
    from connectors.kinds.archive import CONNECTOR as ARCHIVE

    (packed,) = (samples / "omop" / "eunomia-synthea27nj").glob("*.zip")
    records = []
    for chunk in ARCHIVE.open(packed).chunks(CONTEXT):
        chunk.check()
        records.append(chunk.records)
    every = pl.concat(records)
    assert (every.height, every["position"].n_unique()) == (24754, 24754)
    line, offset, length = every.filter(key="death|7").select("line", "offset", "length").row(0)
    assert ARCHIVE.raw(packed, line, offset, length).startswith(b"7,2019-05-28")

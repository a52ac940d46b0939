"""A site's rows, and the pool's, as an OMOP CDM 5.4: sound after OHDSI's definitions, decided, recorded, and the same twice."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from connectors.connector import Context
from connectors.kinds.omop import CONNECTOR
from federation.broker.ledger import Ledger
from federation.cli import main
from federation.errors import Refused, Usage
from federation.node.cdm import Wanted, export_cdm
from federation.node.cdm_folder import read_cdm
from federation.node.home import make_home
from federation.node.ingest import ingest
from schemas.exports.omop import cdm, schema
from schemas.exports.omop_check import violations
from schemas.exports.omop_sql import SELECTS, TABLES
from schemas.table import COMMON

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
FIELDS = {
    "person": ["person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth", "race_concept_id",
               "ethnicity_concept_id", "person_source_value"],
    "visit_occurrence": ["visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_end_date",
                         "visit_type_concept_id", "visit_source_value"],
    "condition_occurrence": ["condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date",
                             "condition_type_concept_id", "condition_status_concept_id", "visit_occurrence_id",
                             "condition_source_value"],
    "death": ["person_id", "death_date"],
}  # fmt: skip
ROWS = {
    "person": ["7 8507 1950 4 9 0 0 P7", "8 8532 1960 5 1 0 0 P8", "9 8532 _ _ _ 0 0 P9"],
    "visit_occurrence": ["1 7 9201 2024-01-02 2024-01-09 1 V1", "2 8 9202 2024-02-02 2024-02-02 1 V2",
                         "3 9 9202 2024-02-02 2024-02-02 1 V3"],
    "condition_occurrence": ["1 7 0 2024-01-09 1 32902 1 A01", "2 7 0 2024-01-09 1 32908 1 B02", "3 8 0 2024-02-02 1 0 2 C03"],
    "death": ["7 2024-03-04"],
}  # fmt: skip


@pytest.fixture
def home(tmp_path):
    """A home with one site's CDM in it: three persons, of whom one has no year of birth."""
    folder = tmp_path / "cdm"
    folder.mkdir()
    for name, fields in FIELDS.items():
        lines = [fields, *([("" if cell == "_" else cell) for cell in row.split()] for row in ROWS[name])]
        (folder / f"{name}.csv").write_text("".join(",".join(line) + "\n" for line in lines))
    made = make_home(tmp_path / "home", bytes(32))
    assert ingest(made, [folder], "A", now=NOW).complete
    return made


def test_a_sites_rows_are_a_sound_cdm_and_what_it_cannot_hold_is_counted(home, tmp_path):
    told = export_cdm(home, tmp_path / "out", Wanted("A", NOW))
    assert violations(read_cdm(tmp_path / "out")) == []
    assert {name: told.tables[name] for name in ("person", "visit_occurrence", "condition_occurrence", "death")} == {
        "person": 2, "visit_occurrence": 2, "condition_occurrence": 3, "death": 1,
    }  # fmt: skip
    assert told.left_out == {"patient": 1, "encounter": 1}


@pytest.mark.parametrize("as_format", ["csv", "parquet"])
def test_every_table_has_exactly_the_fields_of_5_4_in_order(home, tmp_path, as_format):
    export_cdm(home, tmp_path / "out", Wanted("A", NOW, as_format=as_format))
    for name in [*TABLES, "cdm_source"]:
        path = tmp_path / "out" / f"{name}.{as_format}"
        if as_format == "csv":
            assert path.read_text("utf-8").splitlines()[0].replace('"', "") == ",".join(cdm()[name])
        else:
            assert pl.read_parquet_schema(path) == dict(schema(name))


def test_principal_and_other_diagnoses_are_told_apart_and_periods_span_the_events(home, tmp_path):
    export_cdm(home, tmp_path / "out", Wanted("A", NOW))
    made = read_cdm(tmp_path / "out")
    said = made["condition_occurrence"].select(
        "condition_source_value", "condition_status_concept_id", "condition_concept_id"
    )
    assert sorted(said.rows()) == [("A01", "32902", "0"), ("B02", "32908", "0"), ("C03", "0", "0")]
    period = made["observation_period"].select("observation_period_start_date", "observation_period_end_date").rows()
    assert period == [("2024-01-02", "2024-01-09"), ("2024-02-02", "2024-02-02")]


def test_the_same_rows_make_the_same_bytes(home, tmp_path):
    export_cdm(home, tmp_path / "one", Wanted("A", NOW))
    export_cdm(home, tmp_path / "two", Wanted("A", NOW))
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()
    }


def test_the_pool_gives_nothing_without_a_contract_and_says_so_in_the_ledger(home, tmp_path):
    with pytest.raises(Refused):
        export_cdm(home, tmp_path / "out", Wanted(None, NOW, "HRESCH", "city-centre"))
    with pytest.raises(Refused):
        export_cdm(home, tmp_path / "out", Wanted(None, NOW, "GOSSIP", "city-centre"))
    assert not (tmp_path / "out").exists()
    with home.engine.connect() as connection:
        entries = [each.document for each in Ledger(connection).entries() if each.kind == "export"]
    assert [(each["outcome"], each["purpose"]) for each in entries] == [("refused", "HRESCH"), ("refused", "unknown")]


CONTRACT = """
id = "G-1"
site = "A"
purposes = ["HRESCH"]
recipients = ["city-centre"]
from = 2026-01-01
until = 2026-12-31
signed_by = "甲"
[tables]
patient = ["org_patient_id", "gender_code", "birth_date", "person_id"]
encounter = ["*"]
condition = ["code", "role_code", "person_id", "encounter_id", "recorded_time"]
"""


def test_the_pool_gives_granted_columns_and_tokens_only(home, tmp_path):
    (tmp_path / "c.toml").write_text(CONTRACT, "utf-8")
    assert main(["contract", "sign", str(tmp_path / "c.toml"), "--home", str(home.path)]) == 0
    ingest(home, [tmp_path / "cdm"], "A", now=NOW)
    told = export_cdm(home, tmp_path / "out", Wanted(None, NOW, "HRESCH", "city-centre"))
    assert told.sites == ("A",)
    made = read_cdm(tmp_path / "out")
    assert violations(made) == []
    assert made["person"].height == 2
    assert not {"P7", "P8"} & set(made["person"]["person_source_value"])
    assert set(made["condition_occurrence"]["condition_source_value"]) == {"A01", "B02", "C03"}
    assert made["death"].height == 0  # death_time was not granted
    with pytest.raises(Refused):
        export_cdm(home, tmp_path / "other", Wanted(None, NOW, "PUBHLTH", "city-centre"))


def test_a_folder_that_is_there_is_not_written_into(home, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    with pytest.raises(Usage):
        export_cdm(home, tmp_path / "out", Wanted("A", NOW))
    with pytest.raises(Usage):
        export_cdm(home, tmp_path / "new", Wanted("B", NOW))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_the_verb_knows_both_spellings(home, tmp_path, capsys):
    assert (
        main(["export", "--format", "omop", "--site", "A", "--out", str(tmp_path / "x"), "--home", str(home.path)]) == 0
    )
    capsys.readouterr()
    assert (
        main(["export", "omop", "--site", "A", "--out", str(tmp_path / "y"), "--home", str(home.path), "--json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["tables"]["person"] == 2
    assert main(["export", "omop-check", str(tmp_path / "y"), "--json"]) == 0
    assert main(["export", "omop", "--out", str(tmp_path / "z"), "--home", str(home.path)]) == 2


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda rows: rows.drop("gender_concept_id"), "the field is missing"),
        (lambda rows: rows.with_columns(more=pl.lit("1")), "no field of the table"),
        (lambda rows: rows.with_columns(year_of_birth=pl.lit(None, pl.String)), "required and empty"),
        (lambda rows: rows.with_columns(month_of_birth=pl.lit("May")), "not integer"),
        (lambda rows: rows.with_columns(person_id=pl.lit("1")), "the key stands twice"),
        (lambda rows: rows.with_columns(gender_source_value=pl.lit("x" * 51)), "not varchar(50)"),
        (lambda rows: rows.with_columns(location_id=pl.lit("4711")), "refers to no location.location_id"),
        (lambda rows: rows.select(rows.columns[::-1]), "the fields are in another order"),
    ],
)
def test_a_cdm_that_is_not_sound_is_told_where(change, what):
    row = dict.fromkeys(cdm()["person"], None) | {"person_id": "1", "gender_concept_id": "8507", "year_of_birth": "1950",
                                                   "race_concept_id": "0", "ethnicity_concept_id": "0"}  # fmt: skip
    person = pl.DataFrame([row, row | {"person_id": "2"}], schema=dict.fromkeys(row, pl.String))
    place = pl.DataFrame([dict.fromkeys(cdm()["location"], None) | {"location_id": "1"}],
                         schema=dict.fromkeys(cdm()["location"], pl.String))  # fmt: skip
    assert violations({"person": person, "location": place}) == []
    assert what in {each.what for each in violations({"person": change(person), "location": place})}


def test_every_select_names_fields_of_its_table_only():
    assert set(TABLES) == set(SELECTS) <= set(cdm())


# --- out and in again ---------------------------------------------------------------------------------------------

KEYS = {"person_id", "encounter_id", "part_of", *COMMON}
CANNOT = {  # what the CDM has no field for, or fills when it is empty
    "patient": set(), "encounter": {"end_time"}, "condition": set(), "procedure": {"operator_id"},
    "observation": set(), "medication": {"end_time", "atc_code"},
}  # fmt: skip


def rows_in(folder: Path) -> dict[str, pl.DataFrame]:
    """Shared rows of a folder of CDM tables, without what names rows."""
    found: dict[str, list[pl.DataFrame]] = {}
    for path in sorted(folder.glob("*.csv")):
        if (guess := CONNECTOR.sniff(path)) is None or guess.profile == "death":
            continue
        for chunk in CONNECTOR.open(path).chunks(Context("A", "b", "f")):
            for name, rows in chunk.tables.items():
                found.setdefault(name, []).append(rows)
    return {name: pl.concat(frames) for name, frames in found.items()}


def told(rows: pl.DataFrame, name: str) -> list[str]:
    kept = [column for column in rows.columns if column not in KEYS | CANNOT[name]]
    return sorted(map(str, rows.select(kept).rows()))


@pytest.mark.samples
def test_a_real_cdm_comes_back_as_the_same_shared_rows(samples, tmp_path):
    import zipfile

    (packed,) = (samples / "omop" / "eunomia-synthea27nj").glob("*.zip")
    with zipfile.ZipFile(packed) as file:
        file.extractall(tmp_path / "in", [name for name in file.namelist() if "/" not in name])
    made = make_home(tmp_path / "home", bytes(32))
    ingest(made, [tmp_path / "in"], "A", now=NOW)
    out = export_cdm(made, tmp_path / "out", Wanted("A", NOW))
    assert out.left_out == {}
    assert violations(read_cdm(tmp_path / "out")) == []
    before, after = rows_in(tmp_path / "in"), rows_in(tmp_path / "out")
    assert set(before) <= set(after)
    for name in before:
        assert told(after[name], name) == told(before[name], name), name


@pytest.mark.samples
def test_the_sample_itself_is_held_against_the_definitions(samples, tmp_path):
    import zipfile

    (packed,) = (samples / "omop" / "eunomia-synthea27nj").glob("*.zip")
    with zipfile.ZipFile(packed) as file:
        file.extractall(tmp_path, [name for name in file.namelist() if "/" not in name])
    found = {(each.table, each.field, each.what) for each in violations(read_cdm(tmp_path))}
    assert not [each for each in found if each[2] in {"the field is missing", "the key stands twice"}]


def test_dates_are_those_of_the_person(home, tmp_path):
    export_cdm(home, tmp_path / "out", Wanted("A", NOW, as_format="parquet"))
    assert pl.read_parquet(tmp_path / "out" / "death.parquet")["death_date"].to_list() == [date(2024, 3, 4)]

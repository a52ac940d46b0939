"""Landing tables whose columns are called after data elements: read from the header alone, whatever holds them."""

import json
import random

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.connector import Context
from connectors.elements import places
from connectors.errors import UnknownFormat
from connectors.fitting import fit
from connectors.kinds import kinds
from connectors.landing.mapping import NAME, derived, refused
from connectors.landing.names import element_of
from connectors.landing.person import PERSON, RECORD
from connectors.landing.rows import NEEDS
from connectors.profiles import best
from connectors.reach import filled
from schemas.code_system import code_system
from schemas.tables import TABLES

VISIT = {"WS01_00_014_01": "Z1", "WS01_00_004_01": "B1", "WS02_01_039_001": "甲", "WS02_01_039_002": "乙", "WS02_01_040_01": "2",
         "CT02_01_040_01": "女", "WS02_01_005_01": "1980-02-03", "WS06_00_092_01": "2026-01-02 03:04", "WS05_01_024_01": "I10.x00",
         "WS05_01_025_01": "高血压", "WS09_99_001_01": "kept", "SITE": "kept too"}  # fmt: skip
ELEMENTS = sorted({*places(), *RECORD, *PERSON})


def csv(folder, header, rows):
    path = folder / "table.csv"
    path.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n", "utf-8")
    return path


def xlsx(folder, header, rows):
    path = folder / "table.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
    return path


def parquet(folder, header, rows):
    path = folder / "table.parquet"
    pl.DataFrame(rows, schema=list(header), orient="row").write_parquet(path)
    return path


def read(path):
    """The tables of all chunks, and how many records were accepted and rejected."""
    kind, found = max(
        ((each, each.sniff(path)) for each in kinds().values()), key=lambda pair: pair[1].sure if pair[1] else 0
    )
    source = kind.open(path)
    tables, chunks = {}, list(source.chunks(Context("A", "b", "f")))
    for chunk in chunks:
        chunk.check()
        for name, frame in chunk.tables.items():
            tables.setdefault(name, []).append(frame)
    rejected = sum(chunk.rejects["whole"].sum() for chunk in chunks)
    return found, source, {name: pl.concat(frames) for name, frames in tables.items()}, rejected, chunks


@pytest.mark.parametrize("write", [csv, xlsx, parquet])
def test_a_visit_is_read_from_whatever_holds_it(write, tmp_path):
    found, source, tables, _rejected, _chunks = read(write(tmp_path, list(VISIT), [list(VISIT.values())]))
    assert (found.profile, getattr(source, "profile", NAME)) == (NAME, NAME)
    visit, diagnosis, who = (tables[name].row(0, named=True) for name in ("encounter", "condition", "patient"))
    assert (visit["admission_no"], visit["mrn"], visit["class_code"], str(visit["start_time"])) == (
        "Z1", "B1", "IP", "2026-01-02 03:04:00"
    )  # fmt: skip
    assert (diagnosis["code"], diagnosis["display"], diagnosis["encounter_id"]) == (
        "I10.x00",
        "高血压",
        visit["record_id"],
    )
    assert (who["person_id"], who["name"], who["gender_code"], str(who["birth_date"])) == (
        "B1",
        "甲",
        "2",
        "1980-02-03",
    )
    assert json.loads(visit["extra"]) == {
        name: VISIT[name] for name in ("WS02_01_039_002", "CT02_01_040_01", "WS09_99_001_01", "SITE")
    }


@pytest.mark.parametrize("spell", [str.lower, str.upper, lambda name: name.replace("WS", "DE").replace("_", ".")])
def test_capitals_and_points_make_no_difference(spell):
    header = ["WS01_00_014_00", "WS02_01_040_00", "WS06_00_092_00", "WS05_01_024_00"]
    written = derived([spell(name) for name in header])
    assert [rows.table.name for rows in written.rows] == ["encounter", "condition", "patient"]
    assert written.source == derived(header).source


def test_a_second_use_of_an_element_has_no_place_and_a_doubled_one_is_not_guessed():
    assert element_of("WS02_01_039_001") == element_of("WS02_01_039_01") == "DE02.01.039.00"
    assert element_of("WS02_01_039_002") is None
    assert (
        "WS02_01_040_00"
        not in derived(["WS01_00_014_01", "WS02_01_040_01", "WS02_01_040_00", "WS02_01_005_01"]).sources
    )


def test_without_a_number_that_names_a_person_it_is_refused_and_told_what_would_serve(tmp_path):
    header = [name for name in VISIT if name not in ("WS01_00_014_01", "WS01_00_004_01")]
    with pytest.raises(UnknownFormat, match=r"none of them is a number that names a person.*DE01\.00\.004\.00 病案号"):
        fit("table.csv", header, None, None)
    path = csv(tmp_path, header, [["1"] * len(header)])
    told = kinds()["delimited"].sniff(path)
    assert told.profile == ""
    assert "DE01.00.014.00 住院号" in told.why


def test_a_header_that_fills_no_row_is_refused_and_told_what_a_row_needs():
    assert "encounter: DE06.00.092.00" in refused(["WS01_00_014_01", "WS09_99_001_01", "WS09_99_002_01"])


def test_names_that_dbase_cut_are_told_apart():
    assert "dBase" in refused([f"WS0{n}_00_014_01"[:10] for n in range(1, 5)])


def test_what_a_row_cannot_be_without_is_what_the_shared_tables_require():
    for table, needs in NEEDS.items():
        required = {name for name, column in TABLES[table].columns.items() if column.required}
        assert required & {name for group in needs for name in group} or table == "patient"


def test_drugs_of_one_prescription_are_records_of_their_own(tmp_path):
    header = ["WS01_00_020_01", "WS01_00_004_01", "WS08_50_022_01", "WS06_00_135_01", "WS06_00_164_01"]
    rows = [["R1", "B1", "甲药", "2", ""], ["R1", "B1", "乙药", "x", ""]]
    _found, _source, tables, rejected, chunks = read(csv(tmp_path, header, rows))
    drugs = tables["medication"]
    assert drugs["record_id"].n_unique() == drugs.height == 2
    assert (drugs["kind"].to_list(), drugs["total_qty"].to_list(), rejected) == (["prescription"] * 2, [2.0, None], 0)
    assert chunks[0].rejects.select("column", "reason").rows() == [("WS06_00_135_01", "bad-number")]
    assert "encounter" not in tables


def test_a_result_keeps_its_sign_and_its_words(tmp_path):
    header = ["WS01_00_018_01", "WS01_00_010_01", "WS04_30_020_01", "WS04_30_015_01", "WS04_30_016_01"]
    _found, _source, tables, _rejected, _chunks = read(
        csv(tmp_path, header, [["R1", "M1", "乙肝表面抗原", "<0.05", "IU/mL"]])
    )
    row = tables["observation"].row(0, named=True)
    assert (row["value_num"], row["comparator"], row["value_text"], row["unit"]) == (0.05, "<", "<0.05", "IU/mL")


def test_a_bare_one_is_neither_yes_nor_no(tmp_path):
    header = [*VISIT, "WS02_10_023_01"]
    _found, _source, tables, _rejected, chunks = read(
        csv(tmp_path, header, [[*VISIT.values(), "1"], ["Z2", *[*VISIT.values()][1:], "true"]])
    )
    assert tables["encounter"]["allergy_code"].to_list() == [None, "2"]
    assert chunks[0].rejects["reason"].to_list() == ["unmapped-code"]


def test_only_three_such_columns_make_such_a_table_and_known_profiles_come_first():
    assert derived(["WS01_00_014_01", "WS02_01_040_01", "x", "y"]) is None
    assert refused(["WS01_00_014_01", "x"]) == ""
    assert best(["x", "y"]) is None


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(ELEMENTS), unique=True, min_size=3, max_size=40),
    st.lists(
        st.lists(
            st.sampled_from(["", "1", "I10", "2026-01-02", "甲", "-", "x,y", "99999999999"]), min_size=40, max_size=40
        ),
        max_size=4,
    ),
    st.randoms(use_true_random=False),
)
def test_any_elements_make_a_table_that_conserves_or_a_reason(tmp_path, chosen, rows, dice):
    header = [dice.choice([name.replace(".", "_").replace("DE", "WS"), name, name.lower()]) for name in chosen] + [
        "SITE"
    ]
    cells = [[f'"{cell}"' for cell in row[: len(header)]] + ['"s"'] * (len(header) - 40) for row in rows]
    cells = [row[: len(header)] for row in cells]
    mapping = derived(header)
    if mapping is None:
        assert refused(header) or sum(element_of(name) is not None for name in header) < 3
        return
    found, _source, tables, rejected, chunks = read(csv(tmp_path, header, cells or [['"1"'] * len(header)]))
    assert found.profile == NAME
    assert (
        sum(chunk.read for chunk in chunks)
        == max(1, len(rows))
        == rejected + sum(chunk.records.height for chunk in chunks)
    )
    kept = [json.loads(each) for each in tables.get(mapping.main, pl.DataFrame({"extra": []}))["extra"].drop_nulls()]
    assert all("SITE" in each for each in kept)
    assert not any(set(each) & set(mapping.sources) for each in kept)


@given(st.randoms(use_true_random=False))
def test_the_order_of_columns_does_not_matter(dice):
    header = [name.replace(".", "_") for name in ELEMENTS if name.startswith("DE")]
    shuffled = [*header]
    dice.shuffle(shuffled)
    assert derived(shuffled).version == derived(header).version


def test_every_element_that_has_a_column_reaches_it_or_it_is_said_why_not():
    header = [name for name in ELEMENTS if name.startswith("DE")]
    visit = [
        name for name in header if name not in places() or places()[name].table not in ("medication", "observation")
    ]
    used = {*derived(header).sources, *derived(visit).sources}
    left = {name for name in header if name not in used}
    assert left - {"DE01.00.008.00"} == {"DE04.30.018.00", "DE05.10.138.01", "DE05.10.138.02", "DE05.10.138.03"}
    assert filled(derived(visit))["encounter"]


def test_codes_outside_the_shared_list_are_rejected_not_kept(tmp_path):
    assert "8" not in code_system("sex").codes
    changed = VISIT | {"WS02_01_040_01": "8"}
    _found, _source, tables, _rejected, chunks = read(csv(tmp_path, list(changed), [list(changed.values())]))
    assert tables["patient"]["gender_code"].to_list() == [None]
    assert chunks[0].rejects.select("column", "reason").rows() == [("WS02_01_040_01", "unmapped-code")]


def test_rows_do_not_depend_on_where_a_column_stands(tmp_path):
    names = list(VISIT)
    random.Random(7).shuffle(names)
    plain = read(csv(tmp_path, list(VISIT), [list(VISIT.values())]))[2]
    mixed = read(csv(tmp_path, names, [[VISIT[name] for name in names]]))[2]
    for name, frame in plain.items():
        volatile = ["source_row_hash", "extra"]
        assert frame.drop(volatile).equals(mixed[name].drop(volatile))

"""Cells of a front page that hold what they should not, in every layout: nothing is lost, all is told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kinds.delimited import CONNECTOR
from tests.connectors.drawn_page import V2, T, page, read, rejected, rows


def test_bad_values_empty_their_cell_and_are_rejected_with_their_column(tmp_path):
    second = {
        "A48": "B2",
        "B12": "2024-02-30 00:00:00",
        "A19C": "57",
        "A14": "七十",
        "D01": "abc",
        "A13": "1949-12",
        "A49": "99999999999",
    }
    chunk = read(page(tmp_path, V2, second))
    assert rejected(chunk) == [
        (2, "A13", "partial-date"),
        (2, "A14", "bad-number"),
        (2, "A19C", "unmapped-code"),
        (2, "A49", "out-of-range"),
        (2, "B12", "bad-date"),
        (2, "D01", "bad-number"),
    ]
    assert chunk.read == chunk.records.height == 2
    assert chunk.rejects.filter(column="A14")["raw"].to_list() == ["七十".encode()]
    assert rows(chunk, "patient", "person_id", "birth_precision", "ethnicity_code")[1] == ("B2", "month", None)


def test_a_record_without_its_key_or_its_person_is_rejected_whole(tmp_path):
    chunk = read(page(tmp_path, V2, {"A48": ""}, {"A48": "C3", "A49": " "}, {"A48": "D4"}))
    assert rejected(chunk) == [(2, "", "no-key"), (3, "", "no-key")]
    assert chunk.tables["patient"]["source_position"].to_list() == [1, 4]


def test_a_leading_tab_and_a_hyphen_are_no_values(tmp_path):
    cells = {name: f"\t{cell}" for name, cell in V2.items()} | {"C01C": "-", "C02N": "－", "C25": "-"}
    chunk = read(page(tmp_path, cells))
    assert rows(chunk, "encounter", "mrn", "start_time", "allergy_text") == [("A123", T(2024, 3, 1, 8, 30), "-")]
    assert rejected(chunk) == []


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", "|", ";", ",\t"])
def test_a_front_page_is_the_same_in_every_encoding_and_layout(tmp_path, encoding, separator):
    cells = {**V2, "D01": "1234.50", "A11": "张三丰"}
    chunk = read(page(tmp_path, cells, {"A48": "B2", "A11": "李四"}, encoding=encoding, separator=separator))
    assert CONNECTOR.sniff(tmp_path / "page.csv").profile == "hqms_v2"
    assert rows(chunk, "patient", "person_id", "name", "birth_date") == [
        ("A123", "张三丰", date(1949, 12, 31)),
        ("B2", "李四", date(1949, 12, 31)),
    ]
    assert rejected(chunk) == []


def test_a_file_whose_every_record_lacks_its_key_gives_rejects_with_the_raw_record(tmp_path):
    chunk = read(page(tmp_path, {**V2, "A48": "-"}))
    assert rejected(chunk) == [(1, "", "no-key")]
    assert chunk.records.height == chunk.tables["encounter"].height == 0
    assert chunk.rejects["raw"][0].decode("gb18030").startswith("456087837440606111A1001,-,1,")


SAYINGS = st.sampled_from(
    [
        "",
        "-",
        "1",
        "01",
        "张三",
        "2024-03-01 08:30:00",
        "20240301",
        "１２",
        "99999999999",
        "1.5",
        "A00.000",
        "\t7",
        "a|b",
        '"',
    ]
)


@given(records=st.lists(st.lists(SAYINGS, min_size=24, max_size=24), min_size=1, max_size=5))
def test_whatever_stands_in_a_front_page_no_record_is_lost(tmp_path_factory, records):
    names = [*V2, "C06x03C", "C07x03N", "B21C", "C48x02C", "C49x02"][:24]
    text = "\n".join(
        ["|".join(names), *("|".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in each) for each in records)]
    )
    path = tmp_path_factory.mktemp("any") / "page.csv"
    path.write_text(text + "\n", "utf-8")
    chunk = read(path, distinct=False)
    assert chunk.read == len(records)
    places = set(zip(chunk.rejects["position"], chunk.rejects["column"], chunk.rejects["reason"], strict=True))
    assert len(places) == chunk.rejects.height

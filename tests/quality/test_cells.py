"""Cells in doubt: which side of a contradiction is wrong, told from the table alone."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput
from federation.quality.cells.dependency import Dependency, declared, found
from federation.quality.cells.doubt import doubts
from federation.quality.cells.spelling import slips, unusual

WARD_DECIDES_FLOOR = Dependency(("ward",), "floor")


def table(picture: str) -> pl.DataFrame:
    """A table drawn as lines of cells; `_` is empty."""
    head, *lines = [line.split() for line in picture.strip().splitlines()]
    rows = [[None if cell == "_" else cell for cell in line] for line in lines]
    return pl.DataFrame(rows, schema=dict.fromkeys(head, pl.String()), orient="row")


def said(cells: pl.DataFrame, *by: Dependency) -> list[tuple[int, str, str | None, str]]:
    return doubts(cells, by).select("row", "column", "expected", "because").rows()


def test_of_two_floors_of_one_ward_the_rare_one_is_in_doubt():
    cells = table("ward floor\n" + "north 3\n" * 9 + "north 4\n" + "south 4\n" * 9)
    assert said(cells, WARD_DECIDES_FLOOR) == [(9, "floor", "3", "dependency")]


def test_two_floors_that_are_as_frequent_accuse_nobody():
    cells = table("ward floor\n" + "north 3\n" * 5 + "north 4\n" * 5)
    assert said(cells, WARD_DECIDES_FLOOR) == []


def test_the_misspelled_key_is_in_doubt_and_not_the_value_it_leads_to():
    cells = table("ward floor\n" + "northern 3\n" * 9 + "nxrthern 3\n" + "southern 4\n" * 9)
    by = (WARD_DECIDES_FLOOR, Dependency(("floor",), "ward"))
    assert said(cells, *by) == [(9, "ward", "northern", "dependency+slip")]


def test_an_empty_cell_is_not_in_doubt():
    cells = table("ward floor\n" + "north 3\n" * 9 + "north _\n_ 3\n")
    assert said(cells, WARD_DECIDES_FLOOR) == []


def test_numbers_that_differ_by_a_digit_are_no_slips_of_each_other():
    assert slips(pl.Series(["120"] * 40 + ["121", "720"])).is_empty()


def test_a_misspelled_word_inside_a_long_text_is_found_and_mended():
    texts = [f"{number} patients in the department" for number in range(40)]
    [(value, meant, _)] = slips(pl.Series([*texts, "7 patxents in the depxrtment"])).rows()
    assert (value, meant) == ("7 patxents in the depxrtment", "7 patients in the department")


def test_a_value_of_another_shape_than_nearly_all_is_unusual():
    assert unusual(pl.Series([f"{n}%" for n in range(98)] + ["9x%", "n/a"])).filter("unusual")["value"].sort().to_list() == [
        "9x%", "n/a",
    ]  # fmt: skip


def test_dependencies_are_found_where_they_nearly_hold_and_say_more_than_a_guess():
    wards = [("north", "3", "yes"), ("south", "4", "yes"), ("west", "5", "yes")] * 10
    cells = pl.DataFrame([*wards, ("north", "4", "no")], schema=["ward", "floor", "open"], orient="row")
    assert [str(each) for each in found(cells)] == ["ward -> floor", "floor -> ward"]


@pytest.mark.parametrize("cells", [
    pl.DataFrame(schema={"a": pl.String(), "b": pl.String()}),
    table("a b\nx y"),
    table("a b\n_ _\n_ _"),
    table("a b\n" + "x y\n" * 5),
])  # fmt: skip
def test_tables_that_say_nothing_accuse_nobody(cells):
    assert found(cells) == []
    assert doubts(cells, [Dependency(("a",), "b")]).is_empty()


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("123")), max_size=40), st.randoms(use_true_random=False)
)
def test_the_order_of_the_rows_changes_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    schema, by = {"a": pl.String(), "b": pl.String()}, [Dependency(("a",), "b")]

    def cells(of):
        frame = pl.DataFrame(of, schema=schema, orient="row")
        found = doubts(frame, by)
        return sorted((*frame.row(row), column, expected) for row, column, _, expected, _ in found.iter_rows())

    assert cells(rows) == cells(shuffled)


@pytest.mark.parametrize(("text", "says"), [
    ("", "declares nothing"),
    ("not toml", "no TOML"),
    ("[[dependency]]\nof = 'a'\ndecides = 'b'", "a [[dependency]] says"),
    ("[[dependency]]\nof = ['a', 'q']\ndecides = 'b'", "no column `q`"),
    ("[[dependency]]\nof = ['b']\ndecides = 'b'", "decides itself"),
])  # fmt: skip
def test_a_declaration_that_cannot_be_meant_is_refused(tmp_path, text, says):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as refused:
        declared(path, ["a", "b"])
    assert says in str(refused.value)


@pytest.mark.samples
def test_the_wrong_cells_of_the_hospital_table_are_found(samples):
    from tests.evidence.hospital import HERE, measured, table

    cells, wrong = table(samples / "tabular" / "holoclean")
    assert len(wrong) == 509
    assert measured(cells, wrong, declared(HERE / "hospital.toml", cells.columns))["F1"] >= 0.90
    assert measured(cells, wrong, found(cells))["F1"] >= 0.84

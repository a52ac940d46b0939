"""Code lists: what is shipped, that it is in order, and what asking for it answers."""

import polars as pl
import pytest

from schemas.code_system import FOLDER, code_system, codes, names
from schemas.errors import NoSuchCodeSystem


def answers(name: str, *values: str | None) -> list[bool | None]:
    asked = pl.DataFrame({"value": values}, schema={"value": pl.String})
    return asked.select(code_system(name).contains(pl.col("value"))).to_series().to_list()


def test_every_list_has_a_title_and_every_title_a_list():
    assert sorted(names()) == sorted(path.stem for path in FOLDER.glob("*.csv"))


@pytest.mark.parametrize("name", names())
def test_a_list_has_each_code_once_and_each_in_both_languages(name: str):
    rows = code_system(name).rows
    assert rows.columns[:3] == ["code", "means", "zh"]
    assert set(rows.dtypes) == {pl.String}
    assert rows["code"].is_unique().all()
    assert rows.select("code", "means", "zh").null_count().row(0) == (0, 0, 0)
    assert (rows["code"] == rows["code"].str.strip_chars()).all()


def test_the_lists_of_the_front_page_interface_are_there():
    assert set(names()) >= {f"rc{number:03}" for number in (
        1, 2, 3, 4, 5, 7, 11, 13, 14, 15, 16, 18, 19, 23, 24, 26, 27, 28, 29, 30, 31, 32, 33, 35, 36, 37, 38, 39, 41,
        42, 44, 45)}  # fmt: skip


def test_the_chinese_medicine_set_reuses_numbers_with_other_meanings():
    assert code_system("rc028").labels["1"] == ("no", "无")
    assert code_system("tcm-rc028").zh == "药物过敏"
    assert code_system("tcm-rc039").zh != code_system("rc039").zh


def test_yes_and_no_are_written_in_opposite_ways_by_one_interface():
    assert code_system("rc016").labels["1"][0] == "yes"
    assert code_system("rc028").labels["1"][0] == "no"
    assert code_system("rc039").labels["1"][0] == "yes"
    assert code_system("rc018").labels["1"][0] == "yes"


@pytest.mark.parametrize(("name", "value", "known"), [
    ("sex", "1", True), ("sex", "男", False), ("sex", "", False),
    ("ethnicity", "01", True), ("ethnicity", "1", False), ("ethnicity", "57", False), ("ethnicity", "97", True),
    ("rc035", "1", True), ("rc035", "66", True), ("rc035", "99", True),
    ("country", "156", True), ("country", "CHN", False),
    ("rc019", "6", False), ("rc023", "0301", True), ("rc023", "301", False),
    ("fee-class", "FP09A", True),
])  # fmt: skip
def test_a_value_is_a_code_only_as_the_list_writes_it(name: str, value: str, known: bool):
    assert answers(name, value) == [known]


def test_an_empty_cell_is_not_asked():
    assert answers("sex", None, "1") == [None, True]


def test_counties_of_1980_are_known_and_so_is_the_year_they_ended():
    counties = code_system("division").rows
    chongwen = counties.row(by_predicate=pl.col("code") == "110103", named=True)
    assert (chongwen["zh"], chongwen["means"], chongwen["since"]) == ("崇文区", "county", "198012")
    assert chongwen["until"] is not None
    assert counties.row(by_predicate=pl.col("code") == "110101", named=True)["until"] is None


def test_counties_of_the_last_years_and_all_provinces_are_known():
    assert answers("division", "330113", "110000", "710000", "810000", "820000", "990000") == [True] * 5 + [False]
    provinces = code_system("division").rows.filter(pl.col("means") == "province", pl.col("until").is_null())
    assert provinces.height == 34


def test_there_are_56_peoples_in_the_order_of_the_standard():
    peoples = code_system("ethnicity").labels
    assert [peoples[code][1] for code in ("01", "08", "23", "30", "56")] == ["汉族", "壮族", "高山族", "土族", "基诺族"]


def test_an_unknown_list_is_refused_with_the_nearest_name():
    with pytest.raises(NoSuchCodeSystem, match="Did you mean `rc019`"):
        codes("rc19")
    with pytest.raises(NoSuchCodeSystem, match="guantong export codes"):
        codes("xyzzyqqq")


def test_the_fees_of_a_front_page_are_24_and_parts_are_marked_by_a_letter():
    fees = codes("fee-class").filter(codes("fee-class").str.starts_with("FP"))
    assert fees.filter(fees.str.len_chars() == 4).len() == 24
    assert fees.filter(fees.str.len_chars() == 5).to_list() == ["FP09A", "FP10A", "FP10B", "FP13A"]

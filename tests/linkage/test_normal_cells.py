"""Telephones, births, addresses and numbers: one spelling each, placeholders nothing, nothing invented."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.linkage.identity import IDENTITY, NUMBERS
from federation.linkage.normal import birth
from federation.linkage.normal.address import of_addresses
from federation.linkage.normal.frame import NORMAL, NORMAL_NUMBERS
from federation.linkage.normal.number import WHY
from federation.linkage.normal.persons import normal
from federation.linkage.normal.phone import of_phones

HOLDS = "11010519491231002X"  # the example of GB 11643


def phone(cell: str | None) -> object:
    return of_phones(pl.Series([cell], dtype=pl.String)).item()


def place(address: str | None, division: str | None = None) -> tuple[object, ...]:
    return of_addresses(pl.Series([address], dtype=pl.String), pl.Series([division], dtype=pl.String)).row(0)


def born(text: str | None) -> object:
    return birth.of_text(pl.Series([text], dtype=pl.String)).item()


@pytest.mark.parametrize(("written", "read"), [
    ("15400000012", "15400000012"), ("+86 154-0000-0012", "15400000012"), ("8615400000012", "15400000012"),
    ("008615400000012", "15400000012"), ("015400000012", "15400000012"), ("１５４００００００１２", "15400000012"),
    ("154 0000 0012", "15400000012"), ("010-55550123", "01055550123"), ("(0755)55550123转801", "075555550123"),
    ("0757 5550123", "07575550123"), ("86-10-55550123", "01055550123"), ("+86 (0)10 55550123", "01055550123"),
    ("0571-55550123-12", "057155550123"), ("55550123", "55550123"), ("+852 5555 0123", "0085255550123"),
    ("010-55550123 15400000012", "15400000012"), ("15400000012/15400000013", "15400000012"),
    ("15400000012 15400000013", "15400000012"), ("家:010-55550123 手机:15400000012", "15400000012"),
    ("无;15400000012", "15400000012"), ("13800000000/15400000012", "15400000012"),
    ("13800000000", None), ("13800138000", None), ("15412345678", None), ("1540000001", None), ("154000000123", None),
    ("11111111111", None), ("00000000", None), ("12345678", None), ("无", None), ("-", None), ("不详", None), ("10086", None),
    ("", None), (None, None), ("15400000012abc15400000013", None),
])  # fmt: skip
def test_a_telephone_number_has_one_spelling(written: str | None, read: str | None):
    assert phone(written) == read


def many(one: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    """Cells in one column: a frame costs the same whether it has one row or fifty."""
    return st.lists(one, min_size=1, max_size=50)


FEW = settings(max_examples=12)


@FEW
@given(
    many(
        st.one_of(st.text(max_size=40), st.lists(st.sampled_from("0123456789-+() /;转无１"), max_size=40).map("".join))
    )
)
def test_a_normalised_telephone_number_stays_and_is_made_of_digits(cells: list[str]):
    read = of_phones(pl.Series(cells, dtype=pl.String))
    assert read.drop_nulls().str.contains(r"^[0-9]{7,18}$").all()
    assert of_phones(read).to_list() == read.to_list()


@pytest.mark.parametrize(("written", "read"), [
    ("1957", "1957"), ("1957-3", "195703"), ("1957年3月", "195703"), ("1957年3月5日", "19570305"), ("19570305", "19570305"),
    ("1957-03-05 08:30:00", "19570305"), ("1957-03-05T08:30", "19570305"), ("1957年3月5日8时", "19570305"),
    ("19570305083000", "19570305"), ("１９５７／３／５", "19570305"), ("19570300", "195703"), ("1957-03-00", "195703"),
    ("1957-00-00", "1957"), ("195703", "195703"), ("1957年", "1957"),
    ("19570230", None), ("1957-13", None), ("1900-01-01", None), ("1899-12-30", None), ("9999-12-31", None), ("11111111", None),
    ("0057", None), ("57", None), ("3/5/1957", None), ("无", None), ("", None), (None, None),
])  # fmt: skip
def test_a_birth_is_as_long_as_it_is_known(written: str | None, read: str | None):
    assert born(written) == read


@FEW
@given(many(st.one_of(st.text(max_size=20), st.lists(st.sampled_from("0123456789-/年月日"), max_size=12).map("".join))))
def test_a_normalised_birth_stays(texts: list[str]):
    once = birth.of_text(pl.Series(texts))
    assert birth.of_text(once).to_list() == once.to_list()


def test_a_date_is_cut_to_what_is_known_of_it():
    rows = [(date(1957, 3, 5), "day", "19570305"), (date(1957, 3, 1), "month", "195703"), (date(1957, 1, 1), "year", "1957"),
            (date(1957, 3, 5), None, "19570305"), (date(1900, 1, 1), "day", None), (None, "day", None)]  # fmt: skip
    frame = pl.DataFrame(rows, schema={"date": pl.Date, "precision": pl.String, "read": pl.String}, orient="row")
    assert (
        frame.select(birth.of_date(pl.col("date"), pl.col("precision"))).to_series().to_list()
        == frame["read"].to_list()
    )


@pytest.mark.parametrize(("written", "division", "read"), [
    ("广东省佛山市南海区甲街道乙路二十三号", None, ("440605", "甲街道乙路23号")),
    ("佛山南海区甲街道", None, ("440605", "甲街道")), ("南海区甲街道", None, ("440605", "甲街道")),
    ("广东省佛山市南海区广东省佛山市南海区甲街道", None, ("440605", "甲街道")),
    ("北京市市辖区朝阳区甲路一号三单元二〇三室", None, ("110105", "甲路1号3单元203")), ("北京朝阳区甲路１号", None, ("110105", "甲路1号")),
    ("凉山州西昌市甲路", None, ("513401", "甲路")), ("江苏省昆山市甲镇", None, ("320583", "甲镇")),
    ("崇文区甲路", None, ("110103", "甲路")),                             # given up in 2010, still in addresses
    ("朝阳区甲路", None, (None, "朝阳区甲路")), ("西区甲路", None, (None, "西区甲路")),        # there is more than one, or any
    ("江苏省鼓楼区甲路", None, ("320000", "鼓楼区甲路")), ("鼓楼区甲路", "320106", ("320106", "甲路")),
    ("广东省佛山市", None, ("440600", None)), ("广东省", None, ("440000", None)), ("南京路1号", None, (None, "南京路1号")),
    ("南海区甲路", "110000", ("110000", "南海区甲路")),                      # the code is believed
    ("甲路", "440605001002", ("440605", "甲路")), ("甲路", "999999", (None, "甲路")), ("甲路", "320101", ("320100", "甲路")),
    ("五一路三号十二栋501室", None, (None, "五一路3号12栋501")), ("甲路3#楼2-501", None, (None, "甲路3栋2-501")),
    ("甲路一百零三号", None, (None, "甲路103号")), ("1 Main Street", None, (None, "1 main street")),
    ("不详", None, (None, None)), ("-", None, (None, None)), ("同上", "440605", ("440605", None)), ("", None, (None, None)),
])  # fmt: skip
def test_an_address_is_a_division_and_a_street(written: str, division: str | None, read: tuple[object, ...]):
    assert place(written, division) == read


HEADS = st.sampled_from(
    [
        "广东省",
        "佛山市",
        "南海区",
        "北京",
        "朝阳区",
        "鼓楼区",
        "市辖区",
        "甲路",
        "二十三号",
        "楼",
        "室",
        "#",
        "-",
        " ",
        "3",
        "百",
        "幢",
    ]
)


KNOWN = st.sampled_from([None, "440605", "110000", "440600", "320101", "x"])


@FEW
@given(
    st.lists(st.tuples(st.one_of(st.text(max_size=60), st.lists(HEADS, max_size=8).map("".join)), KNOWN), max_size=50)
)
def test_a_normalised_address_stays(places: list[tuple[str, str | None]]):
    asked = pl.DataFrame(places, schema={"address": pl.String, "code": pl.String}, orient="row")
    once = of_addresses(asked["address"], asked["code"])
    assert of_addresses(once["street"], once["division"]).rows() == once.rows()


def told(
    *numbers: tuple[str | None, str | None], birth_date: date | None = None, sex: str | None = None
) -> list[tuple[object, ...]]:
    row = {"site": "A", "record": "1", "birth_date": birth_date, "birth_precision": "day", "sex": sex}
    rows = [("A", "1", kind, value) for kind, value in numbers]
    _, made = normal(pl.DataFrame([row], schema=IDENTITY), pl.DataFrame(rows, schema=NUMBERS, orient="row"))
    assert made.schema == NORMAL_NUMBERS
    assert (made["usable"] == made["why"].is_null()).all()
    assert set(made["why"].drop_nulls()) <= set(WHY)
    return made.select("kind", "value", "why").rows()


@pytest.mark.parametrize(
    "written",
    [HOLDS, "11010519491231002x", "110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ", "110105491231002"],
)
@pytest.mark.parametrize("kind", ["1", "01"])
def test_a_resident_number_has_one_spelling(written: str, kind: str):
    assert told((kind, written)) == [("id", HOLDS, None)]


@pytest.mark.parametrize(("kind", "written", "why"), [
    ("1", "111111111111111111", "placeholder"), ("1", "000000000000000000", "placeholder"), ("1", "-", "placeholder"),
    ("1", "无", "placeholder"), ("1", "不详", "placeholder"), ("1", "123456789012345678", "placeholder"), ("1", "", "placeholder"),
    ("1", "11111111111111111X", "placeholder"), ("1", "111111111111111", "placeholder"), ("6", "G00000000", "placeholder"),
    ("1", "11010519491231", "shape"), ("1", "G7654320", "shape"), ("6", "71", "shape"), ("9", "张甲", "shape"),
    ("1", "110105194912310021", "check-digit"), ("1", "110105194902310026", "calendar"), ("1", "110105491331002", "calendar"),
    (None, "7654320", "kind"), ("99", "7654320", "kind"),
    ("6", "G7654320", None), ("9", "HC7654320", None), ("4", "H07654320", None), ("2", "军字第7654320号", None),
])  # fmt: skip
def test_a_number_that_may_not_stand_for_a_person_says_why(kind: str | None, written: str, why: str | None):
    [(_, _, said)] = told((kind, written))
    assert said == why


def test_a_number_of_no_said_kind_that_passes_every_check_is_a_residents():
    assert told((None, HOLDS), ("9", HOLDS)) == [("id", HOLDS, None)] * 2


@pytest.mark.parametrize(("birth_date", "sex", "why"), [
    (date(1949, 12, 31), "2", None), (date(1949, 12, 13), "2", None), (date(1949, 11, 30), "2", None),      # slips of the pen
    (date(1975, 3, 5), "2", "contradicts-birth"), (None, "1", "contradicts-sex"), (date(1949, 12, 31), "1", None),
    (None, None, None),
])  # fmt: skip
def test_another_ones_number_is_not_the_childs(birth_date: date | None, sex: str | None, why: str | None):
    [(_, _, said)] = told(("1", HOLDS), birth_date=birth_date, sex=sex)
    assert said == why


def test_what_a_record_lacks_is_taken_from_its_resident_number_and_not_where_two_say_two():
    rows = pl.DataFrame([("A", "1", "1", HOLDS), ("A", "2", "1", HOLDS), ("A", "2", "1", "110105195001010020")],
                        schema=NUMBERS, orient="row")  # fmt: skip
    people, numbers = normal(pl.DataFrame([{"site": "A", "record": each} for each in "123"], schema=IDENTITY), rows)
    assert numbers["usable"].to_list() == [True, True, True]
    assert people.schema == NORMAL
    assert people.select("born", "sex").row(0) == ("19491231", "2")
    assert people.select("born", "sex").rows()[1:] == [(None, None)] * 2


VALUES = st.one_of(st.text(max_size=30), st.sampled_from([HOLDS, "110105491231002"]))


@FEW
@given(st.lists(st.tuples(st.sampled_from(["1", "6", "9", "4", None, "zz"]), VALUES), max_size=50))
def test_a_normalised_number_stays(numbers: list[tuple[str | None, str]]):
    once = told(*numbers)
    assert told(*[(each[0], each[1]) for each in once]) == once  # type: ignore[misc]


def test_empty_frames_are_empty_frames():
    people, numbers = normal(pl.DataFrame(schema=IDENTITY), pl.DataFrame(schema=NUMBERS))
    assert (people.schema, numbers.schema) == (NORMAL, NORMAL_NUMBERS)

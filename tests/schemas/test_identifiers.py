"""Identifiers: published numbers hold, a slip of one digit breaks them, and 15 digits made 18 say the same."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import nhsa, org_code9, resident_id, uscc, ws218
from schemas.identifiers.written import normalised

Question = Callable[[pl.Expr], pl.Expr]
REGIONS = ["110105", "310101", "330113", "110103", "500000"]
CREDIT = ["91350100M000100Y43", "91110000802100433B", "12100000400000624D"]


def ask(question: Question, *values: str | None) -> list[object]:
    frame = pl.DataFrame({"value": values}, schema={"value": pl.String})
    return frame.select(question(pl.col("value"))).to_series().to_list()


@st.composite
def short_ids(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1900, 1, 1), date(1999, 12, 31)))
    return f"{draw(st.sampled_from(REGIONS))}{born:%y%m%d}{draw(st.integers(0, 999)):03}"


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    [number] = ask(resident_id.to_18, draw(short_ids()))
    return str(number)


def slips(number: str, alphabet: str = "0123456789") -> list[str]:
    return [
        number[:at] + other + number[at + 1 :] for at, own in enumerate(number) for other in alphabet if other != own
    ]


def test_the_example_of_the_standard_holds():
    assert ask(resident_id.check_ok, "11010519491231002X") == [True]


def test_what_a_number_says_can_be_read():
    number = "11010519491231002X"
    assert ask(resident_id.birth_date, number) == [date(1949, 12, 31)]
    assert ask(resident_id.sex, number, "110105491231002", "110105491231003") == ["2", "2", "1"]
    assert ask(resident_id.region, number) == ["110105"]


@pytest.mark.parametrize(("number", "check_ok", "valid"), [
    ("11010519491231002X", True, True),
    ("110105194912310021", False, False),
    ("110105491231002", None, True),          # 15 digits carry no check character
    ("110105491331002", None, False),         # a thirteenth month
    ("110105194902310026", True, False),      # the check holds, but February has no 31st
    ("1101051949123100X2", False, False),
    ("11010519491231002", False, False),
    ("", False, False),
    ("-", False, False),
    (None, None, None),
])  # fmt: skip
def test_a_number_is_judged_by_shape_check_character_and_calendar(number, check_ok, valid):
    assert ask(resident_id.check_ok, number) == [check_ok]
    assert ask(resident_id.valid, number) == [valid]


@given(resident_ids())
def test_every_slip_of_one_digit_breaks_a_resident_number(number: str):
    assert ask(resident_id.check_ok, number) == [True]
    assert set(ask(resident_id.check_ok, *slips(number))) == {False}


@given(resident_ids())
def test_two_neighbours_exchanged_break_a_resident_number(number: str):
    swapped = [
        number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(17) if number[at] != number[at + 1]
    ]
    assert set(ask(resident_id.check_ok, *swapped)) <= {False}


@given(short_ids())
def test_15_digits_become_18_and_say_the_same(short: str):
    [long] = ask(resident_id.to_18, short)
    assert isinstance(long, str)
    assert long[:6] + long[8:17] == short
    assert ask(resident_id.valid, long) == [True]
    assert ask(resident_id.to_18, long) == [long]
    for question in (resident_id.birth_date, resident_id.sex, resident_id.region):
        assert ask(question, long) == ask(question, short)


def test_a_county_that_was_dissolved_still_issued_numbers():
    assert ask(resident_id.region_known, "11010319491231002X", "99010519491231002X", "x") == [True, False, None]


@pytest.mark.parametrize("written", [
    "11010519491231002x", " 11010519491231002X ", "110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ",
    "１１０１０５　１９４９１２３１００２ｘ",
])  # fmt: skip
def test_full_width_small_letters_and_blanks_are_one_number(written: str):
    assert ask(normalised, written) == ["11010519491231002X"]


@given(st.text(max_size=25))
def test_no_text_is_too_odd_to_be_asked(text: str):
    for question in (
        resident_id.check_ok,
        resident_id.valid,
        uscc.check_ok,
        uscc.valid,
        org_code9.check_ok,
        ws218.check_ok,
        nhsa.org_ok,
        nhsa.drug_ok,
    ):
        assert ask(lambda column, question=question: question(normalised(column)), text) in ([True], [False], [None])


def test_normalising_twice_changes_nothing_more():
    once = ask(normalised, "１１０１ ０５ｘ")
    assert ask(normalised, *once) == once  # type: ignore[arg-type]


@pytest.mark.parametrize("code", CREDIT)
def test_published_credit_codes_hold_and_so_does_the_organisation_code_inside(code: str):
    assert ask(uscc.check_ok, code) == [True]
    assert ask(uscc.valid, code) == [True]


@given(st.sampled_from(CREDIT))
def test_every_slip_of_one_character_breaks_a_credit_code(code: str):
    assert set(ask(uscc.check_ok, *slips(code, uscc.ALPHABET + "IOSVZ"))) == {False}


def test_a_credit_code_says_where_it_was_registered_and_for_whom():
    assert ask(uscc.division, CREDIT[2]) == ["100000"]
    assert ask(uscc.org_code, CREDIT[2]) == ["400000624"]


@pytest.mark.parametrize("code", ["802100433", "400000624", "456087837"])
def test_published_organisation_codes_hold_and_every_slip_of_one_digit_breaks_them(code: str):
    assert ask(org_code9.check_ok, code) == [True]
    assert set(ask(org_code9.check_ok, *slips(code))) == {False}


def test_the_hyphen_of_an_organisation_code_is_not_part_of_it():
    assert ask(org_code9.normalised, "80210043-3", "８０２１００４３－３") == ["802100433", "802100433"]


def test_a_live_institution_code_of_22_characters_holds():
    code = "45608783744060611A1001"
    assert ask(ws218.check_ok, code, code[:8] + "8" + code[9:], code[:-1], None) == [True, False, False, None]
    assert ask(ws218.division, code) == ["440606"]
    assert ask(ws218.division_known, code) == [True]
    assert ask(ws218.class_code, code) == ["A100"]


def test_codes_of_the_insurance_bureau_are_known_by_their_shape():
    assert ask(nhsa.org_ok, "H42080400001", "P42080400001", "X42080400001", "H4208040000", None) == [
        True, True, False, False, None]  # fmt: skip
    assert ask(nhsa.org_division_known, "H42080400001") == [True]
    assert ask(nhsa.drug_ok, "X" + "A" * 22, "Z" + "A" * 19, "X" + "A" * 19, "A" * 23) == [True, True, False, False]
    assert ask(nhsa.consumable_ok, "C" + "1" * 19, "C" + "1" * 26, "C" + "1" * 20) == [True, True, False]


def test_the_questions_can_be_asked_of_a_lazy_frame_of_any_size():
    rows = pl.LazyFrame({"value": ["11010519491231002X", None] * 50_000})
    counted = rows.select(resident_id.valid(pl.col("value")).sum()).collect(engine="streaming")
    assert counted.item() == 50_000

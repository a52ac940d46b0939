"""Every check there is has a row that is right and one that is wrong."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from federation.quality.count import count
from federation.quality.kind import Kind
from federation.quality.library import all_checks, find, written
from federation.quality.ranges import BANDS, BY_AGE, ITEMS, MOST_UNITS, SPELLINGS
from schemas.code_system import codes
from schemas.tables import TABLES

EXAMPLES = Path(__file__).with_name("examples.txt")
AS_OF = date(2026, 1, 1)
WRITTEN = [each.id for each in written()]
BY_RANGE = {f"measurement.{item.id}_is_possible" for item in ITEMS}
IMPLIED = [each for each in all_checks() if each.id not in WRITTEN]


def cases():
    check = ""
    for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            verdict, _, picture = line.strip().partition(" ")
            yield pytest.param(check, verdict, picture.strip(), id=f"{check} {verdict}: {picture.strip()[:60]}")
        elif line and not line.startswith("#"):
            check = line.strip()


def asked_and_failed(tables, check, as_of):
    states = count(tables, as_of, find(check))
    return states["asked"].sum(), states["failed"].sum()


def verdict_of(asked, failed):
    return "silent" if not asked else "wrong" if failed else "right"


@pytest.mark.parametrize(("check", "verdict", "picture"), list(cases()))
def test_the_example_is_judged_as_written(check, verdict, picture, rows, as_of):
    assert verdict_of(*asked_and_failed(rows(picture), check, as_of)) == verdict


def test_every_written_check_has_a_right_and_a_wrong_example():
    shown = {(case.values[0], case.values[1]) for case in cases()}
    missing = [
        (name, verdict)
        for name in WRITTEN
        if name not in BY_RANGE
        for verdict in ("right", "wrong")
        if (name, verdict) not in shown
    ]
    assert missing == []


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_a_result_is_judged_in_whatever_unit_and_by_code_or_by_name(item, rows, as_of):
    check = f"measurement.{item.id}_is_possible"
    for unit in item.units:
        for called in (f"item_code={item.loinc[0]}", f"item_name={item.names[0]}"):
            inside, outside = ((value - unit.offset) / unit.factor for value in middle_and_beyond(item))
            written_unit = unit.name.upper() if unit.name.isascii() else unit.name
            for value, wanted in ((inside, (1, 0)), (outside, (1, 1))):
                tables = rows(f"observation {called} value_num={value} unit_ucum={written_unit}")
                assert asked_and_failed(tables, check, as_of) == wanted, (unit, called, value)
    assert asked_and_failed(rows(f"observation item_name={item.names[0]} value_num=1 unit=?"), check, as_of) == (0, 0)


def middle_and_beyond(item):
    return (item.often_low + item.often_high) / 2, item.high * 1.1 + 1


def test_bounds_are_wider_than_what_is_usual_and_no_code_or_name_is_two_things():
    for item in ITEMS:
        assert item.low <= item.often_low < item.often_high <= item.high, item.id
        assert item.units[0].factor == 1, item.id
        assert len(item.units) <= MOST_UNITS, item.id
    for named in ("loinc", "names"):
        told = [name for item in ITEMS for name in getattr(item, named)]
        assert len(told) == len(set(told))
        assert all(name == name.strip().lower() for name in told)
    assert {each.item for each in BY_AGE} <= {item.id for item in ITEMS}
    assert {band for each in BY_AGE for band in each.bands} <= set(BANDS)
    assert not set(SPELLINGS) & set(SPELLINGS.values())


def test_loinc_codes_have_their_check_digit():
    for item in ITEMS:
        for code in item.loinc:
            number, digit = code.split("-")
            doubled = [int(figure) * (2 - place % 2) for place, figure in enumerate(reversed(number))]
            assert (10 - sum(sum(map(int, str(each))) for each in doubled) % 10) % 10 == int(digit), code


@pytest.mark.parametrize("check", IMPLIED, ids=lambda check: check.id)
def test_an_implied_check_is_right_and_wrong_as_its_column_says(check, as_of):
    right, wrong, silent = pictured(check)
    assert verdict_of(*asked_and_failed(right, check.id, as_of)) == "right"
    assert verdict_of(*asked_and_failed(wrong, check.id, as_of)) == "wrong"
    assert verdict_of(*asked_and_failed(silent, check.id, as_of)) == "silent"


def pictured(check):
    """Tables in which the check is right, wrong, and not asked."""
    table, what = check.table, check.id.rpartition(".")[2]
    column = check.id.split(".")[1]
    dtype = TABLES[table].schema()[column]
    if what == "unique":
        return one(table, record_id="1"), two(table, record_id="1"), one(table, record_id=None)
    if what == "filled":
        wrong = " " if dtype == pl.String else None
        return one(table, **{column: example(dtype)}), one(table, **{column: wrong}), {}
    if what == "refers":
        return referring(table, column)
    if what == "in_list":
        known = next(iter(codes(TABLES[table].columns[column].codes)))
        value = (lambda code: code) if dtype == pl.String else int
        return (
            one(table, **{column: value(known)}),
            one(table, **{column: "☹" if dtype == pl.String else 99}),
            one(table, **{column: None}),
        )
    good, bad = {"readable": ("张三", "张�"), "not_future": (AS_OF, AS_OF + timedelta(days=1))}[what]
    return one(table, **{column: good}), one(table, **{column: bad}), one(table, **{column: None})


def referring(table, column):
    target, key = TABLES[table].columns[column].references.split(".")
    there = one(target, **{key: "K1"})
    right, wrong = one(table, **{column: "K1"}), one(table, **{column: "K2"})
    if target == table:  # a row of the same table, beside the asking one
        return {table: pl.concat([right[table], there[table]])}, wrong, there
    return there | right, there | wrong, right


def example(dtype):
    strings = {pl.String: "x", pl.Boolean: True, pl.Date: date(2025, 1, 1), pl.Datetime: date(2025, 1, 1)}
    return strings.get(dtype.base_type(), 1)


def one(table, **cells):
    schema = TABLES[table].schema()
    known = {"org_code": "A", "deleted": False} | cells
    cast = [pl.lit(known.get(name)).cast(dtype).alias(name) for name, dtype in schema.items()]
    return {table: pl.select(cast).lazy()}


def two(table, **cells):
    return {table: pl.concat([one(table, **cells)[table]] * 2)}


def test_every_check_speaks_both_languages_and_names_its_source():
    for each in all_checks():
        assert each.means.endswith("."), each.id
        assert any("一" <= letter <= "鿿" for letter in each.zh), each.id
        assert each.source, each.id


def test_the_front_page_rules_are_all_there():
    assert {each.rule for each in all_checks() if each.rule} == {f"FP{number:02d}" for number in range(1, 29)}


def test_each_kind_is_filed_once_in_every_scheme():
    assert {(kind.nhc, kind.gbt36344, kind.kahn) for kind in Kind} >= {
        ("completeness", "completeness", "completeness"),
        ("integration", "consistency", "conformance"),
        ("timeliness", "timeliness", "plausibility"),
    }

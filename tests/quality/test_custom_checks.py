"""Checks that a deployer writes: asked like all others, and refused one by one with what to mend."""

from datetime import date

import pytest

from federation.quality.count import count
from federation.quality.custom import custom
from federation.quality.library import all_checks

GOOD = """
[[check]]
id = "stay_has_an_end"
of = "encounter"
asked = "class_code = 'IP'"
right = "end_time is not null and end_time > start_time"
kind = "plausibility: temporal"
means = "A stay ends."
zh = "住院有出院时间"
source = "ward rules"
"""
STAYS = """encounter start_time=2025-03-01T08:00 end_time=2025-03-02T09:00
 + encounter start_time=2025-03-01T08:00 end_time=2025-03-01T07:00
 + encounter start_time=2025-03-01T08:00
 + encounter start_time=2025-03-01T08:00 class_code=OP"""


def with_line(line):
    name = line.split(" = ")[0]
    kept = [each for each in GOOD.strip().splitlines() if not each.startswith(f"{name} = ")]
    return "\n".join([*kept, line])


def test_it_is_counted_like_a_check_of_the_library(rows):
    told = custom(GOOD, "mine.toml")
    assert told.problems == ()
    states = count(rows(STAYS), date(2026, 1, 1), told.checks)
    assert states.select("check", "asked", "failed").rows() == [("custom.stay_has_an_end", 3, 2)]


@pytest.mark.parametrize(("line", "says"), [
    ('right = "end_tim is not null"', "encounter has no column `end_tim`"),
    ('asked = "klass = 1"', "encounter has no column `klass`"),
    ('right = "start_time"', "must be true or false"),
    ('right = "los_days + 1"', "must be true or false"),
    ('right = "los_days = max(los_days)"', "looks at other rows"),
    ('right = "sum(los_days) over (partition by person_id) > 3"', "looks at other rows"),
    ('right = "los_days >"', "is no SQL expression"),
    ('right = "drop table encounter"', "is no SQL expression"),
    ('right = "visit_no ~ \'[\'"', "`right`"),
    ('of = "encounters"', "there is no table or view `encounters`"),
    ('kind = "nice"', "`kind`"),
    ("tolerates = 0.1", "comes with `because`"),
    ('tolerates = "0.1"', "`tolerates`"),
    ('zh = ""', "`zh`"),
    ('id = "Über"', "`id`"),
    ("weight = 3", "`weight`"),
])  # fmt: skip
def test_one_that_cannot_be_asked_is_named_and_the_other_is_asked(line, says):
    bad = with_line(line)
    told = custom(bad + "\n" + GOOD.replace("stay_has_an_end", "other"), "mine.toml")
    assert [each.id for each in told.checks] == ["custom.other"]
    assert [says in each for each in told.problems] == [True], told.problems
    assert told.problems[0].startswith("mine.toml: check `")


@pytest.mark.parametrize("text", ["", "check = 1", "[[check]", "[check]\nid = 'a'"])
def test_a_file_without_checks_is_said(text):
    told = custom(text, "mine.toml")
    assert told.checks == ()
    assert len(told.problems) == 1
    assert "mine.toml" in told.problems[0]


def test_an_id_stands_once():
    told = custom(GOOD + GOOD, "mine.toml")
    assert len(told.checks) == 1
    assert "already" in told.problems[0]
    assert custom(GOOD, "mine.toml", {"custom.stay_has_an_end"}).checks == ()


@pytest.mark.parametrize("right", ["los_days / 0 > 1", "los_days % 0 = 0", "cast(visit_no as int) > 1"])
def test_a_division_by_nothing_is_an_answer_or_none_and_never_stops_the_others(rows, right):
    told = custom(with_line(f'right = "{right}"') + "\n" + GOOD.replace("stay_has_an_end", "other"), "mine.toml")
    states = count(rows(STAYS), date(2026, 1, 1), [*told.checks, *all_checks()])
    assert "custom.other" in states["check"].to_list()


def test_a_regex_that_would_explode_elsewhere_takes_no_time(rows):
    told = custom(with_line("right = \"visit_no ~ '^(a+)+$'\""), "mine.toml")
    picture = f"encounter visit_no={'a' * 4000}b"
    assert count(rows(picture), date(2026, 1, 1), told.checks)["failed"].to_list() == [1]

"""What mandates ask, when it came, and what is late, absent or short: with rows in time of rows."""

import json
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.cli.main import main
from federation.consent.mandate import parse
from federation.errors import BadInput
from federation.node.mandates import dues_of
from federation.quality.arrival import ARRIVALS
from federation.quality.due import deliveries
from federation.quality.library import find
from federation.report.bulletin_paper import paper
from federation.report.gather_bulletin import gather_bulletin
from tests.quality.conftest import read_rows
from tests.quality.landed import home_with, land

MANDATE = """
id = "monthly"
means = "Visits of the month before."
zh = "上月就诊"
basis = "city order 2026-1"
published_by = "bureau"
sites = ["*"]
tiers = ["tertiary"]
tables = ["encounter"]
from = "2026-04"
until = "2026-05"
due_day = 31
"""
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


def came(*rows):
    told = [
        ("A", "encounter", month, date.fromisoformat(day), f"b{n}", number, True)
        for n, (month, day, number) in enumerate(rows)
    ]
    return pl.DataFrame(told, schema=ARRIVALS, orient="row")


def judged(arrivals, day, text=MANDATE):
    day = date.fromisoformat(day)
    dues = dues_of([parse(text, "m.toml")], {"A": "tertiary", "C": "primary"}, day)
    columns = ["month", "rows", "in_time", "first", "complete", "days_late", "state", "short"]
    return {row[0].month: row[1:] for row in deliveries(arrivals, dues, day).select(columns).rows()}


def test_what_comes_by_the_day_due_is_in_time_and_what_comes_later_is_late():
    told = judged(came((APRIL, "2026-05-10", 90), (APRIL, "2026-05-31", 10), (MAY, "2026-06-30", 94),
                       (MAY, "2026-07-04", 6)), "2026-07-10")  # fmt: skip
    assert told[4] == (100, 100, date(2026, 5, 10), date(2026, 5, 31), 0, "in time", False)
    assert told[5] == (100, 94, date(2026, 6, 30), date(2026, 7, 4), 4, "late", False)


def test_one_row_corrected_late_does_not_make_a_month_late():
    told = judged(came((APRIL, "2026-05-10", 100), (APRIL, "2026-08-01", 1)), "2026-09-01")
    assert told[4] == (101, 100, date(2026, 5, 10), date(2026, 5, 10), 0, "in time", False)


def test_nothing_is_absent_once_it_is_due_and_not_before():
    assert judged(came(), "2026-05-31") == {4: (0, 0, None, None, 0, "not due yet", False),
                                            5: (0, 0, None, None, 0, "not due yet", False)}  # fmt: skip
    assert judged(came(), "2026-06-02")[4] == (0, 0, None, None, 2, "absent", False)


def test_rows_that_were_taken_back_are_absent():
    assert judged(came((APRIL, "2026-05-10", 7), (APRIL, "2026-05-20", -7)), "2026-06-02")[4][5] == "absent"


def test_fewer_than_half_of_the_middle_of_three_months_is_short():
    months = [(date(2026, month, 1), f"2026-{month + 1:02d}-05", 100) for month in (1, 2, 3)]
    told = judged(came(*months, (APRIL, "2026-05-05", 49), (MAY, "2026-06-05", 50)), "2026-07-10")
    assert (told[4][6], told[5][6]) == (True, False)


def test_a_site_of_another_tier_and_a_month_after_the_last_owe_nothing():
    assert dues_of([parse(MANDATE, "m.toml")], {"C": "primary"}, date(2027, 1, 1)).is_empty()
    assert [
        row[3].month for row in dues_of([parse(MANDATE, "m.toml")], {"A": "tertiary"}, date(2027, 1, 1)).rows()
    ] == [4, 5]


def test_the_day_due_is_the_last_of_a_month_that_is_shorter():
    assert parse(MANDATE, "m.toml").due(MAY) == date(2026, 6, 30)
    assert parse(MANDATE + "due_months = 9", "m.toml").due(MAY) == date(2027, 2, 28)
    assert parse(MANDATE + "due_months = 0", "m.toml").due(MAY) == date(2026, 5, 31)


@pytest.mark.parametrize(("line", "says"), [
    ('tables = ["visits"]', "`visits` is not a shared table"),
    ('tables = ["patient"]', "carry no date"),
    ("tables = []", "`tables`"),
    ('from = "2026-13"', "YYYY-MM"),
    ("from = 2026-04-01", "YYYY-MM"),
    ('until = "2026-03"', "before `from`"),
    ("due_day = 32", "`due_day`"),
    ('due_day = "10"', "`due_day`"),
    ('basis = ""', "`basis`"),
    ("at_least = 101", "`at_least`"),
    ("until_when = 1", "`until_when`"),
    ("sites = 3", "`sites`"),
])  # fmt: skip
def test_a_mandate_that_says_something_unknown_is_refused_with_what_to_mend(line, says):
    name = line.split(" = ")[0]
    kept = [each for each in MANDATE.strip().splitlines() if not each.startswith(f"{name} = ")]
    with pytest.raises(BadInput) as told:
        parse("\n".join([*kept, line]), "m.toml")
    assert says in str(told.value)
    assert str(told.value).startswith("m.toml")


@pytest.mark.parametrize("text", ["", "id = ", "[mandate]\nid = 'x'"])
def test_a_file_that_is_no_mandate_is_named(text):
    with pytest.raises(BadInput, match=r"m\.toml"):
        parse(text, "m.toml")


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(-30, 60)), max_size=6), st.integers(0, 120))
def test_rows_in_time_are_never_more_than_rows_and_the_order_of_batches_never_shows(rows, day):
    first = date(2026, 5, 1).toordinal()
    arrivals = came(*[(APRIL, date.fromordinal(first + at).isoformat(), number) for at, number in rows])
    asked = date.fromordinal(first + day).isoformat()
    told = judged(arrivals, asked)
    assert told == judged(arrivals.reverse(), asked)
    for number, in_time, begun, complete, late, state, _ in told.values():
        assert 0 <= in_time <= number
        assert late >= 0
        assert (complete is None) == (number == 0)
        assert begun is None or complete is None or begun <= complete
        assert (state == "absent") <= (number == 0)


ASKED = [*find("encounter.record_id.unique"), *find("encounter.person_id.filled")]
APRIL_ROW = "encounter start_time=2026-04-09 end_time=2026-04-09"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """April of A came in two batches, the second late; B sent four rows; C nothing."""
    home = home_with(tmp_path_factory.mktemp("owed"), dict.fromkeys("ABC", "tertiary"))
    (home.path / "mandates" / "m.toml").write_text(MANDATE + "within_days = 3\nat_least = 99.9\n", "utf-8")
    land(home, "A", "2026-04-08", read_rows("encounter start_time=2026-01-01 end_time=2026-01-02"), ASKED)
    land(home, "A", "2026-04-10", read_rows(f"60 {APRIL_ROW} person_id="), ASKED, anew=True)
    land(home, "A", "2026-06-04", read_rows(f"40 {APRIL_ROW}"), ASKED, anew=True)
    land(home, "B", "2026-05-10", read_rows(f"4 {APRIL_ROW}"), ASKED)
    return home


def asked(capsys, home, *words):
    assert main(["score", "delay", "--home", str(home.path), "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_who_delivered_what_by_when_at_which_quality(home, capsys):
    told = asked(capsys, home, "--month", "2026-04", "--day", "2026-06-10", "--all")
    by_site = {row["org_code"]: row for row in told["tasks"]}
    late = by_site["A"]
    assert (late["rows"], late["in_time"], late["complete"], late["days_late"], late["state"]) == (
        100, 60, "2026-06-04", 4, "late",
    )  # fmt: skip
    assert late["below"]
    assert late["score"] < 0.999
    assert (by_site["B"]["rows"], by_site["B"]["in_time"], by_site["B"]["small"]) == (None, None, True)
    assert by_site["C"]["state"] == "absent"
    assert {row["org_code"]: (row["late"], row["absent"]) for row in told["sites"]} == {
        "A": (1, 0),
        "B": (0, 0),
        "C": (0, 1),
    }
    assert (
        asked(capsys, home, "--month", "2026-04", "--day", "2026-05-31", "--all")["tasks"][0]["state"] == "not due yet"
    )


def test_people_see_what_is_late_and_nothing_small(home, capsys):
    assert main(["score", "delay", "--home", str(home.path), "--day", "2026-06-10", "--all", "--records"]) == 0
    out = capsys.readouterr().out
    for word in ("late 迟报", "absent 缺报", "60 / 100", "<5", "✗", "60.00%"):
        assert word in out
    assert main(["score", "delay", "--home", str(home.path), "--site", "B", "--day", "2026-06-10"]) == 0
    assert "Nothing is late" in capsys.readouterr().out


def test_records_are_counted_by_the_day_they_first_came_and_history_is_left_out(home, capsys):
    [told] = asked(capsys, home, "--records", "--day", "2026-06-10", "--site", "A")["records"]
    assert {name: told[name] for name in ("records", "p50", "p90", "allowed", "in_time")} == {
        "records": 100, "p50": 1, "p90": 56, "allowed": 3, "in_time": 60,
    }  # fmt: skip


def test_the_bulletin_has_what_was_asked_for_its_month(home):
    made = gather_bulletin(home, APRIL, "nhc")
    assert made.mandated.select("org_code", "state").rows() == [("A", "late"), ("B", "in time"), ("C", "absent")]
    chapter = paper(made).parts[0]
    assert "3 of 3 tasks are due: 1 in time, 1 late, 1 absent. 1 sites score below what is asked." in chapter.reading.en
    sums, tasks, _ = chapter.tables
    assert (sums.title.zh, len(sums.twin.rows)) == ("归集任务完成情况", 3)
    assert [(row[2].zh, row[-4:-1]) for row in tasks.twin.rows] == [("迟报", (60, 100, "60.0%")), ("缺报", (0, 0, ""))]
    assert gather_bulletin(home, date(2026, 3, 1), "nhc").mandated.is_empty()


def test_a_home_without_mandates_says_how_one_is_written_and_a_broken_one_is_refused(tmp_path, capsys):
    home = home_with(tmp_path, {"A": "tertiary"})
    path = home.path / "mandates" / "m.toml"
    assert main(["score", "delay", "--home", str(home.path)]) == 0
    assert "docs/mandates.md" in capsys.readouterr().out
    path.write_text("id = 1", "utf-8")
    for verb in (["delay"], ["bulletin", "--month", "2026-04"]):
        assert main(["score", *verb, "--home", str(home.path)]) == 3
        assert "m.toml is not a mandate" in capsys.readouterr().err
    path.write_text(MANDATE, "utf-8")
    path.with_name("n.toml").write_text(MANDATE, "utf-8")
    assert main(["score", "delay", "--home", str(home.path)]) == 3
    assert "n.toml has the id `monthly` of m.toml" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--site", "nowhere"], ["--table", "visits"], ["--month", "5"], ["--day", "5"]])
def test_a_wrong_question_is_a_usage_error(home, words, capsys):
    assert main(["score", "delay", "--home", str(home.path), *words]) == 2
    assert capsys.readouterr().out == ""

"""Laws of reading on: whatever comes late within the overlap, wherever runs are cut, every row comes; runs come to an end."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connectors.sql.lines import cells, line, written
from connectors.sql.position import Position, position

OVERLAP = 10


def less(one, other):
    return int(one) < int(other)


class View:
    """Rows (mark, key) that become visible some time after they were marked."""

    def __init__(self, rows):
        self.rows = rows  # (mark, key, visible at)

    def run(self, before, now, cap):
        """One run at the time `now`, as the feed makes it: the rows read and the position after."""
        seen = sorted((mark, key) for mark, key, at in self.rows if at <= now and mark <= now)
        if not seen:
            return [], before
        safe = str(seen[-1][0] - OVERLAP)
        mark, key = before.begin
        first = -1 if mark is None else int(mark)
        found = [(m, k) for m, k in seen if m > first or (m == first and (not key or k >= int(key[0])))]
        taken = found[:cap]
        if not taken:
            return [], before
        cut = len(taken) == cap
        m, k = taken[-1]
        return taken, before.after(str(m), (str(k),), cut=cut, safe=safe, less=less)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, OVERLAP)), max_size=60),
    st.lists(st.integers(0, 70), max_size=8),
    st.integers(2, 9),
)
def test_every_row_comes_that_became_visible_within_the_overlap(drawn, times, cap):
    rows = [(mark, key, mark + late) for key, (mark, late) in enumerate(drawn)]
    view, at, read = View(rows), Position(), set()
    for now in sorted(times):
        taken, at = view.run(at, now, cap)
        read |= set(taken)
    for _ in range(200):
        taken, after = view.run(at, 200, cap)
        read |= set(taken)
        done, at = after == at and not after.cut, after
        if done:
            break
    assert read == {(mark, key) for mark, key, _ in rows}


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.integers(2, 9))
def test_runs_that_are_cut_reach_the_end(marks, cap):
    view, at = View([(mark, key, 0) for key, mark in enumerate(marks)]), Position()
    runs = 0
    while runs == 0 or at.cut:
        _, at = view.run(at, 100, cap)
        runs += 1
        assert runs <= len(marks) + 2


@given(
    st.none() | st.text(), st.lists(st.none() | st.text(), max_size=3).map(tuple), st.booleans(), st.none() | st.text()
)
def test_a_position_is_kept_as_text(mark, key, cut, sure):
    at = Position(mark, key, cut, sure, (("a", "int"),))
    assert position({"t": at.written()}, "t") == at


WORDS = st.text(st.characters(exclude_categories=("Cs",)))


@given(st.lists(st.none() | WORDS, min_size=1, max_size=6))
def test_a_line_says_what_its_cells_are_and_keeps_null_and_empty_apart(row):
    assert cells(line(row)) == row


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_decimal_is_written_digit_by_digit(value):
    assert Decimal(written(value)) == value
    assert "e" not in written(value).lower()


def test_values_of_drivers_are_written_as_people_do():
    said = [
        True,
        7,
        0.1,
        Decimal("1E+3"),
        datetime(2024, 2, 29, 1, 2, 3),
        timedelta(hours=-30, minutes=-5),
        b"\x00\xff",
        None,
        "",
    ]
    assert [written(each) for each in said] == [
        "true",
        "7",
        "0.1",
        "1000",
        "2024-02-29 01:02:03",
        "-30:05:00",
        "00ff",
        None,
        "",
    ]

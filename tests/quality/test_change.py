"""What changed between two accounts of the same checks."""

import polars as pl
import pytest

from federation.quality.absence import Absence, absence, delivered
from federation.quality.change import Change, changes
from federation.quality.check import Check
from federation.quality.count import STATES
from federation.quality.frame import frame_of
from federation.quality.kind import Kind
from schemas.tables.encounter import Encounter

CHECK = Check(
    id="made.up", frame=frame_of(Encounter), right=pl.col("trauma_flag"), kind=Kind.TEMPORAL, means="Made up.",
    zh="测试", source="test", tolerates=0.01, because="test",
)  # fmt: skip


def states(asked, failed):
    rows = [("A", None, "encounter", CHECK.id, asked, failed)] if asked else []
    return pl.DataFrame(rows, schema=STATES, orient="row")


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ((1000, 5), (1000, 50), Change.NEW),
        ((1000, 50), (1000, 5), Change.MENDED),
        ((1000, 50), (1000, 150), Change.WORSE),
        ((1000, 150), (1000, 50), Change.BETTER),
        ((1000, 50), (1000, 55), None),  # chance
        ((1000, 0), (1000, 9), None),  # tolerated before and now
        ((0, 0), (1000, 0), Change.FIRST),
        ((1000, 0), (0, 0), Change.GONE),
        ((0, 0), (0, 0), None),
    ],
)
def test_a_change_is_told_where_there_is_one(before, now, change):
    found = list(changes(states(*before), states(*now), [CHECK], ["A"]))
    assert [each.change for each in found] == ([] if change is None else [change])
    assert all(each.change.zh for each in found)


def test_a_check_without_evidence_says_whether_rows_came_at_all():
    tables = delivered(states(3, 0))
    assert absence("A", CHECK, tables) is Absence.NONE_ASKED
    assert absence("B", CHECK, tables) is Absence.NO_ROWS
    assert Absence.NO_ROWS.zh != Absence.NONE_ASKED.zh

import json
from dataclasses import replace
from datetime import timedelta
from itertools import chain, groupby, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.node.batch import gone_of, part_folders, rows_of, table_names
from federation.node.carry import carry
from federation.node.part import read_part
from federation.node.plan import File, parts
from federation.node.reconcile import reconcile
from federation.node.trace import trace
from federation.node.versions import compare
from schemas.tables import TABLES
from tests.federation.node_city import allow, city, content, pooled, take
from tests.federation.node_events import DAY, EventFile, Said, said, told

SHOWN = ["record_id", "class_code", "admit_dept_code", "end", "sec_level", "deleted"]
VISIT = "a01 | 1 | v1 | r1 | IP | D1 | | 3"
DIAGNOSIS = "a01 | 1 | v1 | d1 | A | | | 3"


@pytest.fixture
def home(tmp_path):
    """A home that lets visits and diagnoses into the pool."""
    made = city(tmp_path, "A")
    allow(made, "A", "encounter", "condition")
    return made


def heard(home, tmp_path, name: str, text: str, **more):
    return take(home, told(tmp_path / "in", name, text), **more)


def visits(home) -> list[tuple]:
    """Class, department, day of discharge and sensitivity of the pooled visits."""
    rows = pooled(home, "encounter").with_columns(end=(pl.col("end_time") - DAY).dt.total_days())
    return rows.select("class_code", "admit_dept_code", "end", "sec_level").sort(pl.all()).rows()


def balanced(home) -> bool:
    return [line for line in reconcile(home) if not line.agrees] == []


def test_a_later_message_fills_nothing_with_nothing(home, tmp_path):
    heard(home, tmp_path, "1", VISIT)
    heard(home, tmp_path, "2", "a03 | 2 | v1 | r1 | | | 9 | 2")
    assert visits(home) == [("IP", "D1", 9, 3)]
    assert balanced(home)


def test_within_a_batch_it_is_the_same(home, tmp_path):
    report = heard(home, tmp_path, "1", f"{VISIT}\na08 | 2 | v1 | r1 | | D2\na03 | 3 | v1 | r1 | | | 9")
    assert visits(home) == [("IP", "D2", 9, 3)]
    assert (report.read, report.accepted, report.superseded, report.tables) == (3, 3, 2, {"encounter": 1})
    assert balanced(home)


def test_a_cleared_column_is_empty_and_stays_so(home, tmp_path):
    heard(home, tmp_path, "1", f"{VISIT}\na03 | 2 | v1 | r1 | | | 9")
    heard(home, tmp_path, "2", "a13 | 3 | v1 | r1 | | | | | end_time\na08 | 4 | v1 | r1 | | D3")
    assert visits(home) == [("IP", "D3", None, 3)]


def test_a_withdrawn_visit_keeps_nothing_and_gives_nothing_to_the_next(home, tmp_path):
    heard(home, tmp_path, "1", VISIT)
    heard(home, tmp_path, "2", "a11 | 2 | v1 | r1 | | | | | deleted")
    assert visits(home) == [(None, None, None, 3)]
    assert pooled(home, "encounter")["deleted"].to_list() == [True]
    heard(home, tmp_path, "3", "a01b | 3 | v1 | r1 | OP")
    assert visits(home) == [("OP", None, None, 3)]
    assert balanced(home)


def test_what_is_older_than_what_stands_never_stands(home, tmp_path):
    heard(home, tmp_path, "1", "a08 | 5 | v1 | r1 | IP | D5")
    late = heard(home, tmp_path, "2", "a01 | 1 | v1 | r1 | OP | D1")
    assert (late.accepted, late.superseded, late.tables) == (1, 1, {"encounter": 0})
    assert visits(home) == [("IP", "D5", None, 3)]
    assert balanced(home)
    assert {found.standing for found in trace(home, "message|a01")} == {
        f"older than what stood when it came in batch {late.batch}"
    }


def test_rows_of_other_keys_of_the_same_message_stand(home, tmp_path):
    first = heard(home, tmp_path, "1", f"{VISIT}\na01 | 1 | v2 | d2 | B")
    second = heard(home, tmp_path, "2", "a08 | 2 | v1 | r1 | OP")
    assert pooled(home, "condition")["display"].to_list() == ["B"]
    assert visits(home) == [("OP", "D1", None, 3)]
    assert [found.standing for found in trace(home, "message|a01")] == [
        f"replaced in part by a later version in batch {second.batch}"
    ]
    assert first.batch != second.batch
    assert balanced(home)


def test_a_key_with_rows_in_several_tables_is_replaced_in_all_of_them(home, tmp_path):
    heard(home, tmp_path, "1", f"{VISIT}\n{DIAGNOSIS}")
    heard(home, tmp_path, "2", "a08 | 2 | v1 | r1 | OP")
    assert pooled(home, "condition").height == 0
    assert visits(home) == [("OP", "D1", None, 3)]
    assert balanced(home)


def test_a_version_without_rows_leaves_none(home, tmp_path):
    heard(home, tmp_path, "1", f"{VISIT}\n{DIAGNOSIS}")
    heard(home, tmp_path, "2", "a99 | 2 | v1 | -")
    assert visits(home) == []
    assert pooled(home, "condition").height == 0
    assert balanced(home)


def test_messages_sent_again_say_nothing(home, tmp_path):
    first = f"{VISIT}\na08 | | v1 | r1 | | D2"
    heard(home, tmp_path, "1", first)
    heard(home, tmp_path, "2", "a03 | | v1 | r1 | | D3 | 9")
    again = heard(home, tmp_path, "3", f"{first}\nx | 1 | v9 | r1 | OP")
    assert (again.duplicate, again.accepted) == (2, 1)
    assert visits(home) == [("IP", "D3", 9, 3), ("OP", None, None, 3)]
    before = content(home)
    assert heard(home, tmp_path, "1", first).notes
    assert content(home) == before
    assert balanced(home)


def test_two_files_of_one_run_are_read_in_their_order(home, tmp_path):
    one, two = told(tmp_path / "in", "1", VISIT), told(tmp_path / "in", "2", "a03 | | v1 | r1 | | | 9")
    take(home, one, two)
    assert visits(home) == [("IP", "D1", 9, 3)]


def test_messages_that_share_a_number_replace_by_their_versions_only(home, tmp_path):
    heard(home, tmp_path, "1", f"{VISIT}\nm1 | 1 | v2 | r1 | OP\nm2 | 1 | v9 | r1 | ER")
    heard(home, tmp_path, "2", "m1 | 1 | v3 | r1 | ER\na01 | 3 | v1 | r1 | OP")
    assert [row[0] for row in visits(home)] == ["ER", "ER", "OP", "OP"]
    assert balanced(home)


def test_the_most_sensitive_version_decides(home, tmp_path):
    heard(home, tmp_path, "1", "a01 | 1 | v1 | r1 | IP | | | 5")
    heard(home, tmp_path, "2", "a08 | 2 | v1 | r1 | | D1 | | 3")
    heard(home, tmp_path, "3", "a08b | 3 | v1 | r1 | | D2 | | 3")
    assert visits(home) == [("IP", "D2", None, 5)]


def test_withheld_versions_come_to_the_pool_once_and_whole(tmp_path):
    home = city(tmp_path)
    heard(home, tmp_path, "1", VISIT)
    heard(home, tmp_path, "2", "a08 | 2 | v1 | r1 | | D2")
    heard(home, tmp_path, "3", "a03 | 3 | v1 | r1 | | | 9\nb01 | 1 | v2 | r1 | OP")
    allow(home, "A", "encounter")
    heard(home, tmp_path, "4", "c01 | 1 | v3 | r1 | ER")
    assert visits(home) == [("ER", None, None, 3), ("IP", "D2", 9, 3), ("OP", None, None, 3)]
    assert balanced(home)


def test_a_batch_that_comes_between_a_crash_and_its_rerun_is_heeded(home, tmp_path):
    heard(home, tmp_path, "1", VISIT)

    class Stop(Exception):
        pass

    def at(point: str) -> None:
        if point == "placed rows":
            raise Stop

    with pytest.raises(Stop):
        heard(home, tmp_path, "3", "a03 | 3 | v1 | r1 | | | 9", at=at)
    heard(home, tmp_path, "2", "a08 | 2 | v1 | r1 | | D2")
    heard(home, tmp_path, "3", "a03 | 3 | v1 | r1 | | | 9")
    assert visits(home) == [("IP", "D2", 9, 3)]
    assert balanced(home)


def test_filled_tables_keep_their_columns_and_types(home, tmp_path):
    heard(home, tmp_path, "1", VISIT)
    batch = heard(home, tmp_path, "2", "a08 | 2 | v1 | r1 | | D2\nx | 1 | v5 | r1 | OP").batch
    [part] = part_folders(home.batch("A", batch))
    rows = pl.read_parquet(part / "encounter.parquet")
    assert rows.schema == TABLES["encounter"].schema()
    assert rows["source_pk"].to_list() == ["v1", "v5"]
    assert not (part / "said").exists()


def test_a_batch_without_versions_writes_nothing_about_them(home, tmp_path):
    path = tmp_path / "in" / "1.lines"
    path.parent.mkdir()
    path.write_text("k1 | p1 | | 1\n")
    batch = home.batch("A", take(home, path).batch)
    assert not [path for path in batch.rglob("*") if path.stem in {"versions", "replaced", "standing"}]


# ---- a law: however the events are cut into batches, what stands is what a plain fold says


def fold(events: list[Said]) -> list[tuple]:
    """What stands, one message after the other, in plain Python."""
    state, heard_before = {}, set()
    for _, some in groupby(events, lambda event: event.message):
        message = list(some)
        if (content_of := repr(message)) in heard_before:
            continue
        heard_before.add(content_of)
        for visit in dict.fromkeys(event.visit for event in message):
            of_visit = [event for event in message if event.visit == visit]
            at, (stood, before) = of_visit[0].at, state.get(visit, (None, {}))
            if at is not None and stood is not None and at < stood:
                continue
            rows = {event.row: filled(event, before.get(event.row)) for event in of_visit if event.row != "-"}
            state[visit] = (stood if at is None else at, rows)
    return sorted(shown(row) for _, rows in state.values() for row in rows.values())


def filled(event: Said, before: Said | None) -> Said:
    if before is None or "deleted" in event.flags or "deleted" in before.flags:
        return event
    names = {"kind": "class_code", "dept": "admit_dept_code", "end": "end_time"}
    kept = {
        name: getattr(before, name)
        for name, column in names.items()
        if getattr(event, name) is None and column not in event.flags
    }
    return replace(event, level=max(event.level, before.level), **kept)


def shown(event: Said) -> tuple:
    return tuple(
        "" if cell is None else str(cell)
        for cell in (event.visit, event.row, event.kind, event.dept, event.end, event.level, "deleted" in event.flags)
    )


def line(event: Said) -> str:
    cells = (event.message, event.at, event.visit, event.row, event.kind, event.dept, event.end, event.level)
    return " | ".join("" if cell is None else str(cell) for cell in cells) + " | " + " ".join(event.flags)


def standing_after(batches: list[list[Said]], folder: Path) -> list[tuple]:
    """What stands on disk when each list of events was a batch of its own."""
    made: list[Path] = []
    for number, events in enumerate(batches):
        path = told(folder / "in", str(number), "\n".join(map(line, events)))
        file = File(1, path, f"{number:064}", path.stat().st_size, "events", "events/drawn/1", EventFile(path))
        batch = folder / "batches" / f"b{number}"
        for part in parts([replace(file, digest=f"{number:016}")]):
            read_part(part, "A", batch.name, batch / part.name, lambda _: None)
        for _ in range(2):  # a crash may make it be done again
            compare(part_folders(batch), made, batch.name, folder / "spill")
            carry(batch, folder / "spill")
        made.append(batch)
    return sorted(row for number, batch in enumerate(made) for row in rows_standing(batch, made[number:]))


def rows_standing(batch: Path, since: list[Path]):
    gone = gone_of(batch, since)
    for name in table_names(batch):
        for rows in rows_of(batch, name, gone, TABLES[name].schema().names()):
            for row in rows.iter_rows(named=True):
                visit, kind = row["record_id"].split("|")[1:]
                own = (row["class_code"], row["admit_dept_code"], row["end_time"]) if name == "encounter" else None
                told_kind, dept, end = own or (row["display"], row["poa_code"], None)
                day = None if end is None else (end - DAY) // timedelta(days=1)
                yield shown(
                    Said("", 0, visit, kind, told_kind, dept, day, row["sec_level"], ("deleted",) * row["deleted"])
                )


ROW = st.tuples(
    st.sampled_from(["r1", "r2", "-"]),
    st.sampled_from([None, "IP", "OP"]),
    st.sampled_from([None, "D1", "D2"]),
    st.sampled_from([None, 7, 9]),
    st.sampled_from([3, 4]),
)
MESSAGE = st.tuples(
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from(["v1", "v2"]),
    st.lists(ROW, min_size=1, max_size=2, unique_by=lambda row: row[0]),
    st.sampled_from([(), (), (), ("end_time",), ("end_time", "admit_dept_code"), ("deleted",)]),
)


def drawn_events(messages) -> list[list[Said]]:
    return [
        [Said(f"m{number}", at, visit, *row, flags) for row in rows]
        for number, (at, visit, rows, flags) in enumerate(messages)
    ]


@settings(max_examples=settings.default.max_examples // 4)  # each is up to eight batches on disk
@given(st.lists(MESSAGE, min_size=1, max_size=7), st.sets(st.integers(1, 6), max_size=3), st.integers(0, 6))
def test_however_events_are_cut_into_batches_the_same_rows_stand(messages, cuts, again):
    events = drawn_events(messages)
    between = Said("between", None, "v3", "r1", None, None, None, 3, ())
    events += [[between], events[again % len(events)]]  # one is sent twice
    edges = [0, *sorted(cut for cut in cuts if cut < len(events)), len(events)]
    batches = [list(chain.from_iterable(events[one:two])) for one, two in pairwise(edges)]
    every = list(chain.from_iterable(events))
    assert [said(line(event)) for event in every] == every
    with TemporaryDirectory() as folder:
        assert standing_after(batches, Path(folder) / "cut") == fold(every)
        assert standing_after([every], Path(folder) / "whole") == fold(every)


def test_what_is_told_about_versions_can_be_written_as_json(home, tmp_path):
    heard(home, tmp_path, "1", VISIT)
    assert json.dumps([found.as_dict() for found in trace(home, "message|a01")])

"""What batches change in the counts of a site adds up to what one pass over all its standing rows counts."""

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.node.certify import issue, verify
from federation.node.events import STANDING
from federation.node.gone import Came, came
from federation.node.home import Home
from federation.node.index import Index
from federation.node.journal import batches
from federation.node.recount import recount
from federation.node.rescore import rescored
from federation.node.site_rows import site_rows
from federation.quality.count import STATES, count, merge
from federation.quality.library import all_checks
from schemas.tables import TABLES
from tests.federation.node_city import NOW, city, drawn, take
from tests.federation.node_events import told

DAY = date(2026, 1, 1)
LOOKING_AROUND = [each for each in all_checks() if each.needs or each.frame.name != each.table]
SAME = {"source_table": "t", "org_code": "A", "deleted": False, "source_system": "delimited/hqms_v2", "sec_level": 3}
PERSONS, STAYS = st.sampled_from(["p1", "p2", "p3"]), st.sampled_from(["e1", "e2", "e3", None])
TIMES = st.sampled_from([datetime(2025, 1, day, 8) for day in (1, 2, 3)])
ROW = {
    "patient": {"birth_date": st.sampled_from([date(2024, 12, 30), date(1990, 1, 1)]), "gender_code": st.sampled_from("12")},
    "encounter": {"record_id": STAYS.filter(bool), "start_time": TIMES, "end_time": TIMES, "part_of": STAYS,
                  "class_code": st.just("IP")},
    "condition": {"encounter_id": STAYS, "code": st.sampled_from(["I10", "O80", "S06"]), "role_code": st.just("MAIN")},
    "observation": {"encounter_id": STAYS, "item_code": st.sampled_from(["g", "8302-2"]), "sampled_time": TIMES,
                    "value_num": st.sampled_from([5.0, 160.0, 166.0]), "unit": st.just("cm")},
    "patient_identifier": {"id_value": st.sampled_from(["1", "2"]), "id_type_code": st.just("1")},
}  # fmt: skip


def counted(home: Home) -> pl.DataFrame:
    """The counts of the site A as they are kept."""
    return merge(pl.read_parquet(path) for path in sorted(home.score("A", "x").parent.glob("*.parquet")))


def in_one_pass(home: Home) -> pl.DataFrame:
    with home.engine.connect() as connection:
        return count(site_rows(came(home, batches(connection, "A"))), NOW.date())


def asked(states: pl.DataFrame, check: str) -> tuple[int, int]:
    rows = states.filter(pl.col("check") == check)
    return rows["asked"].sum(), rows["failed"].sum()


@st.composite
def rows_of_a_batch(draw):
    """Table -> rows, and for every row whether it replaces the record of its place in the batch before."""
    made = {}
    for name in draw(st.sets(st.sampled_from(sorted(ROW)), min_size=1, max_size=3)):
        cells = st.fixed_dictionaries({"person_id": PERSONS, "replaces": st.booleans(), **ROW[name]})
        made[name] = draw(st.lists(cells, min_size=1, max_size=4))
    return made


def placed(folder: Path, number: int, tables: dict, before: Came | None) -> Came:
    """The batch on disk as `ingest` leaves it; its rows stand at places 1, 2, 3 of the one file `f`."""
    part = folder / f"b{number}" / "p1"
    part.mkdir(parents=True)
    gone = []
    for name, rows in tables.items():
        schema = TABLES[name].schema()
        whole = [
            SAME
            | {"record_id": f"{name}-{place}", "source_pk": str(place), "source_file": "f", "source_position": place}
            | {"batch_id": f"b{number}", **{cell: value for cell, value in row.items() if cell != "replaces"}}
            for place, row in enumerate(rows, 1)
        ]
        pl.DataFrame(whole, schema={cell: schema[cell] for cell in whole[0]}).select(
            pl.col(cell) if cell in whole[0] else pl.lit(None, dtype=dtype).alias(cell)
            for cell, dtype in schema.items()
        ).write_parquet(part / f"{name}.parquet")
        gone += [place for place, row in enumerate(rows, 1) if row["replaces"]]
    taken = [(before.folder.name, "f", place, f"t|{place}") for place in sorted(set(gone))] if before else []
    schema = {"batch": pl.String(), "file": pl.String(), "position": pl.Int64(), "key": pl.String()}
    pl.DataFrame(taken, schema=schema, orient="row").write_parquet(part.parent / "superseded.parquet")
    again = {"key": ["t|2"], "again": [number % 2 == 1]}
    pl.DataFrame(again).write_parquet(part.parent / STANDING)
    return Came(part.parent, DAY + timedelta(days=number))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows_of_a_batch(), min_size=2, max_size=4))
def test_however_batches_replace_and_refer_to_each_other_their_changes_add_up_to_one_pass_over_all(drawn_batches):
    with TemporaryDirectory() as folder:
        sent, changes = [], []
        for number, tables in enumerate(drawn_batches, 1):
            batch = placed(Path(folder), number, tables, sent[-1] if sent else None)
            changes.append(rescored(sent, batch, LOOKING_AROUND, Path(folder) / "spill", Index(Path(folder) / "index")))
            sent.append(batch)
        assert not (Path(folder) / "spill").exists()
        assert merge(changes).equals(count(site_rows(sent), DAY, LOOKING_AROUND))


def test_a_correction_takes_the_wrong_answer_back(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "1", "k1 | p1 | 11010519491231002Y | 1\nk2 | p2 | | 2"))
    known = "patient_identifier.id_value_is_right"
    wrong = [name for name in counted(home)["check"].unique() if asked(counted(home), name) == (1, 1)]
    assert wrong
    take(home, drawn(tmp_path / "in", "2", "k1 | p1 | 11010519491231002X | 1"))
    assert {asked(counted(home), name) for name in wrong if "id_value" in name or name == known} <= {(1, 0)}
    assert counted(home).equals(in_one_pass(home))


def test_events_said_anew_are_asked_once_however_many_batches_they_came_in(tmp_path):
    home = city(tmp_path, "A")
    for day, (event, more) in enumerate([("a01", "IP | D1 | |"), ("a08", "IP | D2 | |"), ("a03", "| | 9 |")], 1):
        take(home, told(tmp_path / "in", event, f"{event} | {day} | v1 | r1 | {more} 3"))
    assert asked(counted(home), "encounter.record_id.unique") == (1, 0)
    assert counted(home).equals(in_one_pass(home))


def test_what_a_row_refers_to_may_come_in_a_later_batch(tmp_path):
    home = city(tmp_path, "A")
    take(home, told(tmp_path / "in", "1", "a01 | 1 | v1 | d1 | A | | | 3"))
    take(home, told(tmp_path / "in", "2", "a08 | 2 | v2 | r2 | IP | | | 3"))  # the first visits there are
    take(home, drawn(tmp_path / "in", "3", "k1 | p9 | | 1"))
    assert counted(home).equals(in_one_pass(home))


def test_a_certificate_of_replaced_rows_is_confirmed_by_asking_every_row_again(tmp_path):
    home = city(tmp_path, "A")
    for name, text in (("1", "k1 | p1 | | old\nk2 | p2 | | 2"), ("2", "k1 | p1 | | new"), ("3", "k1 | p1 | | newer")):
        take(home, drawn(tmp_path / "in", name, text))
    signed = issue(home, "A", NOW, "std", lambda *_: None)
    assert verify(signed, home, rescore=True, tell=lambda *_: None).rescored
    before = counted(home)
    assert recount(home, "A", lambda *_: None) == 3
    assert counted(home).equals(before)
    assert before.schema == STATES

"""An index says where a value may stand: whatever happens to its files, no place is missed, and few are looked at."""

import shutil
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from federation.node.gone import Came
from federation.node.index import Family, Index
from federation.node.index_run import HIGH
from federation.node.rescore import rescored
from federation.node.site_rows import site_rows
from federation.quality.count import count, merge
from federation.quality.frame import Given
from federation.quality.library import all_checks
from federation.quality.need import key_of
from schemas.tables import TABLES

DAY = date(2026, 1, 1)
PERSON = Family("observation", ("person_id",))
CHECKS = [each for each in all_checks() if each.table in ("observation", "patient")]
COMMON = {"source_table": "t", "org_code": "A", "deleted": False, "source_system": "delimited/lis", "sec_level": 3,
          "source_file": "f"}  # fmt: skip


def batch(folder: Path, name: str, persons: list[str], table: str = "observation", **cells) -> Came:
    """A batch with one row of the table for each person."""
    schema = TABLES[table].schema()
    rows = [
        COMMON | {"batch_id": name, "person_id": person, "record_id": f"{name}-{at}", "source_pk": f"{name}-{at}",
                  "source_position": at} | cells
        for at, person in enumerate(persons)
    ]  # fmt: skip
    part = folder / "batches" / name / "p1"
    part.mkdir(parents=True)
    frame = pl.DataFrame(rows, schema={column: schema[column] for column in rows[0]})
    nothing = [pl.lit(None, dtype).alias(column) for column, dtype in schema.items() if column not in frame.columns]
    frame.with_columns(nothing).select(list(schema)).write_parquet(part / f"{table}.parquet")
    gone = {"batch": pl.String(), "file": pl.String(), "position": pl.Int64(), "key": pl.String()}
    pl.DataFrame(schema=gone).write_parquet(part.parent / "superseded.parquet")
    return Came(part.parent, DAY)


def found(index: Index, came: list[Came], *persons: str) -> dict[str, list[int]]:
    """Batch -> numbers of the rows that may be of the persons."""
    keys = pl.DataFrame({"person_id": persons}).select(key_of(["person_id"])).to_series()
    spots = index.find(PERSON, [each.folder for each in came], keys)
    return {path.parents[1].name: rows.tolist() for path, rows in sorted(spots.rows.items())}


def files(folder: Path) -> list[Path]:
    return sorted((folder / "index" / PERSON.name).iterdir())


def some(folder: Path, batches: int = 3) -> list[Came]:
    return [batch(folder, f"b{number}", ["p1", f"q{number}", "p2"]) for number in range(batches)]


def test_it_says_where_a_value_stands_in_those_batches_that_are_asked_for(tmp_path):
    came, index = some(tmp_path), Index(tmp_path / "index")
    assert found(index, came, "q1", "p2") == {"b0": [2], "b1": [1, 2], "b2": [2]}
    assert found(index, came[:1], "p1", "q1") == {"b0": [0]}
    assert found(index, came, "nobody") == {}
    assert not index.find(Family("cost", ("person_id",)), [came[0].folder], pl.Series(dtype=pl.UInt64())).there


@pytest.mark.parametrize("place", [0, 9, 17, 25, 60, -9000, -4097, -4096, -4088, -1])
def test_a_byte_that_changed_is_seen_and_the_file_made_anew(tmp_path, place):
    came = some(tmp_path)
    whole = found(Index(tmp_path / "index"), came, "p1", "q0", "q1", "q2", "p2")
    (path,) = files(tmp_path)
    content = bytearray(path.read_bytes())
    content[place if -place <= len(content) else -1] ^= 0x10
    path.write_bytes(content)
    again = Index(tmp_path / "index")
    assert found(again, came, "p1", "q0", "q1", "q2", "p2") == whole
    assert again.read == 9


@pytest.mark.parametrize("harm", [
    lambda path: path.unlink(), lambda path: path.write_bytes(b""), lambda path: path.write_bytes(path.read_bytes()[:-8]),
    lambda path: shutil.rmtree(path.parents[1]), lambda path: path.rename(path.with_name("other.tmp")),
    lambda path: path.write_bytes(path.read_bytes().replace(b'"form": 1', b'"form": 0')),
])  # fmt: skip
def test_what_is_missing_cut_short_or_of_another_version_is_made_anew(tmp_path, harm):
    came = some(tmp_path)
    whole = found(Index(tmp_path / "index"), came, "p1")
    harm(files(tmp_path)[0])
    assert found(Index(tmp_path / "index"), came, "p1") == whole
    assert len(files(tmp_path)) == 1


def test_files_left_by_a_run_that_was_cut_short_while_joining_are_not_counted_twice(tmp_path):
    came = some(tmp_path, 2)
    found(Index(tmp_path / "index"), came[:1], "p1")
    (one,) = files(tmp_path)
    content = one.read_bytes()
    found(Index(tmp_path / "index"), came, "p1")
    one.write_bytes(content)
    assert found(Index(tmp_path / "index"), came, "p1") == {"b0": [0], "b1": [0]}
    assert len(files(tmp_path)) == 1


def test_many_batches_leave_few_files_and_each_row_is_read_once(tmp_path):
    came: list[Came] = []
    read = 0
    for number in range(60):
        came.append(batch(tmp_path, f"b{number:02}", ["p1", f"q{number}"]))
        index = Index(tmp_path / "index")
        assert len(found(index, came, "p1")) == number + 1
        read += index.read
    assert read == 120
    assert len(files(tmp_path)) <= 6


def test_two_values_of_one_fingerprint_cost_time_and_no_count(tmp_path):
    names = pl.DataFrame({"person_id": [f"p{number}" for number in range(300_000)]})
    prints = names.with_columns((key_of(["person_id"]) // 2 ** int(HIGH)).alias("print"))
    twins = prints.filter(pl.col("print").is_duplicated()).sort("print", "person_id")
    one, other = twins["person_id"][:2]
    came = [batch(tmp_path, "b1", [one, other]), batch(tmp_path, "b2", [one])]
    assert found(Index(tmp_path / "index"), came, other) == {"b1": [0, 1], "b2": [0]}
    born = batch(tmp_path, "b3", [other], "patient", birth_date=date(1990, 1, 1))
    assert_adds_up(tmp_path, [*came, born])


def assert_adds_up(folder: Path, came: list[Came]) -> None:
    changes = [
        rescored(came[:place], each, CHECKS, folder / "spill", Index(folder / "index"))
        for place, each in enumerate(came)
    ]
    assert merge(changes).equals(count(site_rows(came), DAY, CHECKS))


def test_a_batch_that_brings_the_first_persons_is_beside_every_row_before(tmp_path):
    came = some(tmp_path)
    assert_adds_up(
        tmp_path, [*came, batch(tmp_path, "c1", ["p1"], "patient"), batch(tmp_path, "c2", ["p2"], "patient")]
    )


def test_what_an_append_reads_does_not_grow_with_what_came_before(tmp_path):
    came: list[Came] = []
    work = []
    for number in range(24):
        came.append(batch(tmp_path, f"b{number:02}", [f"q{number}-{one}" for one in range(5)]))
        index = Index(tmp_path / "index")
        rescored(came[:-1], came[-1], CHECKS, tmp_path / "spill", index)
        work.append((index.read, index.found))
    assert len(set(work[2:])) == 1


def test_an_append_leads_to_the_rows_of_its_own_persons_only(tmp_path):
    came = [batch(tmp_path, f"b{number:02}", [f"q{number}-{one}" for one in range(50)]) for number in range(4)]
    index = Index(tmp_path / "index")
    rescored(came, batch(tmp_path, "c", ["q2-7"], "patient"), CHECKS, tmp_path / "spill", index)
    assert index.found <= 2  # the result is asked for its person twice: measured beside, and referring to


@pytest.mark.parametrize(
    "frame", {each.frame.name: each.frame for each in all_checks()}.values(), ids=lambda each: each.name
)
def test_a_frame_says_every_table_that_it_puts_beside_its_rows(frame):
    taken: list[str] = []

    class Noting(Given):
        def __contains__(self, name: object) -> bool:
            return True

        def __getitem__(self, name: str) -> pl.LazyFrame:
            taken.append(name)
            return pl.LazyFrame(schema=TABLES[name].schema())

    frame.build(Noting({}))
    assert frame.beside is not None
    own = [frame.table.name] if taken.count(frame.table.name) > 1 else []
    assert {*taken} - {frame.table.name} | {*own} == {link.table for link in frame.beside}


@pytest.mark.parametrize(
    "frame", {each.frame.name: each.frame for each in all_checks() if each.frame.reads is not None}.values(),
    ids=lambda each: each.name,
)  # fmt: skip
def test_a_frame_says_every_column_of_its_own_table_that_it_joins_by(frame):
    rows = {name: pl.LazyFrame(schema=table.schema()) for name, table in TABLES.items()}
    whole = frame.build(Given(rows)).collect_schema().names()
    less = frame.build(Given(rows | {frame.table.name: rows[frame.table.name].select(frame.reads)}))
    assert not less.collect().height
    assert {*whole} - {*less.collect_schema()} == {*frame.table.columns} - {*frame.reads}


def test_only_persons_with_heights_or_weights_bring_back_their_results_for_growth(tmp_path):
    body = {"item_code": "8302-2", "unit": "cm", "value_num": 160.0, "sampled_time": datetime(2025, 1, 1)}
    came = [batch(tmp_path, "b1", ["p1", "p2"]), batch(tmp_path, "b2", ["p1", "p2"], **body)]
    index, checks = Index(tmp_path / "index"), [each for each in CHECKS if each.frame.name == "measurement"]
    rescored(came, batch(tmp_path, "c1", ["p1"]), checks, tmp_path / "spill", index)
    assert index.found == 0
    rescored(came, batch(tmp_path, "c2", ["p1"], **body), checks, tmp_path / "spill", index)
    assert index.found == 2  # the height of b2: itself and, then, beside itself

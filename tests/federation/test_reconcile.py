import polars as pl
import pytest
from sqlalchemy import delete, update

from federation.errors import Usage
from federation.node.batch import part_folders
from federation.node.journal import BATCHES, RELEASES
from federation.node.reconcile import reconcile
from tests.federation.node_city import allow, city, drawn, take

LINES = "k1 | p1 | | 1\nk2 | p2 | | 2\n | p3 | | bad\nk2 | p2 | | 2"


def wrong(home, site=None) -> set[str]:
    return {line.what for line in reconcile(home, site) if not line.agrees}


@pytest.fixture
def home(tmp_path):
    """A home with two batches, duplicates, rejects, versions and a site without contract."""
    made = city(tmp_path, "A")
    take(made, drawn(tmp_path / "in", "1", LINES))
    take(made, drawn(tmp_path / "in", "2", "k1 | p1 | | later\nk2 | p2 | | 2"))
    take(made, drawn(tmp_path / "in", "3", LINES), site="B")
    return made


def test_a_home_left_alone_is_in_balance(home):
    assert wrong(home) == set()
    assert {line.site for line in reconcile(home)} == {"A", "B"}


def test_it_stays_so_when_withheld_rows_follow_later(home, tmp_path):
    take(home, drawn(tmp_path / "in", "4", "k1 | p1 | | later"), site="B")
    allow(home, "B", "observation")
    take(home, drawn(tmp_path / "in", "5", "k9 | p9 | | 9"), site="B")
    assert wrong(home) == set()


def test_one_site_can_be_looked_at_alone(home):
    assert {line.site for line in reconcile(home, "B")} == {"B"}


def test_a_lost_record_is_named(home):
    [batch] = home.site("B").glob("batches/*")
    [part] = part_folders(batch)
    records = pl.read_parquet(part / "records.parquet")
    records.head(records.height - 1).write_parquet(part / "records.parquet")
    assert "records on disk" in wrong(home)


def test_a_doubled_record_is_named(home):
    [batch] = home.site("B").glob("batches/*")
    [part] = part_folders(batch)
    records = pl.read_parquet(part / "records.parquet")
    pl.concat([records.head(1), records.head(records.height - 1)]).write_parquet(part / "records.parquet")
    assert "places of records are distinct" in wrong(home)


def test_rows_pooled_twice_are_named(home):
    version = home.pool.versions()["observation"]
    rows = home.pool.scan("observation", version).drop("bucket").collect()
    home.pool.append("observation", [rows])
    with home.engine.begin() as connection:
        from federation.centre.snapshot import write_snapshot

        write_snapshot(connection, home.pool.versions())
    assert "observation: rows in the pool" in wrong(home)


def test_a_count_changed_in_the_journal_is_named(home):
    with home.engine.begin() as connection:
        connection.execute(update(BATCHES).values(rejected=0, read=BATCHES.c.read - BATCHES.c.rejected))
    assert {"rejected records on disk", "ledger: rejected", "read = sum of its files"} <= wrong(home)


def test_a_site_that_nobody_registered_is_not_called_balanced(home):
    with pytest.raises(Usage, match="No site `NOPE`"):
        reconcile(home, "NOPE")


def test_a_release_taken_out_of_the_journal_is_named(home):
    with home.engine.begin() as connection:
        connection.execute(delete(BATCHES).where(BATCHES.c.site == "A"))
        connection.execute(delete(RELEASES).where(RELEASES.c.site == "A"))
    assert "observation: pooled rows of no recorded batch" in wrong(home)

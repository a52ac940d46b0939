"""A real MariaDB: exact text, one moment, gentle; and GBK bytes that an old system stored in Latin-1 columns."""

import time
from contextlib import closing

import pytest

from connectors.errors import BadMapping, Unreachable
from tests.servers.asked import Site
from tests.servers.started import PASSWORD

WHOLE = '[[table]]\nname = "visits"\nview = "visits"\nkey = ["id"]\n'
VISITS = WHOLE + 'watermark = { column = "at", overlap = "2h" }\n'


@pytest.fixture
def his(mariadb, tmp_path):
    """An empty database, and a site that asks it."""
    mariadb.run("DROP DATABASE IF EXISTS his", "CREATE DATABASE his", database=None)
    site = Site(tmp_path / "site", mariadb.url("his"))
    site.run, site.server = mariadb.run, mariadb
    return site


def test_every_type_lands_exactly_as_the_server_writes_it(his):
    his.run(
        """CREATE TABLE visits (id bigint unsigned, nothing text, empty varchar(9), odd text, money decimal(38,10), yes tinyint(1), day date,
           zero date, moment datetime(6), span time, bits bit(3), code char(4), name varchar(9), doc json, kind enum('a','b'))""",
        "SET sql_mode = ''",
    )
    with closing(his.server.connect(sql_mode="")) as boss:
        boss.cursor().execute(
            """INSERT INTO visits VALUES (18446744073709551615, NULL, '', 'a,b "c"\nd\\\\', 1234567890123456789012345678.0123456789, 1,
               '2024-02-29', '0000-00-00', '2024-02-29 23:59:59.123456', '-30:05:00', b'101', '0301', '张三', '{"a": 1}', 'b')"""
        )
    asked = his.ask(WHOLE)
    assert asked.error is None
    assert dict(zip(asked.header, asked.rows[0], strict=True)) == {
        "id": "18446744073709551615", "nothing": None, "empty": "", "odd": 'a,b "c"\nd\\', "money": "1234567890123456789012345678.0123456789",
        "yes": "1", "day": "2024-02-29", "zero": "0000-00-00", "moment": "2024-02-29 23:59:59.123456", "span": "-30:05:00", "bits": "5",
        "code": "0301", "name": "张三", "doc": '{"a": 1}', "kind": "b",
    }  # fmt: skip


def test_bytes_of_gbk_in_columns_of_latin_are_said_and_read_as_text_once_that_is_declared(his):
    his.run(
        "CREATE TABLE visits (id int, who varchar(40) CHARACTER SET latin1, ward varchar(40) CHARACTER SET utf8mb4)"
    )
    raw = "门诊丂病历".encode("gb18030").hex()
    his.run(f"INSERT INTO visits VALUES (1, _binary x'{raw}', '内科')")
    wrong = his.ask(WHOLE)
    assert wrong.rows[0][1] != "门诊丂病历"
    assert "who look like GBK" in wrong.notes[0]
    right = his.ask(WHOLE + 'bytes_are = "gb18030"\nbytes_in = ["who"]\n')
    assert right.rows == [["1", "门诊丂病历", "内科"]]
    assert right.notes == []


def test_what_is_new_comes_and_a_cut_run_goes_on(his):
    his.run("CREATE TABLE visits (id int PRIMARY KEY, at datetime, who text)")
    his.run(*(f"INSERT INTO visits VALUES ({n}, '2026-01-01 {n % 3 + 8:02}:00', '50% of it')" for n in range(1, 12)))
    his.describe(VISITS, "row_cap = 5\nfetch = 2")
    seen = [row[0] for _ in range(4) for row in his.ask().rows]
    assert {int(each) for each in seen} == set(range(1, 12))
    query = WHOLE.replace('view = "visits"', "query = \"SELECT id, at, who FROM visits WHERE who LIKE '%50\\\\% of%'\"")
    assert {row[2] for row in his.ask(query + 'watermark = { column = "at" }\n').rows} == {"50% of it"}


def test_a_slowed_reading_brings_the_same(his):
    his.run("CREATE TABLE visits (id int PRIMARY KEY, at datetime)")
    his.run("INSERT INTO visits SELECT seq, '2026-01-01' FROM seq_1_to_50")
    now = [0.0]
    asked = his.ask(
        VISITS, "rows_per_second = 5\nfetch = 7", clock=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + s)
    )
    assert [int(row[0]) for row in asked.rows] == list(range(1, 51))


def test_all_views_are_seen_at_one_moment(his):
    his.run("CREATE TABLE visits (id int)", "CREATE TABLE other (id int)", "INSERT INTO visits VALUES (1)")
    both = WHOLE + '[[table]]\nname = "other"\nview = "other"\nkey = ["id"]\n'
    asked = his.ask(both, tell=lambda _done, _whole: his.run("INSERT INTO other VALUES (7)"))
    assert (asked.rows, asked.error) == ([["1"]], None)


def test_a_question_that_takes_too_long_is_stopped_by_the_server(his):
    his.run("CREATE VIEW visits AS SELECT seq AS id, SLEEP(1) AS who FROM seq_1_to_20")
    began = time.monotonic()
    asked = his.ask(WHOLE, 'statement_timeout = "1s"')
    assert isinstance(asked.error, Unreachable)
    assert time.monotonic() - began < 6


def test_a_connection_that_is_killed_leaves_a_good_file_and_a_good_place(his):
    his.run("CREATE TABLE visits (id int PRIMARY KEY, at datetime, who text)")
    his.run("INSERT INTO visits SELECT seq, '2026-01-01', REPEAT('x', 400) FROM seq_1_to_40000")
    killed = []

    def hours():
        if not killed:
            ours = "SELECT id FROM information_schema.processlist WHERE user = 'his'"
            killed.extend(his.run(ours))
            his.run(*(f"KILL {number}" for (number,) in killed))
        return True

    his.describe(VISITS, "fetch = 100")
    feed = his.feed()
    feed._open_hours = lambda: hours() if (his.folder / "landing" / "visits.csv").exists() else True
    his.feed = lambda **_: feed
    broken = his.ask()
    assert isinstance(broken.error, Unreachable)
    assert 100 <= len(broken.rows) < 40_000
    del his.feed
    rest = his.ask()
    assert len({row[0] for row in [*broken.rows, *rest.rows]}) == 40_000


def test_it_cannot_write_and_views_that_are_not_there_are_said(his):
    asked = his.ask(WHOLE)
    assert isinstance(asked.error, BadMapping)
    assert "no view or column" in str(asked.error)


@pytest.mark.parametrize("wrong", ["password", "port"])
def test_no_message_shows_the_address_or_the_password(his, wrong):
    his.url = (
        his.server.url(password=PASSWORD + "x") if wrong == "password" else his.url.replace(str(his.server.port), "1")
    )
    asked = his.ask(WHOLE)
    assert isinstance(asked.error, Unreachable)
    assert not {part for part in ("canary", "4711", "127.0.0.1") if part in f"{asked.error!r}{asked.error.__cause__!r}"}

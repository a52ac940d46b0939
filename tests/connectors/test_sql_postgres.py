"""A real PostgreSQL: what is in a view lands exactly, what is new comes once, and the server is left in peace."""

import time
from contextlib import closing

import psycopg
import pytest

from connectors.errors import BadMapping, Unreachable, Unreadable
from connectors.sql import reading
from tests.servers.asked import Site
from tests.servers.started import PASSWORD

VISITS = """
[[table]]
name = "visits"
view = "visits"
key = ["id"]
watermark = { column = "at", overlap = "2h" }
"""
WHOLE = '[[table]]\nname = "visits"\nview = "visits"\nkey = ["id"]\n'


@pytest.fixture
def his(postgres, tmp_path):
    """An empty database, and a site that asks it."""
    postgres.run("DROP DATABASE IF EXISTS his WITH (FORCE)", "CREATE DATABASE his")
    site = Site(tmp_path / "site", postgres.url("his"))
    site.run = lambda *statements: postgres.run(*statements, database="his")
    site.server = postgres
    return site


def visits(his, rows, key="int PRIMARY KEY"):
    his.run("DROP TABLE IF EXISTS visits", f"CREATE TABLE visits (id {key}, at timestamp, who text)")
    add(his, rows)


def add(his, rows):
    for at, row in rows.items():
        his.run(f"INSERT INTO visits VALUES ({at}, {row!r}, 'p{at}')".replace("None", "NULL"))


def ids(asked):
    return [int(row[0]) for row in asked.rows]


def test_every_type_lands_exactly_as_the_server_writes_it(his):
    his.run(
        """CREATE TABLE visits AS SELECT 1 AS id, NULL::text AS nothing, ''::text AS empty, 'a,b "c"' || chr(10) || 'd' AS odd,
           12345678901234567890.123456789012345678::numeric AS money, 0.1::float8 AS ratio, true AS yes, '2024-02-29'::date AS day,
           '2024-02-29 23:59:59.123456'::timestamp AS moment, '2024-02-29 16:00:00+00'::timestamptz AS zoned, '\\x00ff'::bytea AS bytes,
           '0301'::text AS code, ARRAY[1,2] AS list, '{"a":1}'::jsonb AS doc, '张三'::text AS name, 9223372036854775807 AS big"""
    )
    asked = his.ask(WHOLE)
    assert dict(zip(asked.header, asked.rows[0], strict=True)) == {
        "id": "1", "nothing": None, "empty": "", "odd": 'a,b "c"\nd', "money": "12345678901234567890.123456789012345678", "ratio": "0.1",
        "yes": "true", "day": "2024-02-29", "moment": "2024-02-29 23:59:59.123456", "zoned": "2024-03-01 00:00:00", "code": "0301",
        "list": "{1,2}", "doc": '{"a": 1}', "name": "张三", "big": "9223372036854775807",
    }  # fmt: skip
    assert "bytes hold bytes" in asked.notes[0]
    named = his.ask(WHOLE + 'columns = ["bytes"]')
    assert named.rows == [["1", "00ff"]]


def test_what_is_new_comes_and_what_came_late_within_the_overlap(his):
    visits(his, {1: "2026-01-01 08:00", 2: "2026-01-01 12:00"})
    assert ids(his.ask(VISITS)) == [1, 2]
    add(his, {3: "2026-01-01 10:30", 4: "2026-01-01 13:00", 5: "2026-01-01 09:00"})
    assert ids(his.ask()) == [3, 2, 4]  # 5 came later than the overlap allows


def test_nothing_new_lands_nothing_but_the_overlap(his):
    visits(his, {1: "2026-01-01 08:00", 2: "2026-01-01 12:00"})
    his.ask(VISITS)
    assert (ids(his.ask()), his.ask().files) == ([2], 1)


def test_a_run_that_reaches_its_cap_goes_on_where_it_ended(his, monkeypatch):
    monkeypatch.setattr(reading, "FILE_ROWS", 3)
    visits(his, {n: f"2026-01-01 {n % 4 + 8:02}:00" for n in range(1, 21)})
    his.describe(VISITS, "row_cap = 7\nfetch = 2")
    seen = [ids(his.ask()) for _ in range(4)]
    assert [len(each) for each in seen] == [7, 7, 7, 2]
    assert {n for each in seen for n in each} == set(range(1, 21))
    assert "`row_cap` was reached" in " ".join(his.ask(VISITS, "row_cap = 1\nfetch = 1").notes)


def test_a_slowed_reading_waits_and_brings_the_same(his):
    visits(his, {n: "2026-01-01 08:00" if n < 15 else "2026-01-02 08:00" for n in range(1, 31)})
    now, slept = [0.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    asked = his.ask(VISITS, "rows_per_second = 2\nfetch = 3", clock=lambda: now[0], sleep=sleep)
    assert ids(asked) == list(range(1, 31))
    assert sum(slept) == pytest.approx(15)


def test_a_table_without_watermark_is_read_whole_and_goes_on_by_its_key(his):
    visits(his, dict.fromkeys(range(1, 11), "2026-01-01"))
    his.describe(WHOLE, "row_cap = 4")
    assert [ids(his.ask()) for _ in range(4)] == [[1, 2, 3, 4], [4, 5, 6, 7], [7, 8, 9, 10], [10]]
    assert ids(his.ask()) == [1, 2, 3, 4]


def test_more_rows_than_the_cap_without_any_order_are_refused_after_what_came(his):
    visits(his, dict.fromkeys(range(1, 11), "2026-01-01"))
    asked = his.ask('[[table]]\nname = "v"\nview = "visits"\n', "row_cap = 4")
    assert (len(asked.rows), type(asked.error)) == (4, Unreadable)
    assert "neither `watermark` nor `key`" in str(asked.error)


def test_a_trial_says_that_it_is_one_and_needs_no_order_to_go_on_from(his):
    visits(his, dict.fromkeys(range(1, 11), "2026-01-01"))
    asked = his.ask('[[table]]\nname = "v"\nview = "visits"\n', at_most=4)
    assert (len(asked.rows), asked.error) == (4, None)
    assert asked.notes == ["Table `v`: 4 rows were asked for, as a trial."]
    capped = his.ask('[[table]]\nname = "v"\nview = "visits"\n', "row_cap = 3", at_most=4)
    assert (len(capped.rows), type(capped.error)) == (3, Unreadable)


def test_more_rows_of_one_place_than_the_cap_are_refused_not_read_for_ever(his):
    visits(his, dict.fromkeys(range(1, 11), "2026-01-01"), key="int")
    his.run("UPDATE visits SET id = 1")
    his.describe(VISITS, "row_cap = 4")
    assert his.ask().error is None
    assert "Raise it" in str(his.ask().error)


def test_rows_without_or_with_a_future_watermark_are_said(his):
    visits(his, {1: "2026-01-01", 2: None, 3: "2999-01-01"})
    asked = his.ask(VISITS)
    assert ids(asked) == [1]
    assert ["have no `at`" in note or "later than" in note for note in asked.notes] == [True, True]


def test_a_watermark_that_goes_back_makes_the_whole_view_come_again(his):
    visits(his, {1: "2026-02-01", 2: "2026-02-02"})
    his.ask(VISITS)
    visits(his, {3: "2026-01-01", 4: "2026-01-02"})
    asked = his.ask()
    assert ids(asked) == [3, 4]
    assert "as after a restore" in asked.notes[0]


def test_an_integer_watermark_counts(his):
    visits(his, dict.fromkeys(range(1, 6), "2026-01-01"))
    table = VISITS.replace('column = "at", overlap = "2h"', 'column = "id", type = "integer", overlap = 1')
    assert ids(his.ask(table)) == [1, 2, 3, 4, 5]
    add(his, {6: "2026-01-01"})
    assert ids(his.ask()) == [4, 5, 6]


def test_an_empty_view_is_no_error(his):
    visits(his, {})
    asked = his.ask(VISITS)
    assert (asked.rows, asked.files, asked.error) == ([], 0, None)


def test_a_thousand_columns_come(his):
    names = ", ".join(f"{n} AS c{n}" for n in range(1, 1000))
    his.run(f"CREATE VIEW visits AS SELECT 1 AS id, {names}")
    assert len(his.ask(WHOLE).rows[0]) == 1000


def test_columns_of_one_name_are_refused(his):
    asked = his.ask('[[table]]\nname = "v"\nkey = ["a"]\nquery = "SELECT 1 AS a, 2 AS a"\n')
    assert isinstance(asked.error, BadMapping)
    assert "two columns are called `a`" in str(asked.error)


def test_names_and_queries_with_odd_signs_mean_what_they_say(his):
    his.run('''CREATE VIEW "vi""s%s its" AS SELECT 1 AS "a b%", 'x%' AS "c'd;--"''')
    asked = his.ask('[[table]]\nname = "v"\nview = "vi\\"s%s its"\nkey = ["a b%"]\n')
    assert (asked.header, asked.rows) == (["a b%", "c'd;--"], [["1", "x%"]])
    his.state = {}
    query = 'SELECT \\"a b%\\" AS a FROM \\"vi\\"\\"s%s its\\" WHERE \\"c\'d;--\\" LIKE \'x%\''
    assert his.ask(f'[[table]]\nname = "v"\nkey = ["a"]\nquery = "{query}"\n').rows == [["1"]]


def test_a_view_that_changed_is_refused_with_the_difference_until_somebody_accepts_it(his):
    visits(his, {1: "2026-01-01"})
    his.ask(VISITS)
    his.run("ALTER TABLE visits ADD age int", "ALTER TABLE visits ALTER who TYPE varchar(9)")
    refused = his.ask(VISITS)
    assert (refused.rows, type(refused.error)) == ([], Unreadable)
    assert "+ age (int4); ~ who: was text, is varchar" in str(refused.error)
    accept = str(refused.error).split("accept = ")[1].split('"')[1]
    accepted = his.ask(VISITS + f'accept = "{accept}"\n')
    assert (len(accepted.rows), accepted.error) == (1, None)
    assert "columns changed" in accepted.notes[0]
    assert his.ask().notes == []


def test_one_refused_table_takes_nothing_from_the_others(his):
    visits(his, {1: "2026-01-01"})
    asked = his.ask('[[table]]\nname = "none"\nview = "nowhere"\nkey = ["id"]\n' + VISITS)
    assert (ids(asked), type(asked.error)) == ([1], BadMapping)
    assert "no view or column" in str(asked.error)


def test_all_views_are_seen_at_one_moment(his):
    visits(his, {1: "2026-01-01"})
    his.run("CREATE TABLE other (id int)")
    both = WHOLE + '[[table]]\nname = "other"\nview = "other"\nkey = ["id"]\n'
    asked = his.ask(both, tell=lambda _done, _whole: his.run("INSERT INTO other VALUES (7)", "DELETE FROM visits"))
    assert (asked.rows, asked.files) == ([["1", "2026-01-01 00:00:00", "p1"]], 1)


def test_a_backend_that_dies_in_the_middle_leaves_a_good_file_and_a_good_place(his, monkeypatch):
    his.run(
        "CREATE TABLE visits AS SELECT n AS id, '2026-01-01'::timestamp AS at, repeat('x', 200) AS who FROM generate_series(1, 60000) n"
    )
    rows = reading._File.write
    killed = []

    def kill(self, lines):
        rows(self, lines)
        if not killed:
            killed.append(
                his.server.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guantong/his'"
                )
            )

    monkeypatch.setattr(reading._File, "write", kill)
    broken = his.ask(VISITS, "fetch = 100")
    assert isinstance(broken.error, Unreachable)
    assert "57P01" in str(broken.error) or "does not answer" in str(broken.error)
    assert 100 <= len(broken.rows) < 60_000
    monkeypatch.undo()
    rest = his.ask()
    assert {*ids(broken), *ids(rest)} == set(range(1, 60_001))
    assert len(broken.rows) + len(rest.rows) <= 60_002


def test_a_question_that_takes_too_long_is_stopped_by_the_server(his):
    his.run("CREATE VIEW visits AS SELECT 1 AS id, pg_sleep(5)::text AS who")
    began = time.monotonic()
    asked = his.ask(WHOLE, 'statement_timeout = "300ms"')
    assert "longer than `statement_timeout`" in str(asked.error)
    assert time.monotonic() - began < 4


def test_a_lock_is_not_waited_for_long(his):
    visits(his, {1: "2026-01-01"})
    with closing(his.server.connect("his")) as holder, holder.transaction():
        holder.execute("LOCK TABLE visits IN ACCESS EXCLUSIVE MODE")
        asked = his.ask(WHOLE, 'lock_timeout = "200ms"')
    assert isinstance(asked.error, Unreachable)
    assert "lock" in str(asked.error)


def test_stopping_stops_the_server_as_well(his, monkeypatch):
    his.run("CREATE VIEW visits AS SELECT n AS id, repeat('x', 1000) AS who FROM generate_series(1, 5000000) n")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(reading.Reading, "_look_for_garbled", interrupted)
    with pytest.raises(KeyboardInterrupt):
        his.ask('[[table]]\nname = "v"\nview = "visits"\n', "fetch = 100\nrow_cap = 4000000")
    until = time.monotonic() + 5
    running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'guantong/his'"
    while his.server.run(running) != [(0,)] and time.monotonic() < until:
        time.sleep(0.05)
    assert his.server.run(running) == [(0,)]


def test_what_is_asked_cannot_write(his):
    his.run(
        "CREATE SEQUENCE counter",
        "GRANT USAGE ON counter TO his",
        "CREATE VIEW visits AS SELECT nextval('counter') AS id",
    )
    asked = his.ask(WHOLE)
    assert asked.rows == []
    assert asked.error is not None
    assert his.run("SELECT last_value, is_called FROM counter") == [(1, False)]


@pytest.mark.parametrize("wrong", ["password", "port", "database", "nonsense", "option"])
def test_no_message_shows_the_address_or_the_password(his, wrong, capsys):
    visits(his, {1: "2026-01-01"})
    his.url = {
        "password": his.server.url("his", password=PASSWORD + "x"),
        "port": his.url.replace(str(his.server.port), "1"),
        "database": his.server.url(f"no{PASSWORD}"),
        "nonsense": f"this is not an address {PASSWORD}",
        "option": f"{his.url}?sslmod={PASSWORD}",
    }[wrong]
    asked = his.ask(VISITS)
    assert isinstance(asked.error, BadMapping if wrong in {"nonsense", "option"} else Unreachable | BadMapping)
    said = f"{asked.error!r} {asked.error.__cause__!r} {asked.error} {asked.notes}"
    assert not {"canary", "4711", "127.0.0.1"} & {part for part in ("canary", "4711", "127.0.0.1") if part in said}


def test_hours_are_kept_by_the_clock_that_is_handed_in(his):
    visits(his, {1: "2026-01-01"})
    asked = his.ask(VISITS, 'allowed = "22:00-06:00"')
    assert isinstance(asked.error, Unreachable)
    assert "22:00-06:00 only, and it is 12:00" in str(asked.error)
    assert ids(his.ask(VISITS, 'allowed = "10:00-14:00"')) == [1]


def test_bytes_of_gbk_in_a_database_without_encoding_are_read_as_text(his):
    his.server.run(
        "DROP DATABASE IF EXISTS old WITH (FORCE)",
        "CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    with psycopg.connect(host="127.0.0.1", port=his.server.port, user="boss", password=PASSWORD, dbname="old", autocommit=True,
                         client_encoding="SQL_ASCII") as boss:  # fmt: skip
        boss.execute("CREATE TABLE visits (id int, who text)")
        boss.execute(b"INSERT INTO visits VALUES (1, '" + "门诊,丂|".encode("gb18030") + b"'), (2, '\x81')")
    his.url = his.server.url("old")
    asked = his.ask(WHOLE + 'bytes_are = "gb18030"\n')
    assert asked.error is None
    assert asked.rows == [["1", "门诊,丂|"], ["2", "\udc81"]]


def test_gbk_that_was_taken_for_latin_is_said(his):
    visits(his, {1: "2026-01-01"})
    his.run("UPDATE visits SET who = convert_from(decode('d6d0cec4b2a1c0fa', 'hex'), 'LATIN1')")
    asked = his.ask(WHOLE)
    assert "who look like GBK" in asked.notes[0]

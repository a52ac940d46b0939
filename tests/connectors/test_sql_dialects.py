"""What each database is asked, word for word, and that its driver has what is used of it.

PostgreSQL and MariaDB are run for real elsewhere; of the others these words and names are all that is tested.
"""

from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy.engine import make_url

from connectors.errors import BadMapping, Unreachable
from connectors.sql.dialect import Manners, Seen
from connectors.sql.dialects import dialects
from connectors.sql.position import Position
from connectors.sql.question import Question

DIALECTS = {dialect.name: dialect for dialect in dialects().values()}
MANNERS = Manners("guantong/his", timedelta(minutes=2), timedelta(seconds=5))
WORDS = {
    "PostgreSQL": """
        SET statement_timeout = 120000
        SET lock_timeout = 5000
        SET idle_in_transaction_session_timeout = 240000
        SET default_transaction_read_only = on
        SET TimeZone = 'Asia/Shanghai'
        SET DateStyle = 'ISO, YMD'
        SET IntervalStyle = 'iso_8601'
        SET extra_float_digits = 1
        BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY
        SELECT "ID", "AT", "A" FROM "V" WHERE "AT" >= %s AND ("AT" > %s OR "ID" >= %s OR "ID" IS NULL) AND "AT" <= %s ORDER BY "AT", "ID" LIMIT 9
        SELECT LOCALTIMESTAMP
    """,
    "MySQL": """
        SET SESSION lock_wait_timeout = 5
        SET SESSION innodb_lock_wait_timeout = 5
        SET SESSION net_write_timeout = 120
        SET SESSION time_zone = '+08:00'
        SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
        START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
        SELECT `ID`, `AT`, CAST(`A` AS BINARY) AS `A` FROM `V` WHERE `AT` >= %s AND (`AT` > %s OR `ID` >= %s OR `ID` IS NULL) AND `AT` <= %s ORDER BY `AT`, `ID` LIMIT 9
        SELECT NOW(6)
    """,
    "SQL Server": """
        SET LOCK_TIMEOUT 5000
        SET DEADLOCK_PRIORITY LOW
        SET DATEFORMAT ymd
        SET TRANSACTION ISOLATION LEVEL SNAPSHOT
        BEGIN TRANSACTION
        SELECT TOP (9) [ID], [AT], CAST([A] AS VARBINARY(MAX)) AS [A] FROM [V] WHERE [AT] >= %s AND ([AT] > %s OR [ID] >= %s OR [ID] IS NULL) AND [AT] <= %s ORDER BY [AT], [ID]
        SELECT SYSDATETIME()
    """,
    "Oracle": """
        ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'
        SET TRANSACTION READ ONLY
        SELECT "ID", "AT", UTL_RAW.CAST_TO_RAW("A") AS "A" FROM "V" WHERE "AT" >= :1 AND ("AT" > :2 OR "ID" >= :3 OR "ID" IS NULL) AND "AT" <= :4 ORDER BY "AT", "ID" FETCH FIRST 9 ROWS ONLY
        SELECT LOCALTIMESTAMP FROM DUAL
    """,
    "DM8": """
        ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'
        SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
        SET TRANSACTION READ ONLY
        SELECT "ID", "AT", UTL_RAW.CAST_TO_RAW("A") AS "A" FROM "V" WHERE "AT" >= ? AND ("AT" > ? OR "ID" >= ? OR "ID" IS NULL) AND "AT" <= ? ORDER BY "AT", "ID" LIMIT 9
        SELECT LOCALTIMESTAMP FROM DUAL
    """,
    "KingbaseES": """
        SET statement_timeout = 120000
        SET lock_timeout = 5000
        SET idle_in_transaction_session_timeout = 240000
        SET default_transaction_read_only = on
        SET TimeZone = 'Asia/Shanghai'
        SET DateStyle = 'ISO, YMD'
        SET IntervalStyle = 'iso_8601'
        SET extra_float_digits = 1
        SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
        SELECT "ID", "AT", "A" FROM "V" WHERE "AT" >= %s AND ("AT" > %s OR "ID" >= %s OR "ID" IS NULL) AND "AT" <= %s ORDER BY "AT", "ID" LIMIT 9
        SELECT LOCALTIMESTAMP
    """,
}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_database_is_asked_in_these_words(name):
    dialect = DIALECTS[name]
    key = Seen("ID", "int4")
    question = Question(dialect, dialect.quoted("V"), (key, Seen("AT", "timestamp"), Seen("A", "text")), Seen("AT", "timestamp"),
                        "datetime", (key,), frozenset({"A"}) - (frozenset({"A"}) if dialect.takes_bytes else frozenset()),
                        until="2026-01-02 00:00:00")  # fmt: skip
    asked, binds = question.beginning_at(Position("2026-01-01 00:00:00", ("7",), cut=True)).sql(9)
    said = [*dialect.manners(MANNERS), *dialect.snapshot(), asked, dialect.asking_now()]
    assert said == [line.strip() for line in WORDS[name].strip().splitlines()]
    assert [text for text, _ in binds] == ["2026-01-01 00:00:00", "2026-01-01 00:00:00", "7", "2026-01-02 00:00:00"]


def test_only_what_runs_in_the_tests_is_called_tried():
    assert {dialect.name for dialect in DIALECTS.values() if dialect.tried} == {"PostgreSQL", "MySQL"}


@pytest.mark.parametrize("name", DIALECTS)
def test_the_driver_has_what_is_used_of_it(name):
    driver = import_module(DIALECTS[name].driver)
    assert driver.apilevel == "2.0"
    assert issubclass(driver.OperationalError, driver.Error)
    assert issubclass(driver.InterfaceError, driver.Error)
    assert {
        "PostgreSQL": "pyformat",
        "MySQL": "pyformat",
        "SQL Server": "pyformat",
        "Oracle": "named",
        "DM8": "qmark",
        "KingbaseES": "pyformat",
    }[name] == driver.paramstyle


@pytest.mark.parametrize("scheme", dialects())
def test_a_port_where_nobody_listens_is_unreachable_and_shows_nothing(scheme):
    dialect = dialects()[scheme]
    url = make_url(f"{scheme}://someone:canary-4711@127.0.0.1:1/his")
    with pytest.raises(Unreachable) as refused:
        dialect.connect(url, MANNERS)
    said = f"{refused.value} {refused.value.__cause__}"
    assert dialect.name in said
    assert not {"canary", "127.0.0.1", "someone"} & set(said.replace("/", " ").split())


@pytest.mark.parametrize("name", DIALECTS)
def test_a_missing_driver_is_named_with_what_to_install(name, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, DIALECTS[name].driver, None)
    with pytest.raises(Unreachable, match=r"guantong\[databases\]"):
        DIALECTS[name].module()


@pytest.mark.parametrize("name", DIALECTS)
def test_an_option_of_the_address_that_is_not_known_is_refused_unseen(name):
    scheme = DIALECTS[name].schemes[0]
    with pytest.raises(BadMapping) as refused:
        DIALECTS[name].connect(make_url(f"{scheme}://u:p@h/d?passfile=canary"), MANNERS)
    assert not {"canary", "passfile"} & set(str(refused.value).split())


@pytest.mark.parametrize("name", DIALECTS)
def test_a_name_cannot_end_early(name):
    dialect = DIALECTS[name]
    begin, end = dialect.quotes
    quoted = dialect.quoted(f"a{end}; DROP TABLE b --")
    assert quoted.startswith(begin)
    assert quoted[1:-1].replace(end * 2, "").count(end) == 0


class Code(Exception):
    """An error with a number, as that driver gives it."""


@pytest.mark.parametrize(
    ("name", "args", "attribute", "expected"),
    [
        ("PostgreSQL", (), {"sqlstate": "57014"}, "statement_timeout"),
        ("MySQL", (1969, "canary"), {}, "statement_timeout"),
        ("SQL Server", (1222, b"canary"), {}, "lock_timeout"),
        ("Oracle", (type("E", (), {"full_code": "ORA-01555"})(),), {}, "snapshot"),
        ("DM8", (type("E", (), {"code": -2501})(),), {}, "password"),
        ("KingbaseES", (), {"pgcode": "42501"}, "may not read"),
    ],
)
def test_numbers_of_errors_become_sentences(name, args, attribute, expected):
    error = Code(*args)
    for key, value in attribute.items():
        setattr(error, key, value)
    said = str(DIALECTS[name].wrong(error))
    assert expected in said
    assert "canary" not in said

"""A query that somebody writes may only read; what may do more is refused before it is asked."""

import pytest

from connectors.errors import BadMapping
from connectors.sql.readonly import only_reads

READS = """
postgres | SELECT id, at FROM his.visits
postgres | SELECT a.id, count(*) AS n FROM a JOIN b USING (id) WHERE a.x LIKE '%;%' GROUP BY a.id;
postgres | WITH v AS (SELECT * FROM a) SELECT id, coalesce(x, 'drop table') FROM v UNION ALL SELECT id, y FROM b
postgres | SELECT to_char(at, 'YYYY-MM-DD') AS day, at::date, row_number() OVER (ORDER BY at) FROM visits
mysql    | SELECT id, IFNULL(a, b), DATE_FORMAT(at, '%Y-%m-%d'), CONCAT_WS('-', a, b) FROM visits
tsql     | SELECT TOP 5 id, ISNULL(a, ''), CONVERT(varchar(10), at, 120) FROM dbo.visits
oracle   | SELECT id, NVL(a, b), TO_CHAR(at, 'YYYYMMDD'), DECODE(a, 1, 'x', 'y') FROM visits WHERE ROWNUM < 5
"""
ACTS = """
postgres | DELETE FROM visits
postgres | SELECT 1; SELECT 2
postgres | SELECT 1; DROP TABLE visits
postgres | WITH gone AS (DELETE FROM visits RETURNING *) SELECT * FROM gone
postgres | SELECT * INTO copied FROM visits
postgres | SELECT * FROM visits FOR UPDATE
postgres | SELECT * FROM visits FOR SHARE
postgres | SELECT pg_sleep(10)
postgres | SELECT pg_terminate_backend(pid) FROM pg_stat_activity
postgres | SELECT nextval('counter')
postgres | SELECT set_config('statement_timeout', '0', false)
postgres | SELECT pg_read_file('/etc/passwd')
postgres | SELECT lo_import('/etc/passwd')
postgres | SELECT * FROM dblink('x', 'y') AS t(a int)
postgres | SELECT his.do_something(id) FROM visits
postgres | SELECT query_to_xml('delete from visits', true, true, '')
postgres | EXPLAIN ANALYZE DELETE FROM visits
postgres | COPY visits TO PROGRAM 'sh'
postgres | SET statement_timeout = 0
postgres | not sql at all
mysql    | SELECT SLEEP(5)
mysql    | SELECT BENCHMARK(1000000, MD5('x'))
mysql    | SELECT LOAD_FILE('/etc/passwd')
mysql    | SELECT * FROM visits INTO OUTFILE '/tmp/x'
mysql    | SELECT @a := 1
mysql    | SELECT GET_LOCK('x', 10)
mysql    | SELECT * FROM visits LOCK IN SHARE MODE
mysql    | CALL do_something()
tsql     | SELECT id FROM visits WITH (NOLOCK)
tsql     | SELECT id FROM visits (NOLOCK)
tsql     | SELECT id FROM visits WITH (UPDLOCK)
tsql     | SELECT id FROM visits NOLOCK
tsql     | EXEC xp_cmdshell 'dir'
tsql     | SELECT * FROM OPENROWSET('x', 'y', 'z')
tsql     | SELECT * FROM OPENQUERY(other, 'delete from visits')
oracle   | SELECT DBMS_LOCK.SLEEP(5) FROM DUAL
oracle   | SELECT UTL_HTTP.REQUEST('http://x') FROM DUAL
oracle   | SELECT his_pkg.change(id) FROM visits
oracle   | SELECT counter.NEXTVAL FROM DUAL
oracle   | BEGIN his_pkg.change; END;
"""


def drawn(text):
    return [tuple(part.strip() for part in line.split("|", 1)) for line in text.strip().splitlines()]


@pytest.mark.parametrize(("grammar", "query"), drawn(READS))
def test_a_select_is_taken_as_it_is_written(grammar, query):
    assert only_reads("his", query, grammar) == query.rstrip(";")


@pytest.mark.parametrize(("grammar", "query"), drawn(ACTS))
def test_what_may_do_more_than_read_is_refused(grammar, query):
    with pytest.raises(BadMapping, match=r"^his: "):
        only_reads("his", query, grammar)


def test_a_function_of_the_site_is_taken_once_somebody_says_that_it_only_reads():
    query = "SELECT his.age_of(id) AS age FROM visits"
    assert only_reads("his", query, "postgres", ["his.age_of"]) == query


def test_nesting_without_end_is_refused():
    with pytest.raises(BadMapping):
        only_reads("his", "SELECT " + "(" * 20_000 + "1" + ")" * 20_000, "postgres")

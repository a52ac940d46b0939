"""Whether a query that somebody wrote only reads: one SELECT, no lock, no dirty read, no function that may act.

What is not known to be harmless is refused. The database's own read-only transaction stands behind this.
"""

import re
from collections.abc import Collection
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from connectors.errors import BadMapping

_ACTS = (
    exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Into, exp.Lock,
    exp.Set, exp.Use, exp.Transaction, exp.Commit, exp.Rollback, exp.Copy, exp.Grant, exp.TruncateTable, exp.LoadData,
    exp.Kill, exp.Pragma, exp.Analyze,
)  # fmt: skip
_DIRTY = re.compile(r"(?i)\b(NOLOCK|READUNCOMMITTED|UPDLOCK|XLOCK|TABLOCKX?|HOLDLOCK|READPAST)\b")
_KNOWN = frozenset(
    """
    nvl nvl2 decode to_char to_date to_number to_timestamp isnull convert getdate len charindex patindex stuff
    datediff dateadd datename datepart format iif str_to_date date_format unix_timestamp from_unixtime
    timestampdiff find_in_set ifnull if concat_ws group_concat lpad rpad translate instr regexp_replace
    regexp_substr regexp_like trunc mod sysdate now curdate curtime age make_date make_timestamp split_part
    string_agg listagg wm_concat initcap ascii chr nchar unicode greatest least nullif coalesce months_between
    add_months last_day next_day extract to_clob dbms_lob.substr utl_raw.cast_to_varchar2 quotename replicate
    space reverse
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_NAMED = re.compile(
    r"(?i)^(pg_(sleep|read|ls|terminate|cancel|reload|write|file|logical|advisory|try_advisory|notify)|lo_|dblink|"
    r"set_config|nextval|setval|currval|txid|load_file|sleep|benchmark|get_lock|release_lock|xp_|sp_|open(rowset|query|"
    r"datasource)|dbms_(?!lob)|utl_(?!raw)|sys_exec|query_to_xml|table_to_xml|cursor_to_xml|database_to_xml)"
)
Expr = Any  # sqlglot's own class of nodes changes its name between releases
INSTEAD = "Write one SELECT that only reads; see docs/databases.md"


def only_reads(where: str, query: str, grammar: str, allowed: Collection[str] = ()) -> str:
    """The query without a semicolon at its end. `allowed` are functions that the site knows to be harmless.

    Raises BadMapping.
    """
    statement = _single(where, query, grammar)
    acts = next((node for node in statement.walk() if isinstance(node, _ACTS)), None)
    if acts is not None or not isinstance(statement, exp.Query):
        raise BadMapping(where, f"`query` is or holds {type(acts or statement).__name__.upper()}", INSTEAD)
    if (statement.find(exp.WithTableHint) and _DIRTY.search(query)) or _hinted(statement):
        raise BadMapping(
            where, "`query` asks for rows without locks, or for locks: it could see what was never saved", INSTEAD
        )
    if next(statement.find_all(exp.PropertyEQ, exp.SessionParameter), None) or re.search(r"@\w+\s*:=", query):
        raise BadMapping(where, "`query` sets or reads a variable of the session", INSTEAD)
    if statement.find(exp.NextValueFor) or any(
        each.name.lower() == "nextval" for each in statement.find_all(exp.Column)
    ):
        raise BadMapping(where, "`query` counts a sequence on", INSTEAD)
    for function in statement.find_all(exp.Func):
        _harmless(where, function, allowed)
    return query.strip().rstrip(";").rstrip()


def _single(where: str, query: str, grammar: str) -> Expr:
    try:
        statements = [each for each in sqlglot.parse(query, read=grammar) if each is not None]
    except (SqlglotError, RecursionError) as error:
        raise BadMapping(where, "`query` cannot be understood", INSTEAD) from error
    if len(statements) != 1:
        raise BadMapping(where, f"`query` holds {len(statements)} statements", INSTEAD)
    return statements[0]


def _hinted(statement: Expr) -> bool:
    """A hint that was taken for an alias is one all the same: FROM visits NOLOCK."""
    return any(_DIRTY.fullmatch(alias.name) for alias in statement.find_all(exp.TableAlias))


def _harmless(where: str, function: exp.Func, allowed: Collection[str]) -> None:
    name = _name(function)
    known = {each.lower() for each in allowed}
    strange = isinstance(function, exp.Anonymous | exp.UserDefinedFunction) and name not in _KNOWN
    if (strange or _NAMED.match(name)) and name not in known:
        raise BadMapping(
            where,
            f"`query` calls `{name}`, which may do more than read",
            "Leave it out, or, when it only reads, name it in `functions`",
        )


def _name(function: exp.Func) -> str:
    """With its package: `pkg.f`."""
    own = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
    names = [own]
    above = function.parent
    while isinstance(above, exp.Dot):
        names.insert(0, above.this.name if above.this is not function else "")
        above = above.parent
    return ".".join(each for each in names if each).lower()

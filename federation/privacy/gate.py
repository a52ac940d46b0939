"""The gate: SQL in, a Question or a refusal out. One SELECT over shared tables, told as counts and means by group.

Everything not known here is refused: the answer is written from our own words, never from the asker's text.
"""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from federation.privacy.cells import Cells
from federation.privacy.question import Question, Source
from federation.privacy.rows import Rows
from federation.privacy.tree import NAME, called, only, quoted, refuse
from schemas.table import Table
from schemas.tables import TABLES

LONGEST = 10_000
MOST_TABLES = 4
CLAUSES = ("expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset")


def gate(sql: str) -> Question:
    """The question that `sql` asks (DuckDB dialect); raises Refused with the reason, which holds no value of it."""
    select = _one_select(sql)
    only(select, *CLAUSES)
    rows = Rows(_tables(select))
    ons = _ons(rows, select)
    where = rows.truth(select.args["where"].this) if select.args.get("where") else ""
    cells = Cells(rows, select)
    outputs = cells.outputs()
    having, order, limit = cells.having(), cells.order(), cells.limit()
    if not cells.measures and not cells.keys:
        refuse("Rows are not shown. Ask for counts, sums or means, by group.")
    return Question(
        _sources(rows, ons),
        where,
        tuple(cells.keys),
        tuple(cells.measures),
        outputs,
        having,
        order,
        limit,
        _shape(select),
    )


def _one_select(sql: str) -> exp.Select:
    if len(sql) > LONGEST:
        refuse(f"A question has at most {LONGEST} characters.")
    try:
        statements = sqlglot.parse(sql, dialect="duckdb")
    except (SqlglotError, RecursionError, ValueError):
        refuse("This cannot be read as one SELECT.")
    statement = statements[0] if len(statements) == 1 else None
    if statement is None:
        refuse("Ask exactly one SELECT.")
    if type(statement) is not exp.Select:
        refuse(f"{called(statement)} cannot be asked; ask one plain SELECT.")
    return statement


def _tables(select: exp.Select) -> dict[str, type[Table]]:
    start = select.args.get("from_") or refuse("Name the table: SELECT ... FROM table.")
    only(start, "this")
    named = [start.this, *(join.this for join in select.args.get("joins") or [])]
    if len(named) > MOST_TABLES:
        refuse(f"A question joins at most {MOST_TABLES} tables.")
    tables: dict[str, type[Table]] = {}
    for node in named:
        alias, table = _table(node)
        if alias in tables:
            refuse("Two tables have the same name; give each an alias of its own.")
        tables[alias] = table
    if next(iter(tables.values())).person is None:
        refuse("The first table holds no persons. Start from one that does, and join the others to it.")
    return tables


def _table(node: exp.Expr) -> tuple[str, type[Table]]:
    if type(node) is not exp.Table:
        refuse("A question inside a question cannot be asked; name a shared table.")
    only(node, "this", "alias")
    if type(node.this) is not exp.Identifier or node.name.lower() not in TABLES:
        refuse(f"Ask shared tables only: {', '.join(TABLES)}.")
    if node.args.get("alias"):
        only(node.args["alias"], "this")
    alias = (node.alias or node.name).lower()
    if not NAME.fullmatch(alias):
        refuse("An alias of a table has plain letters, digits and `_`.")
    return alias, TABLES[node.name.lower()]


def _ons(rows: Rows, select: exp.Select) -> dict[str, str]:
    ons: dict[str, str] = {}
    aliases = list(rows.tables)
    for place, join in enumerate(select.args.get("joins") or [], 1):
        only(join, "this", "on", "kind")
        if (join.kind or "INNER").upper() != "INNER" or join.args.get("on") is None:
            refuse("Tables are joined with JOIN ... ON; outer, cross, natural and USING joins cannot be asked.")
        ons[aliases[place]] = _on(rows, join.args["on"], aliases[place], aliases[:place])
    return ons


def _on(rows: Rows, node: exp.Expr, alias: str, before: list[str]) -> str:
    pairs = [_pair(rows, part.unnest(), alias, before) for part in node.flatten()] if isinstance(node, exp.And) else [
        _pair(rows, node.unnest(), alias, before)
    ]  # fmt: skip
    linked = any(linking for _, linking in pairs)
    person = rows.tables[alias].person
    if not linked:
        refuse("A join links rows by a token of both tables, as in a.person_id = b.person_id.")
    # Within one person, whatever key was named: the cell's persons are then the same on both sides.
    same = [f"{quoted(other)}.{quoted(theirs)} = {quoted(alias)}.{quoted(person)}" for other in before[:1]
            if (theirs := rows.tables[other].person) and person]  # fmt: skip
    return " AND ".join([*(sql for sql, _ in pairs), *same])


def _pair(rows: Rows, node: exp.Expr, alias: str, before: list[str]) -> tuple[str, bool]:
    sides = (node.this, node.args.get("expression")) if type(node) is exp.EQ else ()
    columns = [rows.column(side) for side in sides if isinstance(side, exp.Column)]
    if len(columns) != 2:
        refuse("A join compares columns with `=`, joined by AND.")
    left, right = columns
    if {left[0], right[0]} & {alias} == set() or not {left[0], right[0]} & set(before):
        refuse("A join compares a column of the joined table with one of a table before it.")
    personless = any(rows.tables[side].person is None for side, _ in (left, right))
    names = (left[1].name, right[1].name)
    if left[1].token != right[1].token or (not left[1].token and names != ("org_code", "org_code")):
        refuse("A join compares tokens with tokens, or org_code with org_code.")
    linking = left[1].token or personless
    return " = ".join(f"{quoted(side)}.{quoted(column.name)}" for side, column in (left, right)), linking


def _sources(rows: Rows, ons: dict[str, str]) -> tuple[Source, ...]:
    return tuple(
        Source(alias, table.name, tuple(sorted(rows.used.get(alias, set()))), table.person, ons.get(alias, ""))
        for alias, table in rows.tables.items()
    )


def _shape(select: exp.Select) -> str:
    bare = select.copy()
    for clause in ("having", "order", "limit", "offset"):
        bare.set(clause, None)
    for alias in list(bare.find_all(exp.Alias)):
        alias.replace(alias.this)
    for literal in list(bare.find_all(exp.Literal)):
        literal.replace(exp.Placeholder())
    if bare.args.get("group"):
        bare.set("group", None)
    return bare.sql(dialect="duckdb", comments=False)

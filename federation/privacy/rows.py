"""Expressions over single rows, translated node by node: what a question may say about a row before it is counted.

Never emits a node it does not know, and nothing whose failure would depend on a row: an error would be an answer.
So there is no cast of a column, no comparison of unlike kinds, no division by anything but a number.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlglot import exp

from federation.privacy.tree import Typed, called, only, quoted, refuse, text
from schemas.column import Column
from schemas.table import Table

COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip
PARTS: Mapping[type[exp.Expr], str] = {
    exp.Year: "year", exp.Quarter: "quarter", exp.Month: "month", exp.Week: "week", exp.DayOfWeek: "dayofweek",
}  # fmt: skip
UNITS = {"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR"}
NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")  # wider ones can overflow a column's decimal when compared
DEEPEST = 40


@dataclass
class Rows:
    """The tables of one question by alias, and the columns it was seen to use (alias -> names)."""

    tables: dict[str, type[Table]]
    used: dict[str, set[str]] = field(default_factory=dict)
    depth: int = 0

    def column(self, node: exp.Column) -> tuple[str, Column]:
        """The alias and declaration of a column that may leave a site; refuses every other."""
        only(node, "this", "table")
        if not isinstance(node.this, exp.Identifier):
            refuse("Columns are named one by one; `*` stands in count(*) only.")
        name, among = node.name.lower(), self._among(node)
        holding = [alias for alias in among if name in self.tables[alias].columns]
        if not holding:
            refuse("A column is asked for that no table of the question has. See the data dictionary.")
        if len(holding) > 1:
            refuse(f"`{name}` is in several tables; say which, as in `{holding[0]}.{name}`.")
        column = self.tables[holding[0]].columns[name]
        if not column.leaves:
            refuse(f"`{name}` never leaves a site.")
        self.used.setdefault(holding[0], set()).add(name)
        return holding[0], column

    def has(self, name: str) -> bool:
        """Whether some table of the question has a column of that name."""
        return any(name.lower() in table.columns for table in self.tables.values())

    def _among(self, node: exp.Column) -> list[str]:
        if not node.table:
            return list(self.tables)
        if node.table.lower() not in self.tables:
            refuse("A column is asked of a table that the question does not name.")
        return [node.table.lower()]

    def value(self, node: exp.Expr) -> Typed:
        """A row's value: a column, a literal, or one of the few functions that cannot fail."""
        for kind, translate in VALUES.items():
            if type(node) is kind:
                self.depth += 1
                if self.depth > DEEPEST:
                    refuse("The question is nested too deeply.")
                answer = translate(self, node)
                self.depth -= 1
                return answer
        if isinstance(node, (exp.Query, exp.Subquery)):
            refuse("A question inside a question cannot be asked; ask one plain SELECT.")
        return refuse(f"{called(node)} cannot be asked about a row.")

    def truth(self, node: exp.Expr) -> str:
        """A row's yes or no: comparisons of like kinds, IN, BETWEEN, LIKE, IS NULL, AND, OR, NOT."""
        self.depth += 1
        if self.depth > DEEPEST:
            refuse("The question is nested too deeply.")
        for kind, translate in TRUTHS.items():
            if type(node) is kind:
                answer = translate(self, node)
                self.depth -= 1
                return answer
        value = self.value(node)
        self.depth -= 1
        return value.sql if value.kind == "truth" else refuse(f"{called(node)} is not a condition.")

    def alike(self, left: exp.Expr, *others: exp.Expr) -> list[str]:
        """The SQL of values that can be compared without a cast that could fail."""
        values = [self.value(node) for node in (left, *others)]
        kinds = {value.kind for value in values if not value.literal} or {values[0].kind}
        if kinds <= {"date", "time"}:
            return [moment(value) if value.kind == "text" else self._like(value, {"date", "time"}) for value in values]
        return [self._like(value, kinds) for value in values]

    def _like(self, value: Typed, kinds: set[str]) -> str:
        if {value.kind} | kinds not in ({value.kind}, {"date", "time"}):
            refuse(f"A {value.kind} cannot be compared with a {' or '.join(sorted(kinds))}; write '...' around text.")
        return value.sql


def kind_of(column: Column) -> str:
    """The kind of a column's values."""
    if isinstance(column.dtype, pl.String):
        return "text"
    if isinstance(column.dtype, pl.Boolean):
        return "truth"
    if isinstance(column.dtype, pl.Date):
        return "date"
    return "time" if isinstance(column.dtype, pl.Datetime) else "number"


def moment(value: Typed) -> str:
    """A text literal as a date or time; refused where it is neither."""
    words = value.sql[1:-1]
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            return f"DATE '{date.fromisoformat(words)}'"
        if value.literal and re.fullmatch(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", words):
            return f"TIMESTAMP '{datetime.fromisoformat(words)}'"
    except ValueError:
        pass
    return refuse("A date is written '2024-01-31', a time '2024-01-31 08:30:00'.")


def _column(rows: Rows, node: exp.Column) -> Typed:
    alias, column = rows.column(node)
    if column.token:
        refuse(f"`{column.name}` is a token: it can be joined on and counted, not shown, grouped or compared.")
    return Typed(f"{quoted(alias)}.{quoted(column.name)}", kind_of(column))


def number(node: exp.Expr) -> str:
    """A plain number literal, refused where it is anything else."""
    if not isinstance(node, exp.Literal) or node.is_string or not NUMBER.fullmatch(str(node.this)):
        refuse("A number has at most 12 digits and 6 decimals here.")
    return str(node.this)


def _literal(_rows: Rows, node: exp.Literal) -> Typed:
    return Typed(text(str(node.this)), "text", True) if node.is_string else Typed(number(node), "number", True)


def _negative(_rows: Rows, node: exp.Neg) -> Typed:
    only(node, "this")
    return Typed(f"(-{number(node.this)})", "number", True)


def _cast(rows: Rows, node: exp.Cast) -> Typed:
    only(node, "this", "to")
    named = {"DATE": "date", "TIMESTAMP": "time", "TIMESTAMPNTZ": "time"}.get(str(node.to.this.name), "")
    value = rows.value(node.this)
    if not named or not value.literal or value.kind != "text":
        refuse("Only a text can be cast, to DATE or TIMESTAMP; a column keeps its type.")
    return Typed(moment(value), named, True)


def _when(rows: Rows, node: exp.Expr) -> str:
    value = rows.value(node)
    return value.sql if value.kind in {"date", "time"} else refuse(f"{called(node)} is not a date or time.")


def _part(rows: Rows, node: exp.Expr) -> Typed:
    only(node, "this")
    return Typed(f"{PARTS[type(node)]}({_when(rows, node.this)})", "number")


def _extract(rows: Rows, node: exp.Extract) -> Typed:
    only(node, "this", "expression")
    part = str(node.this.name).upper()
    if part not in UNITS:
        refuse("EXTRACT takes year, quarter, month, week, day or hour.")
    return Typed(f"date_part('{part.lower()}', {_when(rows, node.expression)})", "number")


def _unit(node: exp.Expr) -> str:
    unit = node.args.get("unit")
    named = str(unit.this).upper() if isinstance(unit, (exp.Var, exp.Literal)) else ""
    return named.lower() if named in UNITS else refuse("The unit is year, quarter, month, week, day or hour.")


def _truncated(rows: Rows, node: exp.Expr) -> Typed:
    only(node, "this", "unit")
    return Typed(f"date_trunc('{_unit(node)}', {_when(rows, node.this)})", "time")


def between_dates(rows: Rows, node: exp.DateDiff) -> Typed:
    """`date_diff(unit, from, to)`: whole units between two dates or times."""
    only(node, "this", "expression", "unit")
    start, end = _when(rows, node.expression), _when(rows, node.this)
    return Typed(f"date_diff('{_unit(node)}', CAST({start} AS TIMESTAMP), CAST({end} AS TIMESTAMP))", "number")


def _banded(rows: Rows, inner: exp.Expr) -> Typed:
    only(inner, "this", "expression")
    value, width = rows.value(inner.this), number(inner.expression)
    if value.kind != "number" or value.literal or float(width) == 0:
        refuse("A band is floor(column / number), and the number is not 0.")
    if value.sql.startswith("(floor("):
        refuse("A band of a band cannot be asked.")
    return Typed(f"(floor({value.sql} / {width}))", "number")


def _floor(rows: Rows, node: exp.Floor) -> Typed:
    only(node, "this")
    return _banded(rows, node.this) if isinstance(node.this, exp.Div) else refuse("Write floor(column / number).")


def _int_div(rows: Rows, node: exp.IntDiv) -> Typed:
    return _banded(rows, node)


def _scaled(rows: Rows, node: exp.Mul) -> Typed:
    only(node, "this", "expression")
    value, by = rows.value(node.this), number(node.expression)
    if not value.sql.startswith("(floor("):
        refuse("Only a band can be multiplied, as in floor(column / 10) * 10.")
    return Typed(f"({value.sql} * {by})", "number")


def _substring(rows: Rows, node: exp.Expr) -> Typed:
    only(node, "this", "start", "length", "expression")
    value = rows.value(node.this)
    if value.kind != "text":
        refuse(f"{called(node)} takes a text.")
    if isinstance(node, exp.Left):
        return Typed(f"left({value.sql}, {_whole(node.expression)})", "text")
    length = node.args.get("length")
    rest = f", {_whole(length)}" if length is not None else ""
    return Typed(f"substring({value.sql}, {_whole(node.args['start'])}{rest})", "text")


def _whole(node: exp.Expr) -> str:
    digits = number(node)
    return digits if digits.isdigit() and len(digits) < 5 else refuse("A place in a text is a small whole number.")


def _coalesced(rows: Rows, node: exp.Coalesce) -> Typed:
    only(node, "this", "expressions")
    others = node.expressions
    if not isinstance(node.this, exp.Column) or not all(isinstance(other, exp.Literal) for other in others):
        refuse("COALESCE takes a column and literals.")
    return Typed(f"coalesce({', '.join(rows.alike(node.this, *others))})", rows.value(node.this).kind)


def _case(rows: Rows, node: exp.Case) -> Typed:
    only(node, "ifs", "default")
    arms = [(rows.truth(arm.this), rows.value(arm.args["true"])) for arm in node.args["ifs"]]
    other = node.args.get("default")
    end = rows.value(other) if other is not None and not isinstance(other, exp.Null) else None
    results = [value for _, value in arms] + ([end] if end else [])
    if len({value.kind for value in results}) > 1 or not all(value.literal for value in results):
        refuse("A CASE that groups rows names its groups by literals of one kind.")
    told = " ".join(f"WHEN {condition} THEN {value.sql}" for condition, value in arms)
    return Typed(f"CASE {told} ELSE {end.sql if end else 'NULL'} END", results[0].kind)


def _paren(rows: Rows, node: exp.Paren) -> Typed:
    only(node, "this")
    inner = rows.value(node.this)
    return Typed(inner.sql if inner.sql.startswith("(") else f"({inner.sql})", inner.kind, inner.literal)


def _boolean(_rows: Rows, node: exp.Boolean) -> Typed:
    return Typed("TRUE" if node.this else "FALSE", "truth", True)


def _compared(rows: Rows, node: exp.Expr) -> str:
    only(node, "this", "expression")
    left, right = rows.alike(node.this, node.args["expression"])
    return f"({left} {COMPARISONS[type(node)]} {right})"


def _joined(word: str) -> Callable[[Rows, exp.Expr], str]:
    def translate(rows: Rows, node: exp.Expr) -> str:
        only(node, "this", "expression")
        return f"({rows.truth(node.this)} {word} {rows.truth(node.args['expression'])})"

    return translate


def _not(rows: Rows, node: exp.Not) -> str:
    only(node, "this")
    return f"(NOT {rows.truth(node.this)})"


def _bracketed(rows: Rows, node: exp.Paren) -> str:
    only(node, "this")
    return f"({rows.truth(node.this)})"


def _in(rows: Rows, node: exp.In) -> str:
    only(node, "this", "expressions")
    if not node.expressions or not all(isinstance(one, (exp.Literal, exp.Neg, exp.Cast)) for one in node.expressions):
        refuse("IN takes a list of literals.")
    first, *rest = rows.alike(node.this, *node.expressions)
    return f"({first} IN ({', '.join(rest)}))"


def _between(rows: Rows, node: exp.Between) -> str:
    only(node, "this", "low", "high")
    value, low, high = rows.alike(node.this, node.args["low"], node.args["high"])
    return f"({value} BETWEEN {low} AND {high})"


def _like(rows: Rows, node: exp.Expr) -> str:
    only(node, "this", "expression")
    value, pattern = rows.value(node.this), rows.value(node.args["expression"])
    if value.kind != "text" or value.literal or pattern.kind != "text" or not pattern.literal:
        refuse("LIKE compares a text column with a text literal.")
    return f"({value.sql} {'ILIKE' if isinstance(node, exp.ILike) else 'LIKE'} {pattern.sql})"


def _is(rows: Rows, node: exp.Is) -> str:
    only(node, "this", "expression")
    if not isinstance(node.this, exp.Column) or not isinstance(node.expression, (exp.Null, exp.Boolean)):
        refuse("IS asks a column for NULL, TRUE or FALSE.")
    value = rows.value(node.this)
    if isinstance(node.expression, exp.Boolean) and value.kind != "truth":
        refuse("IS TRUE asks a column that is true or false.")
    return f"({value.sql} IS {'NULL' if isinstance(node.expression, exp.Null) else rows.value(node.expression).sql})"


VALUES: Mapping[type[exp.Expr], Callable[[Rows, Any], Typed]] = {
    exp.Column: _column, exp.Literal: _literal, exp.Neg: _negative, exp.Cast: _cast, exp.Boolean: _boolean,
    exp.Year: _part, exp.Quarter: _part, exp.Month: _part, exp.Week: _part, exp.DayOfWeek: _part,
    exp.Extract: _extract, exp.TimestampTrunc: _truncated, exp.DateTrunc: _truncated, exp.DateDiff: between_dates,
    exp.Floor: _floor, exp.IntDiv: _int_div, exp.Mul: _scaled, exp.Substring: _substring, exp.Left: _substring,
    exp.Coalesce: _coalesced, exp.Case: _case, exp.Paren: _paren,
}  # fmt: skip
TRUTHS: Mapping[type[exp.Expr], Callable[[Rows, Any], str]] = {
    **dict.fromkeys(COMPARISONS, _compared),
    exp.And: _joined("AND"), exp.Or: _joined("OR"), exp.Not: _not, exp.Paren: _bracketed, exp.In: _in,
    exp.Between: _between, exp.Like: _like, exp.ILike: _like, exp.Is: _is,
}  # fmt: skip

"""What may be told of a cell: counts, distinct counts, sums and means, each with the rows that enter it.

Never a smallest, largest, first or listed value: those are single persons' values.
"""

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from federation.privacy.rows import Rows, between_dates
from federation.privacy.tree import called, only, quoted, refuse

Kind = Literal["rows", "values", "distinct", "persons", "sum", "mean"]


@dataclass(frozen=True)
class Measure:
    """One number of a cell. `value` is the SQL of a row's contribution, empty where it has none.

    `counts_if` marks measures that enter some rows only: they tell how many, so both those rows and the others must be
    of enough persons. `by_condition`: the asker wrote the condition (CASE, FILTER); else it is "not empty".
    `zero_is_out`: a 0 stands for "no". `of_token`: what is counted are tokens, not values.
    """

    kind: Kind
    value: str = ""
    counts_if: bool = False
    zero_is_out: bool = False
    by_condition: bool = False
    of_token: bool = False


def is_measure(node: exp.Expr) -> bool:
    """Whether the node is an aggregate that `measure` may know."""
    return isinstance(node, (exp.AggFunc, exp.Filter, exp.Window, exp.WithinGroup))


def measure(rows: Rows, node: exp.Expr) -> Measure:
    """The measure that an aggregate asks for; refuses aggregates that show single values."""
    if isinstance(node, exp.Filter):
        only(node, "this", "expression")
        only(node.expression, "this")
        return _filtered(measure(rows, node.this), rows.truth(node.expression.this))
    if type(node) is exp.Count:
        return _count(rows, node)
    if type(node) in (exp.Sum, exp.Avg):
        return _sum(rows, node)
    return refuse(f"{called(node)} can show single persons' values. There are count, count(DISTINCT), sum and avg.")


def _filtered(inner: Measure, condition: str) -> Measure:
    entering = {"rows": "1"}.get(inner.kind, inner.value)
    kind: Kind = "values" if inner.kind == "rows" else inner.kind
    return Measure(kind, f"CASE WHEN {condition} THEN {entering} END", True, inner.zero_is_out, True, inner.of_token)


def _count(rows: Rows, node: exp.Count) -> Measure:
    only(node, "this")
    what = node.this
    if isinstance(what, exp.Star):
        only(what)
        return Measure("rows")
    if isinstance(what, exp.Distinct):
        only(what, "expressions")
        return _distinct(rows, what.expressions)
    if isinstance(what, exp.Column):
        return Measure("values", _counted(rows, what), True)
    if isinstance(what, exp.Case):
        return Measure("values", _chosen(rows, what)[0], True, by_condition=True)
    return refuse("count takes *, a column, a CASE with one WHEN, or DISTINCT and a column.")


def _distinct(rows: Rows, what: list[exp.Expr]) -> Measure:
    if len(what) != 1 or not isinstance(what[0], exp.Column):
        refuse("count(DISTINCT ...) takes one column.")
    alias, column = rows.column(what[0])
    if column.name == rows.tables[alias].person:
        return Measure("persons", f"{quoted(alias)}.{quoted(column.name)}")
    return Measure("distinct", _counted(rows, what[0]), of_token=column.token)


def _counted(rows: Rows, node: exp.Column) -> str:
    alias, column = rows.column(node)
    return f"{quoted(alias)}.{quoted(column.name)}"


def _sum(rows: Rows, node: exp.Expr) -> Measure:
    only(node, "this")
    kind: Kind = "sum" if isinstance(node, exp.Sum) else "mean"
    if isinstance(node.this, exp.Case):
        value, numeric = _chosen(rows, node.this)
        return Measure(kind, value, True, True, True) if numeric else refuse("sum and avg take numbers.")
    # A sum to which only a few persons add anything but 0 is those few persons' sum.
    return Measure(kind, _number(rows, node.this), zero_is_out=True)


def _number(rows: Rows, node: exp.Expr) -> str:
    if not isinstance(node, (exp.Column, exp.DateDiff)):
        refuse("sum and avg take a column, a date_diff, or a CASE with one WHEN.")
    value = between_dates(rows, node) if isinstance(node, exp.DateDiff) else rows.value(node)
    return value.sql if value.kind == "number" else refuse("sum and avg take numbers.")


def _chosen(rows: Rows, node: exp.Case) -> tuple[str, bool]:
    """One WHEN, one THEN, ELSE 0 or nothing: more arms would pack several counts into one sum."""
    only(node, "ifs", "default")
    [arm, *more] = node.args["ifs"]
    other = node.args.get("default")
    zero = isinstance(other, exp.Literal) and not other.is_string and str(other.this) == "0"
    if more or not (other is None or isinstance(other, exp.Null) or zero):
        refuse("A CASE in an aggregate has one WHEN, and ELSE 0 or no ELSE.")
    then = arm.args["true"]
    one = isinstance(then, exp.Literal) and not then.is_string and str(then.this) == "1"
    chosen = "1" if one else _number(rows, then)
    condition = rows.truth(arm.this)
    return f"CASE WHEN {condition} THEN {chosen} {'ELSE 0 ' if zero else ''}END", True

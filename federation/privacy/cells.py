"""What a question says of its cells: outputs, HAVING, ORDER BY and LIMIT, over keys and measures that were released.

Nothing here sees a row, and nothing sees a number before the rules did: HAVING and ORDER BY act on what is shown.
"""

from collections.abc import Mapping
from typing import NoReturn

from sqlglot import exp

from federation.privacy.measures import Measure, is_measure, measure
from federation.privacy.rows import COMPARISONS, DEEPEST, Rows, number
from federation.privacy.tree import called, only, refuse

ARITHMETIC: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
CASTS = {"DOUBLE": "DOUBLE", "FLOAT": "DOUBLE", "INT": "INTEGER", "BIGINT": "BIGINT"}
MOST_MEASURES = 30


class Cells:
    """Collects the keys and measures of one SELECT while its outputs are translated."""

    def __init__(self, rows: Rows, select: exp.Select) -> None:
        self.rows, self.select, self.depth = rows, select, 0
        self.aliases: dict[str, exp.Expr] = {
            node.alias.lower(): node.this for node in select.expressions if isinstance(node, exp.Alias)
        }
        self.measures: list[Measure] = []
        self.keys: list[str] = []
        group = select.args.get("group")
        if group is not None:
            only(group, "expressions")
            for node in group.expressions:
                self._key(node)

    def outputs(self) -> tuple[tuple[str, str], ...]:
        """SQL and name of every output, in order."""
        return tuple(self._output(node) for node in self.select.expressions)

    def having(self) -> str:
        """The condition on released cells; empty where there is none."""
        clause = self.select.args.get("having")
        if clause is None:
            return ""
        only(clause, "this")
        if not self.keys:
            refuse("HAVING goes with GROUP BY.")
        return self.truth(clause.this)

    def order(self) -> str:
        """ORDER BY over released cells; by the keys where the question says nothing."""
        clause = self.select.args.get("order")
        if clause is None:
            return ", ".join(f"k{at}" for at in range(len(self.keys)))
        only(clause, "expressions")
        return ", ".join(self._ordered(node) for node in clause.expressions)

    def limit(self) -> str:
        """LIMIT and OFFSET, as plain numbers."""
        told = []
        for part in ("limit", "offset"):
            clause = self.select.args.get(part)
            if clause is not None:
                only(clause, "expression")
                told.append(f"{part.upper()} {self._whole(clause.expression)}")
        return " ".join(told)

    def told(self, node: exp.Expr) -> str:
        """A number or key of a released cell, or arithmetic over these."""
        self.depth += 1
        if self.depth > DEEPEST:
            refuse("The question is nested too deeply.")
        answer = self._told(node)
        self.depth -= 1
        return answer

    def _told(self, node: exp.Expr) -> str:
        key = self._known(node)
        if key is not None:
            return key
        if is_measure(node):
            return self._measure(measure(self.rows, node))
        if type(node) in ARITHMETIC:
            only(node, "this", "expression")
            return f"({self.told(node.this)} {ARITHMETIC[type(node)]} {self.told(node.args['expression'])})"
        return self._function(node)

    def _function(self, node: exp.Expr) -> str:
        if isinstance(node, exp.Literal) and not node.is_string:
            return number(node)
        if type(node) in (exp.Paren, exp.Neg):
            only(node, "this")
            return f"({'-' if type(node) is exp.Neg else ''}{self.told(node.this)})"
        if type(node) is exp.Round:
            only(node, "this", "decimals")
            decimals = node.args.get("decimals")
            return f"round({self.told(node.this)}, {self._whole(decimals) if decimals is not None else 0})"
        if type(node) is exp.Nullif:
            only(node, "this", "expression")
            return f"nullif({self.told(node.this)}, {self.told(node.expression)})"
        if type(node) is exp.Cast and str(node.to.this.name) in CASTS:
            only(node, "this", "to")
            return f"CAST({self.told(node.this)} AS {CASTS[str(node.to.this.name)]})"
        return self._refused(node)

    def _refused(self, node: exp.Expr) -> NoReturn:
        if isinstance(node, exp.Column):
            self.rows.value(node)
            refuse(f"`{node.name.lower()}` is shown but not grouped by. Rows are not shown: group by it.")
        if isinstance(node, exp.Star):
            refuse("`*` stands in count(*) only: rows are not shown.")
        refuse(f"{called(node)} cannot be asked about a group.")

    def truth(self, node: exp.Expr) -> str:
        """A condition on a released cell: comparisons with numbers, or of a key with a literal."""
        if type(node) in (exp.And, exp.Or):
            only(node, "this", "expression")
            word = "AND" if type(node) is exp.And else "OR"
            return f"({self.truth(node.this)} {word} {self.truth(node.args['expression'])})"
        if type(node) is exp.Paren:
            only(node, "this")
            return f"({self.truth(node.this)})"
        if type(node) not in COMPARISONS:
            refuse(f"{called(node)} cannot be asked in HAVING; compare counts, sums and means with numbers.")
        only(node, "this", "expression")
        return f"({self.told(node.this)} {COMPARISONS[type(node)]} {self.told(node.args['expression'])})"

    def _output(self, node: exp.Expr) -> tuple[str, str]:
        if isinstance(node, exp.Alias):
            only(node, "this", "alias")
            return self.told(node.this), node.alias
        name = node.name if isinstance(node, exp.Column) else node.sql(dialect="duckdb", comments=False)
        return self.told(node), name.lower()

    def _key(self, node: exp.Expr) -> None:
        meant = self._meant(node)
        if is_measure(meant) or isinstance(meant, exp.Literal):
            refuse("GROUP BY takes columns and expressions of columns.")
        value = self.rows.value(meant)
        if value.literal:
            refuse("GROUP BY takes columns and expressions of columns.")
        if value.sql not in self.keys:
            self.keys.append(value.sql)

    def _meant(self, node: exp.Expr) -> exp.Expr:
        """What a number or a name in GROUP BY stands for."""
        if isinstance(node, exp.Literal) and not node.is_string:
            place = int(self._whole(node))
            if not 1 <= place <= len(self.select.expressions):
                refuse("GROUP BY names an output that is not there.")
            output: exp.Expr = self.select.expressions[place - 1].unalias()
            return output
        if isinstance(node, exp.Column) and not node.table and not self.rows.has(node.name):
            return self.aliases.get(node.name.lower(), node)
        return node

    def _known(self, node: exp.Expr) -> str | None:
        """The key a node stands for; None where it is no key."""
        if not self.keys or is_measure(node) or isinstance(node, (exp.Literal, exp.Star)) or node.find(exp.AggFunc):
            return None
        if node.find(exp.Column) is None:
            return None
        meant = node
        if isinstance(node, exp.Column) and not self.rows.has(node.name):
            meant = self.aliases.get(node.name.lower(), node)
            if meant.find(exp.AggFunc):
                return self.told(meant)
        if type(meant) in (*ARITHMETIC, exp.Round, exp.Nullif) and not isinstance(meant, exp.Mul):
            return None
        sql = self.rows.value(meant).sql
        return f"k{self.keys.index(sql)}" if sql in self.keys else None

    def _ordered(self, node: exp.Expr) -> str:
        only(node, "this", "desc", "nulls_first")
        meant = node.this
        if isinstance(meant, exp.Literal):
            meant = self._meant(meant)
        elif isinstance(meant, exp.Column) and not meant.table:
            meant = self.aliases.get(meant.name.lower(), meant)
        nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
        return f"{self.told(meant)} {'DESC' if node.args.get('desc') else 'ASC'} NULLS {nulls}"

    def _measure(self, asked: Measure) -> str:
        if asked not in self.measures:
            if len(self.measures) == MOST_MEASURES:
                refuse(f"A question asks for at most {MOST_MEASURES} numbers a group.")
            self.measures.append(asked)
        return f"m{self.measures.index(asked)}"

    def _whole(self, node: exp.Expr) -> str:
        digits = number(node)
        return digits if digits.isdigit() and len(digits) < 7 else refuse("A whole number is expected here.")

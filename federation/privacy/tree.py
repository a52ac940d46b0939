"""What is common to all walks over a parsed question: refusing, and taking nothing of a node for granted.

Every part of every node must be named by whoever translates it; a part nobody named is refused, not dropped.
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from sqlglot import exp

from federation.errors import Refused

# What the parser notes about a node without anything having been written: no part of the question.
NOTES = {"big_int", "typed", "safe", "date_part_boundary", "copy", "input_type_preserved", "nested", "null_ordering"}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")


@dataclass(frozen=True)
class Typed:
    """A piece of SQL written by us, and its kind: text, number, date, time or truth; `literal` where it is constant."""

    sql: str
    kind: str
    literal: bool = False


def refuse(reason: str) -> NoReturn:
    """Refuses the question, with a reason that holds no value of it."""
    raise Refused([reason])


def called(node: exp.Expr) -> str:
    """A node's kind as people say it: `Window` -> `WINDOW`."""
    return type(node).__name__.upper()


def only(node: exp.Expr, *parts: str) -> None:
    """Refuses the node where it has any part that is not among `parts`."""
    for part, value in node.args.items():
        if value and part not in parts and part not in NOTES:
            refuse(f"{called(node)} with {part.strip('_')} cannot be asked.")


def quoted(name: str) -> str:
    """An identifier as DuckDB reads it back unchanged."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string literal as DuckDB reads it back unchanged."""
    if "\x00" in value:
        refuse("A text with a NUL cannot be asked.")
    return "'" + value.replace("'", "''") + "'"

"""Objects of one kind in a block, one row each, whose values are gathered by path into columns.

A column is text exactly as the source wrote it; no value is typed or corrected here.
"""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from connectors.fhir.lines import Flags, Ints, Lines
from connectors.fhir.shape import Shapes
from connectors.fhir.tokens import Tokens
from connectors.fhir.views import nothing

Column = pl.Series


@dataclass(frozen=True)
class Rows:
    """`line` is each row's resource in the block, `number` its object in `shapes`, `nth` its place in its list, from 1.

    `root` is the row of the resource it belongs to; `parent` the row of the object it was found in.
    """

    lines: Lines
    tokens: Tokens
    shapes: Shapes
    line: Ints
    number: Ints
    nth: Ints
    root: Ints
    parent: Ints

    def __len__(self) -> int:
        return len(self.line)

    @cached_property
    def _distinct(self) -> tuple[Ints, Ints]:
        found: tuple[Ints, Ints] = np.unique(self.number, return_inverse=True)
        return found

    @cached_property
    def _begin(self) -> Ints:
        return self.tokens.first[self.line]

    def _tokens(self, paths: tuple[str, ...], kinds: str) -> "tuple[Ints, Flags | None] | None":
        """Tokens of the first value found at the paths, and which rows have one (None: all); None where no row has."""
        numbers, inverse = self._distinct
        token = self.shapes.leaf(paths[0], kinds, numbers)
        for path in paths[1:]:
            token = np.where(token >= 0, token, self.shapes.leaf(path, kinds, numbers))
        present = token >= 0
        if not present.any():
            return None
        return self._begin + token[inverse], None if present.all() else present[inverse]

    def has(self, path: str) -> bool:
        """Whether any row has a value at the path."""
        return bool((self.shapes.leaf(path, "s0tn", self._distinct[0]) >= 0).any())

    def text(self, *paths: str) -> Column:
        """The string at the first of the paths that has one (String)."""
        found = self._tokens(paths, "s")
        return nothing(len(self)) if found is None else self._unescaped(self.tokens.contents(*found))

    def bare(self, path: str) -> Column:
        """The number or boolean at the path, as it is written (String)."""
        found = self._tokens((path,), "0t")
        if found is None:
            return nothing(len(self))
        return self.tokens.gaps(*found, self.lines.ends[self.line]).str.extract(r'^":\s*([^\s,\]\}]+)')

    @cached_property
    def _escaped(self) -> bool:
        return bool(self.tokens.escaped[self.line].any())

    def _unescaped(self, texts: Column) -> Column:
        if not self._escaped:
            return texts
        found = texts.str.contains("\\", literal=True).fill_null(value=False)
        if not found.any():
            return texts
        return texts.scatter(found.arg_true(), [json.loads(f'"{each}"') for each in texts.filter(found).to_list()])

    def each(self, path: str) -> "Rows":
        """One row for each object in the list at the path, in order."""
        numbers, inverse = self._distinct
        lists = [self.shapes.children(path, number) for number in numbers.tolist()]
        counts = np.array([len(each) for each in lists], np.int64)
        if not len(counts) or not counts.any():
            return self._below(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
        held = counts[inverse]
        parent = np.repeat(np.arange(len(self)), held)
        nth = np.arange(len(parent)) - np.repeat(np.cumsum(held) - held, held)
        flat = np.concatenate([np.array(each, np.int64) for each in lists])
        number = flat[(np.cumsum(counts) - counts)[inverse][parent] + nth]
        return self._below(parent, number, nth + 1)

    def _below(self, parent: Ints, number: Ints, nth: Ints) -> "Rows":
        return Rows(self.lines, self.tokens, self.shapes, self.line[parent], number, nth, self.root[parent], parent)

    def where(self, index: Ints) -> "Rows":
        """The rows at the index; they stay rows of the same resources."""
        picked = (each[index] for each in (self.line, self.number, self.nth, self.root, self.parent))
        return Rows(self.lines, self.tokens, self.shapes, *picked)


def rows(lines: Lines, tokens: Tokens, shapes: Shapes, line: Ints, number: Ints) -> Rows:
    """One row for each resource."""
    every = np.arange(len(line))
    return Rows(lines, tokens, shapes, line, number, np.ones(len(line), np.int64), every, every)

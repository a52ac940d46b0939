"""The shapes of resources met so far: whether lines of a signature are sound JSON, and where each path's value is.

A shape is learnt from one line, by the exact and slow `strict`; it never holds a value of that line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from connectors import json_strict as strict
from connectors.fhir.lines import Ints

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]|[^\s{}\[\],:"]+', re.DOTALL)

MOST_SHAPES = 50_000  # beyond it the memory is emptied: a source without habits must not fill the machine


@dataclass(frozen=True)
class Leaf:
    """A value: `token` is its own string (kind `s`), or the key's string before it (kinds `0`, `t`, `n`)."""

    token: int
    kind: str


Node: TypeAlias = "Leaf | list[Node] | dict[str, Node]"


@dataclass(frozen=True)
class Shape:
    """Why lines of this shape are refused, or the number of the shape's root object (-1 where it is not an object)."""

    reason: str | None
    root: int


class Shapes:
    """Shapes by signature. Objects inside them have numbers; `leaf` and `children` find values below them by path."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.by_signature: dict[int, Shape] = {}
        self.objects: list[dict[str, Node]] = []
        self.numbers: dict[int, int] = {}
        self._leaves: dict[tuple[str, str], Ints] = {}

    def tidy(self) -> bool:
        """Empties the memory when it holds too much; numbers given before then mean nothing. Says whether it did."""
        full = len(self.by_signature) > MOST_SHAPES
        if full:
            self._forget()
        return full

    def learn(self, signature: int, text: bytes) -> Shape:
        """The shape of a line not met before."""
        reason = strict.reason(text)
        shape = Shape(reason, -1) if reason else Shape(None, self._root(text))
        self.by_signature[signature] = shape
        return shape

    def _root(self, text: bytes) -> int:
        node = parse(text)
        return self._number(node) if isinstance(node, dict) else -1

    def _number(self, node: Node) -> int:
        """Gives numbers to an object and all objects below it, lists included."""
        found = -1
        pending: list[Node] = [node]
        while pending:
            each = pending.pop()
            if isinstance(each, dict):
                self.numbers[id(each)] = len(self.objects)
                found = len(self.objects) if each is node else found
                self.objects.append(each)
                pending.extend(each.values())
            elif isinstance(each, list):
                pending.extend(each)
        return found

    def leaf(self, path: str, kinds: str, numbers: Ints) -> Ints:
        """Token within the line of the value at `path` below each numbered object; -1 where there is none."""
        known = self._leaves.get((path, kinds), np.empty(0, np.int64))
        if len(known) < len(self.objects):
            known = np.concatenate([known, np.full(len(self.objects) - len(known), -2)])
            self._leaves[path, kinds] = known
        found = known[numbers]
        for at in np.flatnonzero(found == -2).tolist():
            leaf = walk(self.objects[int(numbers[at])], path)
            found[at] = leaf.token if isinstance(leaf, Leaf) and leaf.kind in kinds else -1
        known[numbers] = found
        return found

    def children(self, path: str, number: int) -> list[int]:
        """Numbers of the objects in the list (or the one object) at `path` below an object."""
        node = walk(self.objects[number], path)
        items = node if isinstance(node, list) else [node]
        return [self.numbers[id(each)] for each in items if isinstance(each, dict)]


def walk(node: Node, path: str) -> "Node | None":
    """What lies at a dotted path, or None; `0` takes the first of a list."""
    found: Node | None = node
    for step in path.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def parse(text: bytes) -> Node:
    """The structure of sound JSON: objects, lists, and leaves that know their token."""
    return _Reader(text).value()


class _Reader:
    """Walks the tokens of sound JSON once."""

    def __init__(self, text: bytes) -> None:
        self._marks = _TOKEN.finditer(text)
        self._token = -1

    def value(self) -> Node:
        return self._of(next(self._marks).group())

    def _of(self, mark: bytes) -> Node:
        if mark == b"{":
            return self._object()
        if mark == b"[":
            return self._list()
        if mark[:1] == b'"':
            self._token += 1
            return Leaf(self._token, "s")
        return Leaf(self._token, {b"t": "t", b"f": "t", b"n": "n"}.get(mark[:1], "0"))

    def _object(self) -> Node:
        made: dict[str, Node] = {}
        while (mark := next(self._marks).group()) != b"}":
            self._token += 1
            made[strict.DECODER.decode(mark.decode())] = self.value()
        return made

    def _list(self) -> Node:
        made: list[Node] = []
        while (mark := next(self._marks).group()) != b"]":
            made.append(self._of(mark))
        return made


def mismatch(node: "Node | None", expected: Mapping[str, object] | list[object] | str) -> bool:
    """Whether a node has another JSON type than FHIR R4 gives it; `null` counts as absent."""
    if node is None or (isinstance(node, Leaf) and node.kind == "n"):
        return False
    if isinstance(expected, str):
        return not (isinstance(node, Leaf) and node.kind in expected)
    if isinstance(expected, list):
        return not isinstance(node, list) or any(mismatch(each, expected[0]) for each in node)  # type: ignore[arg-type]
    return not isinstance(node, dict) or any(mismatch(node.get(key), each) for key, each in expected.items())  # type: ignore[arg-type]

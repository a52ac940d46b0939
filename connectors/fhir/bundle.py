"""A JSON document as its resources: the entries of a bundle, nested ones too, the items of an array, or one resource.

Each is cut out verbatim, by place; whether it is sound is judged later. Nothing outside the document is looked up.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

TYPES = (
    "document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset",
    "collection",
)  # fmt: skip
DEEPEST_BUNDLE = 8
_SPACE = re.compile(r"[ \t\r\n]*")
_NAME = re.compile(r"^urn:(?:uuid|oid):([^\s/#?]+)$")
_REMOVED = re.compile(r"^(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)$")
# Places only: numbers stay text (Python refuses very long ones), constants pass and are judged later.
_PLACES = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class Broken(ValueError):
    """The text stops being JSON at `place`."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


@dataclass(frozen=True)
class Cut:
    """A resource at `start:end`; `name` is the key its entry gives it, `known` the key it gives itself.

    `reason` says why it is refused already; `removed` is the type and id that a DELETE entry withdraws.
    """

    start: int
    end: int
    name: str | None = None
    known: str | None = None
    reason: str = ""
    removed: tuple[str, str] | None = None


@dataclass
class Document:
    """Cuts a text that was decoded byte for byte (Latin-1), so that places in it are byte offsets."""

    text: str
    cuts: list[Cut] = field(default_factory=list)

    def cut(self, start: int = 0) -> list[Cut]:
        """All resources in order; where the text breaks off, one refused cut for all the rest."""
        try:
            end = _space(self.text, self._value(_space(self.text, start), 0, None))
            if end < len(self.text):
                raise Broken(end)
        except Broken as broken:
            done = max((cut.end for cut in self.cuts), default=start)
            reason = "truncated" if self.cuts and broken.place >= len(self.text.rstrip()) else "not-json"
            self.cuts.append(Cut(_after(self.text, done), len(self.text), reason=reason))
        return self.cuts

    def _value(self, start: int, depth: int, name: str | None) -> int:
        """Cuts what starts here; where it ends."""
        if self.text.startswith("[", start) and depth == 0:
            return self._list(start, lambda at: self._value(at, 1, None))
        if self.text.startswith("{", start) and depth <= DEEPEST_BUNDLE and self.is_bundle(start):
            return self._bundle(start, depth)
        found, end = self._decode(start)
        known = found.get("id") if isinstance(found, dict) else None
        self.cuts.append(Cut(start, end, name, known if isinstance(known, str) else None))
        return end

    def _decode(self, start: int) -> tuple[object, int]:
        try:
            return _PLACES.raw_decode(self.text, start)
        except json.JSONDecodeError as problem:
            cut = problem.msg.startswith("Unterminated string")
            raise Broken(len(self.text) if cut else problem.pos) from None
        except (ValueError, RecursionError, StopIteration):
            raise Broken(start) from None

    def is_bundle(self, start: int) -> bool:
        """Whether the object's resourceType is Bundle; what lies behind the entries only if need be."""
        try:
            for key, at in self._members(start):
                if key == "resourceType":
                    return self._decode(at)[0] == "Bundle"
                if key == "entry":
                    found = self._decode(start)[0]
                    return isinstance(found, dict) and found.get("resourceType") == "Bundle"
                self._ends = self._decode(at)[1]
        except Broken:
            return False
        return False

    def _members(self, start: int) -> Iterator[tuple[str, int]]:
        """Keys of an object and where their values start. The caller sets `_ends` to where each value ended."""
        at = _space(self.text, start + 1)
        if self.text.startswith("}", at):
            self._ends = at + 1
            return
        while True:
            if not self.text.startswith('"', at):
                raise Broken(at)
            key, at = self._decode(at)
            at = self._past(_space(self.text, at), ":")
            yield str(key), at
            at = _space(self.text, self._ends)
            if self.text.startswith("}", at):
                self._ends = at + 1
                return
            at = self._past(at, ",")

    def _past(self, at: int, mark: str) -> int:
        if not self.text.startswith(mark, at):
            raise Broken(at)
        return _space(self.text, at + 1)

    def _list(self, start: int, item: Callable[[int], int]) -> int:
        """Where the list ends; `item` is called with the start of each item and says where that ends."""
        at = _space(self.text, start + 1)
        if self.text.startswith("]", at):
            return at + 1
        while True:
            at = _space(self.text, item(at))
            if self.text.startswith("]", at):
                return at + 1
            at = self._past(at, ",")

    def _bundle(self, start: int, depth: int) -> int:
        """Cuts the entries. A bundle of an unknown type is refused whole: what its entries ask for is not known."""
        before = len(self.cuts)
        kind: object = None
        keys = []
        for key, at in self._members(start):
            keys.append(key)
            if key == "entry" and self.text.startswith("[", at):
                self._ends = self._list(at, lambda place: self._entry(place, depth))
            else:
                found, self._ends = self._decode(at)
                kind = found if key == "type" else kind
        end = self._ends
        reason = "duplicate-key" if len(set(keys)) < len(keys) else "" if kind in TYPES else "wrong-shape"
        if reason:
            self.cuts[before:] = [Cut(start, end, reason=reason)]
        return end

    def _entry(self, start: int, depth: int) -> int:
        """Cuts the resource of one entry, or notes what it withdraws."""
        if not self.text.startswith("{", start):
            _, end = self._decode(start)
            self.cuts.append(Cut(start, end, reason="wrong-shape"))
            return end
        held: dict[str, object] = {}
        place, keys = None, []
        for key, at in self._members(start):
            keys.append(key)
            place = at if key == "resource" else place
            held[key], self._ends = self._decode(at)
        end = self._ends
        if len(set(keys)) < len(keys):
            self.cuts.append(Cut(start, end, reason="duplicate-key"))
        elif place is not None:
            self._value(place, depth + 1, _name(held.get("fullUrl")))
        else:
            self.cuts.append(_removal(start, end, held))
        return end


def is_bundle(line: bytes) -> bool:
    """Whether a line is itself a bundle, and not a resource that holds one."""
    text = line.decode("latin-1")
    return Document(text).is_bundle(_space(text, 0))


def _removal(start: int, end: int, held: dict[str, object]) -> Cut:
    """An entry without a resource: a tombstone when its request is a DELETE of one resource, else refused."""
    request = held.get("request")
    if isinstance(request, dict) and request.get("method") == "DELETE" and isinstance(request.get("url"), str):
        found = _REMOVED.match(request["url"])
        if found:
            return Cut(start, end, removed=(found[1], found[2]))
    return Cut(start, end, reason="not-a-resource")


def _name(url: object) -> str | None:
    """The key in an entry's fullUrl: of `urn:uuid:…` the uuid, of an address its last part."""
    if not isinstance(url, str) or not url.isascii():
        return None
    found = _NAME.match(url)
    return found[1] if found else url.rsplit("/", 1)[-1] or None


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int) -> int:
    """The next place that holds more than white space and commas, or `at` itself at the end."""
    found = re.compile(r"[\s,]*").match(text, at)
    return found.end() if found and found.end() < len(text) else at

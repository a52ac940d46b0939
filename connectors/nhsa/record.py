"""A JSON value as records: one settlement list, one front page, one report, each with its place.

Every key is read in lower case (exporters differ in it); a key that stands twice then refuses the record.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors import json_strict
from connectors.json_strict import Doubled
from connectors.nhsa.cut import Value
from connectors.nhsa.interface import MAIN, OF_DATA, interface_of, of_entry
from connectors.nhsa.places import entries_at

Object = dict[str, object]


@dataclass(frozen=True)
class Record:
    """`main` holds the record's own fields, `nodes` what stands beside them in `input`, `envelope` what is around it.

    `reason` refuses it; then the others are empty.
    """

    raw: bytes
    line: int
    offset: int
    interface: str = ""
    main: Object = field(default_factory=dict)
    nodes: Object = field(default_factory=dict)
    envelope: Object = field(default_factory=dict)
    reason: str = ""


def records(value: Value, encoding: str) -> Iterator[Record]:
    """The records of one value in order; a value without any is one refused record, never nothing."""
    if value.reason:
        yield _refused(value, value.reason)
        return
    found, reason, plain = _loaded(value.raw, encoding)
    if reason:
        yield _refused(value, reason)
    elif not isinstance(found, dict):
        yield _refused(value, "wrong-shape")
    else:
        yield from _of_object(value, found, plain)


def _loaded(raw: bytes, encoding: str) -> tuple[object, str, bool]:
    """The value with its numbers as text and keys in lower case, or why it is refused; and whether it is UTF-8."""
    if json_strict.too_deep(raw):
        return None, "too-deep", True
    text, plain = _decoded(raw, encoding)
    if text is None:
        return None, "undecodable", plain
    try:
        if "\\u" in text and json_strict.reason(text.encode()) == "not-json":
            return None, "not-json", plain  # half a surrogate pair is no text
        return _DECODER.decode(text), "", plain
    except Doubled:
        return None, "duplicate-key", plain
    except (ValueError, RecursionError):
        return None, "not-json", plain


def _decoded(raw: bytes, encoding: str) -> tuple[str | None, bool]:
    tries = ("gb18030",) if encoding == "gb18030" else ("utf-8",) if encoding == "utf-8" else ("utf-8", "gb18030")
    for name in tries:
        try:
            return raw.decode(name), name == "utf-8"
        except UnicodeDecodeError:
            continue
    return None, True


def _lower(pairs: list[tuple[str, object]]) -> Object:
    return json_strict.once([(key.lower(), value) for key, value in pairs])


_DECODER = json_strict.decoder(_lower)


def _of_object(value: Value, found: Object, plain: bool) -> Iterator[Record]:
    inner = found.get("input", found)
    if not isinstance(inner, dict):
        yield _refused(value, "wrong-shape")
        return
    envelope = {key: each for key, each in found.items() if key != "input"} if "input" in found else {}
    number = envelope.get("infno", inner.get("infno") if inner is found else "")
    interface = interface_of(number if isinstance(number, str) else "", inner)
    data = inner.get("data")
    if isinstance(data, list) and (interface in OF_DATA or not interface):
        path = ("input", "data") if "input" in found else ("data",)
        yield from _of_data(value, data, entries_at(value.raw, path, plain=plain), interface, envelope)
    elif interface in OF_DATA:
        entry = data if isinstance(data, dict) else inner
        yield Record(value.raw, value.line, value.offset, interface, entry, {}, envelope)
    elif interface:
        yield _with_main(value, interface, inner, envelope)
    else:
        yield _refused(value, "no-shared-table")


def _of_data(
    value: Value, data: list[object], spans: list[tuple[int, int]], interface: str, envelope: Object
) -> Iterator[Record]:
    """Each entry is a record; an empty list is one refused record, for it was sent and holds nothing."""
    if not data or len(spans) != len(data):
        yield _refused(value, "wrong-shape")
        return
    for entry, (start, end) in zip(data, spans, strict=True):
        line = value.line + value.raw.count(b"\n", 0, start)
        here = Value(value.raw[start:end], line, value.offset + start)
        if not isinstance(entry, dict):
            yield _refused(here, "wrong-shape")
        elif known := interface or of_entry(entry):
            yield Record(here.raw, line, here.offset, known, entry, {}, envelope)
        else:
            yield _refused(here, "no-shared-table")


def _with_main(value: Value, interface: str, inner: Object, envelope: Object) -> Record:
    main = inner.get(MAIN[interface])
    if isinstance(main, list) and len(main) == 1:
        main = main[0]
    if not isinstance(main, dict):
        return _refused(value, "wrong-shape")
    beside = {key: each for key, each in inner.items() if key != MAIN[interface]}
    return Record(value.raw, value.line, value.offset, interface, main, beside, envelope)


def _refused(value: Value, reason: str) -> Record:
    return Record(value.raw, value.line, value.offset, reason=reason)

"""Rows as lines of CSV (RFC 4180), UTF-8: NULL is an empty cell, an empty text is `""`; and the way back.

Values come out exactly as the database has them: no number goes through a float, no date through a format.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

MARK = b"\xef\xbb\xbf"  # the file says what it is, however few letters beyond ASCII it holds
_SPECIAL = re.compile(r'[,"\r\n]')
_CELL = re.compile(r'"((?:[^"]|"")*)"|([^,]*)')


def header(names: Iterable[str]) -> bytes:
    """The first line, with the mark before it."""
    return MARK + line(list(names))


def line(row: Sequence[Any], text: Callable[[Any], str | None] | None = None) -> bytes:
    """One row as one line."""
    make = text or written
    return ",".join([_cell(make(each)) for each in row]).encode("utf-8", "surrogateescape") + b"\n"


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    if not text or _SPECIAL.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def cells(raw: bytes) -> list[str | None]:
    """The cells of one line; None for NULL."""
    text = raw.decode("utf-8", "surrogateescape").rstrip("\n")
    found: list[str | None] = []
    at = 0
    while True:
        match = _CELL.match(text, at)
        assert match is not None
        quoted, plain = match.groups()
        found.append(quoted.replace('""', '"') if quoted is not None else plain or None)
        at = match.end() + 1
        if at > len(text):
            return found


def written(value: Any) -> str | None:
    """A value of a driver as text. Bytes become hexadecimal digits."""
    if value is None or isinstance(value, str):
        return value
    writer = _WRITERS.get(type(value))
    return writer(value) if writer else _of_base(value)


def decoded(encoding: str) -> Callable[[Any], str | None]:
    """Like `written`, for bytes that are text in `encoding`; bytes that are not stay as they are, to be rejected."""

    def text(value: Any) -> str | None:
        if isinstance(value, bytes | bytearray | memoryview):
            return recoded(bytes(value), encoding).decode("utf-8", "surrogateescape")
        return written(value)

    return text


def recoded(raw: bytes, encoding: str) -> bytes:
    """Bytes in UTF-8; those that do not belong to the encoding stay, so that reading rejects their record."""
    try:
        return raw.decode(encoding).encode()
    except UnicodeDecodeError:
        return raw + b"\xff" if _is_utf8(raw) else raw


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decimal(value: Decimal) -> str:
    return format(value, "f") if value.is_finite() else str(value)


def _length(value: timedelta) -> str:
    """As `HH:MM:SS`, more than 24 hours and negative ones too: MySQL's TIME."""
    whole, sign = abs(value), "-" if value < timedelta() else ""
    seconds = whole.days * 86400 + whole.seconds
    rest = f".{whole.microseconds:06}" if whole.microseconds else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{rest}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    Decimal: _decimal,
    datetime: lambda value: value.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _length,
    bytes: bytes.hex,
    bytearray: lambda value: bytes(value).hex(),
    memoryview: lambda value: bytes(value).hex(),
}


def _of_base(value: Any) -> str:
    """Drivers make classes of their own from the usual ones."""
    return next((write(value) for of, write in _WRITERS.items() if isinstance(value, of)), str(value))

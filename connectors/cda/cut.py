"""Which documents a file holds and where each begins: one, several one after the other, or several inside a wrapper.

It looks for start and end tags in the bytes and parses nothing; what it cuts out is judged by whoever parses it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

_START = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?ClinicalDocument(?=[\s/>])")
_HEAD = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*+<([A-Za-z_][\w.:-]*)((?:\s[^<>]*)?)>", re.DOTALL)
_BEFORE = re.compile(rb"(?:<\?xml[^<>]*\?>\s*)(?:<\?[^<>]*\?>\s*|<!--(?:(?!-->).){0,4096}-->\s*)*+\Z", re.DOTALL)
_LOOK_BACK = 8192
_STEP = 1 << 22
_NAME = b"ClinicalDocument"
Bytes = bytes | mmap


@dataclass(frozen=True)
class Cut:
    """One document: `offset` and `length` in the file, `line` it begins on; `around` is the wrapper's start tag."""

    offset: int
    length: int
    line: int
    around: bytes = b""


def several(content: bytes) -> bool:
    """Whether more than one document begins in the bytes, or one begins inside of something else."""
    first = _START.search(content)
    if first is None:
        return False
    at = content.find(_NAME, first.end())
    while at >= 0:
        if _START.match(content, content.rfind(b"<", 0, at)):
            return True
        at = content.find(_NAME, at + 1)
    return bool(wrapper(content))


def wrapper(content: Bytes) -> bytes:
    """The start tag of a root that is no ClinicalDocument, on one line; empty where there is none."""
    found = _HEAD.match(content)
    if found is None or found[1].rpartition(b":")[2] == b"ClinicalDocument" or found[2].endswith(b"/"):
        return b""
    return b"<" + found[1] + found[2].replace(b"\n", b" ").replace(b"\r", b" ") + b">"


def cuts(content: Bytes) -> Iterator[Cut]:
    """The documents in file order; one that is never closed reaches to where the next begins, or to the end."""
    around = wrapper(content)
    line = counted = begin = 0
    starts = _START.finditer(content)
    start = next(starts, None)
    while start is not None:
        begin = start.start() if around else _declaration(content, start.start())
        close = re.compile(rb"</" + (start[1] + b":" if start[1] else b"") + rb"ClinicalDocument\s*>")
        following = next(starts, None)
        limit = following.start() if following else len(content)
        end = close.search(content, start.end(), limit)
        stop = end.end() if end else (limit if around or not following else _declaration(content, limit))
        line, counted = line + _lines(content, counted, begin), begin
        yield Cut(begin, stop - begin, line + 1, around)
        start = following


def _declaration(content: Bytes, start: int) -> int:
    """Where the XML declaration and the comments right before a start tag begin; else the tag itself."""
    back = max(0, start - _LOOK_BACK)
    found = _BEFORE.search(content[back:start])
    return back + found.start() if found else start


def _lines(content: Bytes, start: int, stop: int) -> int:
    return sum(content[at : min(at + _STEP, stop)].count(b"\n") for at in range(start, stop, _STEP))

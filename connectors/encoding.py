"""Which encoding a text file is written in, and decoding that never replaces a byte it does not know.

It never guesses silently: what was found is said by `sniff` and stands in the answer of every reading.
"""

import codecs
from dataclasses import dataclass

from connectors.errors import Unreadable

ASCII = "ascii"  # nothing but ASCII seen so far: any of the encodings below may still follow
NAMES = ("utf-8", "gb18030", "gbk", "utf-16-le", "utf-16-be")
FOREIGN = 40  # bytes beyond the first of their sign: 20 Chinese signs
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Encoding:
    """`bom` is the number of bytes of the byte order mark; `width` the bytes of one code unit."""

    name: str
    bom: int = 0

    @property
    def width(self) -> int:
        return 2 if self.name.startswith("utf-16") else 1

    @property
    def label(self) -> str:
        """As people call it: `utf-8-sig` where a mark stands in front."""
        return f"{self.name}-sig" if self.bom else self.name

    def decode(self, raw: bytes) -> str:
        """Strict: raises UnicodeDecodeError. GB18030 is tried as its subset GBK first, 2.5 times as fast."""
        if self.name != "gb18030":
            return raw.decode(self.name)
        try:
            return raw.decode("gbk")
        except UnicodeDecodeError:
            return raw.decode("gb18030")


def named(name: str, head: bytes) -> Encoding:
    """An encoding declared in a mapping; a byte order mark in `head` says more, and counts. Raises Unreadable."""
    plain = name.lower().replace("_", "-").removesuffix("-sig")
    if plain not in NAMES:
        raise Unreadable(f"The encoding `{name}` is not one of {', '.join(NAMES)}. Name one of them in the mapping.")
    if plain in {"gb18030", "gbk"} and _surely_utf8(head):
        raise Unreadable(f"It is written in UTF-8, not in {plain}. Correct `encoding` in the mapping.", "undecodable")
    return next((Encoding(of, len(mark)) for mark, of in _MARKS if head.startswith(mark)), Encoding(plain))


def detect(head: bytes) -> Encoding:
    """The encoding of a file from its first bytes (64 KiB are enough where a non-ASCII byte stands in them).

    A mark decides; then zero bytes on one side of every ASCII character mean UTF-16; then UTF-8 where at least
    half of the lines that are not ASCII are strictly UTF-8, else GB18030, the superset of GBK and GB 2312.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, len(mark))
    if wide := _utf16_by_zeros(head[:4096]):
        return Encoding(wide)
    lines = [line for line in _whole_lines(head) if not line.isascii()]
    if not lines:
        return Encoding(ASCII)
    return Encoding("utf-8" if 2 * sum(map(_is_utf8, lines)) >= len(lines) else "gb18030")


def _surely_utf8(head: bytes) -> bool:
    """Without a mark, and so many signs that no text in GBK looks like it by chance."""
    lines = [line for line in _whole_lines(head) if not line.isascii()]
    return (
        not head.startswith(codecs.BOM_UTF8)
        and all(map(_is_utf8, lines))
        and sum(len(line) - len(line.decode()) for line in lines) >= FOREIGN
    )


def _utf16_by_zeros(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if 2 * odd > len(head) // 4 and not even:
        return "utf-16-le"
    return "utf-16-be" if 2 * even > len(head) // 4 and not odd else ""


def _whole_lines(head: bytes) -> list[bytes]:
    """Lines of the head; the last one may be cut in the middle of a character, so up to 3 bytes of it are dropped."""
    lines = head.splitlines()
    if lines and not lines[-1].isascii() and not head.endswith((b"\n", b"\r")):
        lines[-1] = _without_cut_character(lines[-1])
    return lines


def _without_cut_character(line: bytes) -> bytes:
    for drop in range(4):
        if _is_utf8(line[: len(line) - drop]):
            return line[: len(line) - drop]
    return line


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True

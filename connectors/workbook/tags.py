"""XML of a known plain shape cut at its tags, a whole block at once: where each tag and the text behind it stand.

It reads no XML in general: a block with a comment, CDATA, a declaration or a stray bracket is not plain, and says so.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from connectors.signs import hold

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
LESS, MORE, SLASH, QUOTE = b'<>/"'
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}


class NotPlain(Exception):
    """The block needs a real XML parser; says nothing about whether it is good."""


@dataclass(frozen=True)
class Tags:
    """`first` and `second` are the two bytes behind each `<`."""

    block: bytes
    buffer: npt.NDArray[np.uint8]
    less: Ints
    more: Ints
    first: npt.NDArray[np.uint8]
    second: npt.NDArray[np.uint8]

    @staticmethod
    def of(block: bytes) -> "Tags":
        """Raises NotPlain."""
        buffer = np.frombuffer(block, dtype=np.uint8)
        less, more = np.flatnonzero(buffer == LESS), np.flatnonzero(buffer == MORE)
        if len(less) != len(more) or not len(less) or (more <= less + 1).any() or (less[1:] < more[:-1]).any():
            raise NotPlain
        tags = Tags(block, buffer, less, more, buffer[less + 1], buffer[less + 2])
        if ((tags.first == ord("!")) | (tags.first == ord("?"))).any():
            raise NotPlain
        return tags

    def named(self, name: bytes) -> Flags:
        """Opening tags of this name, with attributes or without, of one or two letters."""
        if len(name) == 1:
            one: Flags = (self.first == name[0]) & _ends(self.second)
            return one
        two: Flags = (self.first == name[0]) & (self.second == name[1])
        if two.any():
            two &= _ends(self.buffer[np.minimum(self.less + 3, len(self.buffer) - 1)])
        return two

    @property
    def empty(self) -> Flags:
        """Tags that close themselves."""
        closed: Flags = self.buffer[self.more - 1] == SLASH
        return closed

    def texts(self, which: Ints, order: Ints | None = None) -> pl.Series:
        """The text behind each of these tags, entities resolved, in `order`. Raises NotPlain where it is not UTF-8."""
        if not len(which):
            return pl.Series([], dtype=pl.String())
        starts, stops = self.more[which] + 1, np.append(self.less, len(self.buffer))[which + 1]
        bounds = np.empty(2 * len(which), dtype=np.int64)
        bounds[0::2], bounds[1::2] = starts, stops
        whole = pa.Array.from_buffers(
            pa.large_binary(), len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(self.block)]
        )
        cut = whole.take(pa.array(np.arange(0, len(bounds) - 1, 2) if order is None else order * 2))
        try:
            return resolved(pl.Series(cut.cast(pa.large_string())))
        except pa.ArrowInvalid:
            raise NotPlain from None


def _ends(sign: npt.NDArray[np.uint8]) -> Flags:
    ended: Flags = (sign == ord(" ")) | (sign == MORE) | (sign == SLASH)
    return ended


def resolved(text: pl.Series) -> pl.Series:
    """Entities of XML and the `_x000D_` of ECMA-376 as the signs they stand for."""
    if hold(text, b"&"):
        if text.str.contains("&#", literal=True).any():
            raise NotPlain
        text = text.str.replace_many(list(_ENTITIES), list(_ENTITIES.values())).str.replace_all(
            "&amp;", "&", literal=True
        )
    return unescaped(text)


def unescaped(text: pl.Series) -> pl.Series:
    """`_x000D_` as the sign it stands for; control signs but tabs and line ends go."""
    if not hold(text, b"_") or not text.str.contains(r"_x[0-9A-Fa-f]{4}_").any():
        return text
    for code in ("000D", "000d", "000A", "000a", "0009"):
        text = text.str.replace_all(f"_x{code}_", chr(int(code, 16)), literal=True)
    return text.str.replace_all(r"_x00[01][0-9A-Fa-f]_", "").str.replace_all("_x005[Ff]_", "_")

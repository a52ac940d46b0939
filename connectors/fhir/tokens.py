"""The strings of a block of JSON lines, found in columns, and for each line a signature of everything else.

Two lines with one signature have the same keys in the same places and the same brackets between them, so what is
true of one's structure is true of the other's: sound JSON, no key twice, the same paths. What the signature does
not cover, the inside of strings, is looked at here: lines in doubt are named, never guessed about.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import polars as pl

from connectors.fhir.lines import Bytes, Flags, Ints, Lines, Words
from connectors.fhir.views import strings, windowed

QUOTE, COLON, BACKSLASH, FEED = 34, 58, 92, 10
LINES = 1000  # lines signed together
SLICE = 1 << 20  # bytes looked at together: what is made of them stays in the processor's cache
_MIX = np.uint64(0x9E3779B97F4A7C15)
_DRAW = np.random.default_rng(20261)
_PLACE = _DRAW.integers(0, 2**63, 1 << 16, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_TOP = np.uint64(48)
_LAST = np.array([(2**64 - 1) >> (64 - 8 * n) << (64 - 8 * n) if n else 0 for n in range(9)], np.uint64)
_SPACE = np.zeros(256, np.bool_)
_SPACE[[9, 10, 13, 32]] = True
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_ODD = np.uint64(0xD6E8FEB86659FD93)
_END = 0xFFFF_FFFF  # place of the gap behind the last token
_BRACKET = np.zeros(256, np.bool_)
_BRACKET[[0, *b"{}[],: \t\r\n"]] = True  # zero fills a word; no line that is not in doubt holds one

# Gaps of brackets only, up to eight bytes as one word, by their hash: most gaps are one of some thirty.
_known = np.zeros(1 << 16, np.uint64)


@dataclass(frozen=True)
class Tokens:
    """Token `t` is the string between `quotes[2 t]` and `quotes[2 t + 1]`; line `i` owns `first[i]` to `first[i + 1]`.

    `doubtful` lines need the exact check of `strict`; lines whose quotes do not pair own no token. `escaped`
    lines hold a backslash. Nothing is read as text but what lies inside lines that are UTF-8.
    """

    buffer: bytearray
    quotes: Ints
    first: Ints
    doubtful: Flags
    escaped: Flags

    def contents(self, token: Ints, present: Flags | None) -> pl.Series:
        """The strings, as written; null where not present."""
        at = (token if present is None else np.where(present, token, 0)) << 1
        start = self.quotes[at] + 1
        return strings(self.buffer, start, self.quotes[at + 1] - start, present)

    def gaps(self, token: Ints, present: Flags | None, ends: Ints) -> pl.Series:
        """What stands between each token and the next quote or its line's end, from the token's closing quote on."""
        at = ((token if present is None else np.where(present, token, 0)) << 1) + 1
        start = self.quotes[at].astype(np.int64)
        after = np.minimum(self.quotes[np.minimum(at + 1, len(self.quotes) - 1)], ends)
        return strings(self.buffer, start, np.where(after > start, after, ends) - start, present)


def tokens(lines: Lines) -> Tokens:
    """The tokens of a block: a few passes over its bytes, none over a Python object a line."""
    count = len(lines)
    doubtful, escaped = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    first, quotes, done = np.zeros(count + 1, np.int64), [], 0
    for begin, end in _slices(lines):
        part = _Part(lines, begin, end)
        doubtful[begin:end], escaped[begin:end] = part.doubtful, part.escaped
        first[begin:end] = part.first[:-1] + done
        done += len(part.quotes) // 2
        quotes.append(part.quotes.astype(np.int32))
    first[count] = done
    every = np.concatenate(quotes) if quotes else np.empty(0, np.int32)
    at = np.flatnonzero(escaped & ~doubtful)
    if len(at):
        doubtful[at] = _broken_escape(pl.Series([lines.raw(each).decode() for each in at.tolist()])).to_numpy()
    return Tokens(lines.buffer, every, first, doubtful, escaped)


def _slices(lines: Lines) -> list[tuple[int, int]]:
    """Runs of lines of about SLICE bytes."""
    if not len(lines):
        return []
    marks = np.arange(lines.starts[0] + SLICE, lines.ends[-1], SLICE)
    cuts = np.unique(np.concatenate([[0], np.searchsorted(lines.starts, marks), [len(lines)]])).tolist()
    return list(pairwise(cuts))


class _Part:
    """Lines `begin` to `end` of a block; places are those of the whole buffer."""

    def __init__(self, lines: Lines, begin: int, end: int) -> None:
        self.buffer, self.split = lines.buffer, lines.split
        self.starts, self.ends = lines.starts[begin:end], lines.ends[begin:end]
        self.low, self.high = int(self.starts[0]), int(self.ends[-1])
        self.bytes = np.frombuffer(lines.buffer, np.uint8)
        inside = self.bytes[self.low : self.high]
        slashes = np.flatnonzero(inside == BACKSLASH) + self.low
        self.escaped = self._holding(slashes)
        self.garbled = self._garbled()
        self.doubtful = self.garbled | self._doubtful(inside)
        self.quotes, self.first, uneven = self._paired(self._quotes(inside, slashes))
        self.doubtful |= uneven | (np.diff(self.first) == 0)

    def _raw(self, at: int) -> bytes:
        return bytes(memoryview(self.buffer)[self.starts[at] : self.ends[at]])

    def _quotes(self, inside: Bytes, slashes: Ints) -> Ints:
        """Places of quotes that open or close a string: not those after an odd run of backslashes."""
        quotes = np.flatnonzero(inside == QUOTE) + self.low
        if len(slashes):
            begins = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
            nth = np.arange(len(slashes)) - np.repeat(begins, np.diff(begins, append=len(slashes)))
            escaped = slashes[(nth % 2 == 0) & (self.bytes[slashes + 1] == QUOTE)] + 1
            escaped = escaped[escaped < self.high]
            quotes = np.delete(quotes, np.searchsorted(quotes, escaped))
        return quotes

    def _garbled(self) -> Flags:
        """Lines that are not UTF-8."""
        found = np.zeros(len(self.starts), np.bool_)
        if not _decodes(memoryview(self.buffer)[self.low : self.high]):
            for at in range(len(found)):
                found[at] = not _decodes(self._raw(at))
        return found

    def _doubtful(self, inside: Bytes) -> Flags:
        """Lines that hold control characters, which JSON forbids inside strings."""
        least = inside < 32
        if self.split and np.count_nonzero(least) == len(self.starts) - 1:
            return np.zeros(len(self.starts), np.bool_)
        low = np.flatnonzero(least) + self.low
        return self._holding(low[self.bytes[low] != FEED] if self.split else low)

    def _holding(self, places: Ints) -> Flags:
        """Lines that hold one of the places."""
        found = np.zeros(len(self.starts), np.bool_)
        if not len(places):
            return found
        at = np.searchsorted(self.ends, places, side="right")
        at, places = at[at < len(found)], places[at < len(found)]
        found[at[self.starts[at] <= places]] = True
        return found

    def _paired(self, quotes: Ints) -> tuple[Ints, Ints, Flags]:
        """Quotes inside lines with an even count of them, the first token of each line, and the uneven lines."""
        begin, end = np.searchsorted(quotes, self.starts), np.searchsorted(quotes, self.ends)
        uneven = (end - begin) % 2 == 1
        if uneven.any() or int((end - begin).sum()) != len(quotes):
            step = np.zeros(len(quotes) + 1, np.int64)
            np.add.at(step, begin, 1)
            np.add.at(step, np.where(uneven, begin, end), -1)
            quotes = quotes[np.cumsum(step[:-1]) > 0]
            begin = np.searchsorted(quotes, self.starts)
        return quotes, np.append(begin, len(quotes)) // 2, uneven


@dataclass(frozen=True)
class _Odd:
    """Gaps that hold more than brackets: where each starts, how long it is, its line, and its place in the line."""

    start: Ints
    length: Ints
    line: Ints
    place: Ints


def _add_odd(signature: Words, buffer: bytearray, odd: list[_Odd]) -> None:
    """Adds odd gaps to the signatures of their lines: what they are made of, but for the values of numbers."""
    if not odd:
        return
    start, length, line, place = (
        np.concatenate([getattr(each, name) for each in odd]) for name in ("start", "length", "line", "place")
    )
    words = _plain(strings(buffer, start, length)).hash(seed=20261).to_numpy() * _weights(place)
    words ^= words >> np.uint64(29)
    np.add.at(signature, line, words)


def _weights(place: Ints) -> Words:
    """An odd word for each place in a line."""
    if len(place) and place.max() > 0xFFFF:
        far: Words = _PLACE[place & 0xFFFF] + (place & ~0xFFFF).astype(np.uint64)
        return far
    near: Words = _PLACE[place]
    return near


def signatures(lines: Lines, found: Tokens, index: Ints) -> Words:
    """The signatures of the lines at the index: some forty passes over one word a token."""
    made = np.zeros(len(index), np.uint64)
    odd: list[_Odd] = []
    for at in range(0, len(index), LINES):
        signer = _Signer(lines, found, index[at : at + LINES])
        made[at : at + LINES] = signer.signature()
        odd += [replace(each, line=each.line + at) for each in signer.odd]
    _add_odd(made, found.buffer, odd)
    return made


class _Signer:
    """Some lines of a block, their quotes side by side."""

    def __init__(self, lines: Lines, found: Tokens, index: Ints) -> None:
        self.starts, self.ends = lines.starts[index], lines.ends[index]
        self.bytes, self.windows = np.frombuffer(lines.buffer, np.uint8), windowed(lines.buffer)
        self.counts = found.first[index + 1] - found.first[index]
        self.first = np.concatenate([[0], np.cumsum(self.counts)])
        within = np.arange(2 * self.first[-1]) - np.repeat(2 * self.first[:-1], 2 * self.counts)
        self.quotes = found.quotes[np.repeat(2 * found.first[index], 2 * self.counts) + within].astype(np.int64)
        self.odd: list[_Odd] = []

    def signature(self) -> Words:
        """One word a line: a sum over its tokens of what stands before them and, for keys, of the key, by place."""
        signature = np.zeros(len(self.starts), np.uint64)
        used = np.flatnonzero(self.counts)
        if not len(used):
            return signature
        opens, closes = self.quotes[0::2], self.quotes[1::2]
        begin, count = self.first[used], self.counts[used]
        before = np.empty_like(opens)
        before[1:] = closes[:-1]
        before[begin] = self.starts[used] - 1
        place = np.arange(len(opens)) - np.repeat(begin, count)
        words = self._gap_words(before, opens, used, self.first, place)
        keys = self._keys(closes)
        words[keys] += self._key_words(opens[keys], closes[keys]) * _MIX
        words *= _weights(place)
        words ^= words >> np.uint64(29)
        signature[used] = np.add.reduceat(words, begin) + count.astype(np.uint64)
        last = self._gap_words(closes[begin + count - 1], self.ends[used], used, None, np.full(len(used), _END))
        signature[used] += last * _MIX
        return signature

    def _window(self, end: Ints, length: Ints) -> Words:
        """The last bytes before `end`, at most eight and at most `length`, as one word, the earlier ones zero."""
        made: Words = self.windows[end - 8] & _LAST[np.minimum(length, 8)]
        return made

    def _keys(self, closes: Ints) -> Ints:
        """Tokens that are keys: a colon follows, after any white space."""
        after = closes + 1
        following = self.bytes[after]
        blank = np.flatnonzero(_SPACE[following])
        while len(blank):
            after[blank] += 1
            following[blank] = self.bytes[after[blank]]
            blank = blank[_SPACE[following[blank]]]
        return np.flatnonzero(following == COLON)

    def _key_words(self, opens: Ints, closes: Ints) -> Words:
        """A word for each key, made of all its bytes."""
        length = closes - opens - 1
        words = self._window(closes, length)
        longer, taken = np.flatnonzero(length > 8), 8
        while len(longer):
            words[longer] = words[longer] * _MIX ^ self._window(closes[longer] - taken, length[longer] - taken)
            taken += 8
            longer = longer[length[longer] > taken]
        return words

    def _gap_words(self, before: Ints, after: Ints, used: Ints, first: Ints | None, place: Ints) -> Words:
        """A word for what stands between two places; gaps of more than brackets are kept for later, as ODD.

        Row `i` belongs to line `used[i]`, or, given the first row of each line, to that line.
        """
        length = after - before - 1
        words = self._window(after, length)
        odd = np.flatnonzero((_known[(words * _MIX) >> _TOP] != words) | (length > 8))
        if len(odd):
            _learn(words[odd[length[odd] <= 8]])
            odd = odd[(_known[(words[odd] * _MIX) >> _TOP] != words[odd]) | (length[odd] > 8)]
            words[odd] = _ODD
            line = used[odd] if first is None else np.searchsorted(first, odd, side="right") - 1
            self.odd.append(_Odd(before[odd] + 1, length[odd], line, place[odd]))
        return words


def _learn(words: Words) -> None:
    """Remembers gaps of brackets only."""
    brackets = _BRACKET[words.view(np.uint8).reshape(-1, 8)].all(axis=1)
    if brackets.any():
        made = np.unique(words[brackets])
        _known[(made * _MIX) >> _TOP] = made


def _decodes(text: "memoryview | bytes") -> bool:
    try:
        str(text, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _broken_escape(texts: pl.Series) -> pl.Series:
    """Whether a line holds an escape that JSON does not know, or a surrogate, whose twin only a parser can check."""
    hexes = "[0-9a-fA-F]"
    plain = texts.str.replace_all("\\\\", "", literal=True)
    return plain.str.contains(r'\\(?:[^"/bfnrtu]|u[dD][89a-fA-F]|$)') | (
        plain.str.count_matches("\\u", literal=True) != plain.str.count_matches(rf"\\u{hexes}{{4}}")
    )


def _plain(gaps: pl.Series) -> pl.Series:
    """Gaps with each number as one mark, `true` and `false` as another, `null` as a third, white space short.

    The marks are control characters: no line that is not in doubt has them itself.
    """
    usual = gaps.str.contains(rf"^:\s?{NUMBER},$")
    made = pl.Series([":\1,"]).new_from_index(0, len(gaps))
    if usual.all():
        return made
    others = gaps.filter(~usual).str.replace_all(NUMBER, "\1").str.replace_all("true|false", "\2")
    others = others.str.replace_all("null", "\3").str.replace_all(r"[ \t\r\n]+", " ")
    return made.scatter(np.flatnonzero(~usual.to_numpy()), others)

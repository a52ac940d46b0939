"""The strings of a block of JSON lines, found in columns, and for each line a signature of everything else.

Two lines with one signature have the same keys in the same places and the same brackets between them, so what is
true of one's structure is true of the other's: sound JSON, no key twice, the same paths. What the signature does
not cover, the inside of strings, is looked at here: lines in doubt are named, never guessed about.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from connectors.fhir.lines import Bytes, Flags, Ints, Lines, Words

QUOTE, COLON, BACKSLASH = 34, 58, 92
_MIX = np.uint64(0x9E3779B97F4A7C15)
_DRAW = np.random.default_rng(20261)
_PLACE = _DRAW.integers(0, 2**63, 1 << 16, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_TOP = np.uint64(48)
_LAST = np.array([(2**64 - 1) >> (64 - 8 * n) << (64 - 8 * n) if n else 0 for n in range(9)], np.uint64)
_SPACE = np.zeros(256, np.bool_)
_SPACE[[9, 10, 13, 32]] = True
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_STRUCTURE = b"{}[],: \t\r\n"

# Gaps of brackets only, up to eight bytes as one word, by their hash: most gaps are one of some thirty.
_known = np.zeros(1 << 16, np.uint64)


@dataclass(frozen=True)
class Tokens:
    """Token `t` is the string between `opens[t]` and `closes[t]`; line `i` owns `first[i]` up to `first[i + 1]`.

    `doubtful` lines need the exact check of `strict`; lines whose quotes do not pair own no token.
    `texts` holds the content of token `t` at `2 t` and what follows it, with both quotes, at `2 t + 1`.
    """

    opens: Ints
    closes: Ints
    first: Ints
    signature: Words
    doubtful: Flags
    texts: pl.Series
    escapes: bool


def tokens(lines: Lines) -> Tokens:
    """The tokens of a block. Cost: some forty passes over one word a token, none over a Python object a line."""
    bytes_ = np.frombuffer(lines.buffer, np.uint8)
    slashes = np.flatnonzero(bytes_ == BACKSLASH)
    quotes = _quotes(bytes_, slashes)
    garbled = np.zeros(len(lines), np.bool_) if lines.proven else _garbled(lines, bytes_)
    doubtful = garbled if lines.proven else garbled | _doubtful(lines, bytes_, slashes, garbled)
    quotes, first, uneven = _pair(quotes, lines)
    doubtful |= uneven | (np.diff(first) == 0)
    opens, closes = quotes[0::2], quotes[1::2]
    texts = _texts(_readable(lines, garbled), quotes)
    signature = _signature(lines, bytes_, opens, closes, first, texts)
    return Tokens(opens, closes, first, signature, doubtful, texts, bool(len(slashes)))


def _quotes(bytes_: Bytes, slashes: Ints) -> Ints:
    """Places of quotes that open or close a string: not those after an odd run of backslashes."""
    quotes = np.flatnonzero(bytes_ == QUOTE)
    if len(slashes):
        begins = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
        nth = np.arange(len(slashes)) - np.repeat(begins, np.diff(begins, append=len(slashes)))
        escaped = slashes[(nth % 2 == 0) & (bytes_[slashes + 1] == QUOTE)] + 1
        quotes = np.delete(quotes, np.searchsorted(quotes, escaped))
    return quotes


def _garbled(lines: Lines, bytes_: Bytes) -> Flags:
    """Lines that are not UTF-8."""
    found = np.zeros(len(lines), np.bool_)
    inside = slice(lines.starts[0], lines.ends[-1]) if len(lines) else slice(0, 0)
    try:
        str(memoryview(lines.buffer)[inside], "utf-8")
    except UnicodeDecodeError:
        _mark(found, lines, np.flatnonzero(bytes_[inside] > 127) + inside.start)
        for at in np.flatnonzero(found).tolist():
            found[at] = not _decodes(lines.raw(at))
    return found


def _decodes(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _readable(lines: Lines, garbled: Flags) -> bytearray:
    """The buffer, with garbled lines blanked: Polars trusts that text is UTF-8."""
    if not garbled.any():
        return lines.buffer
    copy = bytearray(lines.buffer)
    for at in np.flatnonzero(garbled).tolist():
        copy[lines.starts[at] : lines.ends[at]] = b" " * int(lines.ends[at] - lines.starts[at])
    return copy


def _doubtful(lines: Lines, bytes_: Bytes, slashes: Ints, garbled: Flags) -> Flags:
    """Lines whose strings may hold what JSON forbids: control characters, broken escapes."""
    found = np.zeros(len(lines), np.bool_)
    if not len(lines):
        return found
    _mark(found, lines, np.flatnonzero(bytes_[lines.starts[0] : lines.ends[-1]] < 32) + lines.starts[0])
    held = np.zeros(len(lines), np.bool_)
    _mark(held, lines, slashes)
    at = np.flatnonzero(held & ~found & ~garbled)
    if len(at):
        found[at] = _broken_escape(pl.Series([lines.raw(each).decode() for each in at.tolist()])).to_numpy()
    return found


def _mark(found: Flags, lines: Lines, places: Ints) -> None:
    """Sets the flag of every line that holds one of the places."""
    at = np.searchsorted(lines.ends, places, side="right")
    at, places = at[at < len(lines)], places[at < len(lines)]
    found[at[lines.starts[at] <= places]] = True


def _broken_escape(texts: pl.Series) -> pl.Series:
    """Whether a line holds an escape that JSON does not know, or a surrogate, whose twin only a parser can check."""
    hexes = "[0-9a-fA-F]"
    plain = texts.str.replace_all("\\\\", "", literal=True)
    return plain.str.contains(r'\\(?:[^"/bfnrtu]|u[dD][89a-fA-F]|$)') | (
        plain.str.count_matches("\\u", literal=True) != plain.str.count_matches(rf"\\u{hexes}{{4}}")
    )


def _pair(quotes: Ints, lines: Lines) -> tuple[Ints, Ints, Flags]:
    """Quotes inside lines with an even count of them, the first token of each line, and the uneven lines."""
    begin, end = np.searchsorted(quotes, lines.starts), np.searchsorted(quotes, lines.ends)
    uneven = (end - begin) % 2 == 1
    if uneven.any() or (len(lines) and int((end - begin).sum()) != len(quotes)):
        kept = np.where(uneven, begin, end)
        inside = np.zeros(len(quotes) + 1, np.int64)
        np.add.at(inside, begin, 1)
        np.add.at(inside, kept, -1)
        quotes = quotes[np.cumsum(inside[:-1]) > 0]
        begin, end = np.searchsorted(quotes, lines.starts), np.searchsorted(quotes, lines.ends)
    return quotes, np.append(begin, len(quotes)) // 2, uneven


def _texts(buffer: bytearray, quotes: Ints) -> pl.Series:
    """Contents and gaps in turn, without copying: offsets into the buffer."""
    offsets = np.empty(len(quotes) + 1, np.int32)
    offsets[0:-1:2] = quotes[0::2] + 1
    offsets[1:-1:2] = quotes[1::2]
    offsets[-1] = len(buffer)
    arrays = [None, pa.py_buffer(offsets), pa.py_buffer(buffer)]
    return pl.Series(pa.Array.from_buffers(pa.string(), len(quotes), arrays))


def _signature(lines: Lines, bytes_: Bytes, opens: Ints, closes: Ints, first: Ints, texts: pl.Series) -> Words:
    """One word a line: a sum over its tokens of what stands before them and, for keys, of the key, weighted by place."""
    signature = np.zeros(len(lines), np.uint64)
    used = np.flatnonzero(np.diff(first))
    if not len(used):
        return signature
    begin, count = first[used], np.diff(first)[used]
    windows = np.lib.stride_tricks.as_strided(np.frombuffer(lines.buffer, np.uint64, 1), (len(bytes_) - 8,), (1,))
    before = np.empty_like(opens)
    before[1:] = closes[:-1]
    before[begin] = lines.starts[used] - 1
    words = _gap_words(lines, windows, before, opens, begin, texts)
    keys = _keys(bytes_, closes)
    words[keys] += _key_words(windows, opens[keys], closes[keys]) * _MIX
    place = np.arange(len(words)) - np.repeat(begin, count)
    words *= _PLACE[place & 0xFFFF] + (place & ~0xFFFF).astype(np.uint64)
    words ^= words >> np.uint64(29)
    signature[used] = np.add.reduceat(words, begin) + count.astype(np.uint64)
    signature[used] += _ends(lines, windows, used, closes[begin + count - 1]) * _MIX
    return signature


def _window(windows: Words, end: Ints, length: Ints) -> Words:
    """The last bytes before `end`, at most eight and at most `length`, as one word, the earlier ones zero."""
    made: Words = windows[end - 8] & _LAST[np.minimum(length, 8)]
    return made


def _keys(bytes_: Bytes, closes: Ints) -> Ints:
    """Tokens that are keys: a colon follows, after any white space."""
    after = closes + 1
    following = bytes_[after]
    blank = np.flatnonzero(_SPACE[following])
    while len(blank):
        after[blank] += 1
        following[blank] = bytes_[after[blank]]
        blank = blank[_SPACE[following[blank]]]
    return np.flatnonzero(following == COLON)


def _key_words(windows: Words, opens: Ints, closes: Ints) -> Words:
    """A word for each key, made of all its bytes."""
    length = closes - opens - 1
    words = _window(windows, closes, length)
    longer, taken = np.flatnonzero(length > 8), 8
    while len(longer):
        words[longer] = words[longer] * _MIX ^ _window(windows, closes[longer] - taken, length[longer] - taken)
        taken += 8
        longer = longer[length[longer] > taken]
    return words


def _gap_words(lines: Lines, windows: Words, before: Ints, opens: Ints, begin: Ints, texts: pl.Series) -> Words:
    """A word for what stands before each token; numbers and literals count by their kind only."""
    length = opens - before - 1
    words = _window(windows, opens, length)
    odd = np.flatnonzero((_known[(words * _MIX) >> _TOP] != words) | (length > 8))
    if len(odd):
        leading = np.isin(odd, begin, assume_unique=True)
        own = [_slice(lines, before[t] + 1, opens[t]) for t in odd[leading].tolist()]
        words[odd[leading]] = _odd_words(pl.Series(own, dtype=pl.String), words[odd[leading]], length[odd[leading]])
        rest = odd[~leading]
        gaps = texts.gather(2 * rest - 1).str.slice(1).str.head(-1)
        words[rest] = _odd_words(gaps, words[rest], length[rest])
    return words


def _slice(lines: Lines, start: int, end: int) -> str:
    return bytes(memoryview(lines.buffer)[start:end]).decode("utf-8", "replace")


def _odd_words(gaps: pl.Series, words: Words, length: Ints) -> Words:
    """Words of gaps not met before. Those of brackets only are remembered; others are hashed without their values."""
    plain = _plain(gaps)
    made = plain.hash(seed=20261).to_numpy().copy()
    for word in np.unique(words[length <= 8]).tolist():
        if not word.to_bytes(8, "little").lstrip(b"\0").strip(_STRUCTURE):
            _known[(word * int(_MIX)) % 2**64 >> 48] = word
    brackets = (length <= 8) & (_known[(words * _MIX) >> _TOP] == words)
    made[brackets] = words[brackets]
    return made


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


def _ends(lines: Lines, windows: Words, used: Ints, last: Ints) -> Words:
    """A word for what stands after the last token of each line."""
    end = lines.ends[used]
    length = end - last - 1
    words = _window(windows, end, length)
    odd = np.flatnonzero((_known[(words * _MIX) >> _TOP] != words) | (length > 8))
    if len(odd):
        gaps = [_slice(lines, last[i] + 1, end[i]) for i in odd.tolist()]
        words[odd] = _odd_words(pl.Series(gaps, dtype=pl.String), words[odd], length[odd])
    return words

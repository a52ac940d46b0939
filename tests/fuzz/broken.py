"""Ways to break a file: as storage, networks, editors and attackers do."""

from collections.abc import Iterator

from hypothesis import strategies as st

CLAIMS = (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80")
PIECES = (b"", b"\x00", b"\xff\xfe", b"\n", b"\r\n", b'"', b"|", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"9" * 40, b"[" * 60,
          b"PK\x03\x04", b"MSH|", b"\x0b", b"\x1c\r", "\u7532".encode("gb18030"), "\U0001f600".encode(), b"\xed\xa0\x80")  # fmt: skip


def cut(content: bytes, blocks: int = 12) -> Iterator[bytes]:
    """The file cut off at the end of every block, and one byte before its end."""
    yield from (content[: len(content) * block // blocks] for block in range(1, blocks))
    yield content[:-1]


def claiming(content: bytes, places: int = 6) -> Iterator[bytes]:
    """The file with sizes and counts in it that are far too large, at places over all of it and in its head and tail."""
    step = max(4, len(content) // places // 4 * 4)
    at = sorted({*range(0, min(len(content), 32), 4), *range(0, len(content), step), *_tail(content)})
    for number, place in enumerate(at):
        claim = CLAIMS[number % len(CLAIMS)]
        yield content[:place] + claim + content[place + len(claim) :]


def _tail(content: bytes) -> range:
    return range(max(0, len(content) - 32), len(content), 4)


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """The file after one to four accidents: a byte flipped, a stretch lost, doubled or overwritten, a piece let in."""
    made = content
    for _ in range(draw(st.integers(1, 4))):
        at, until = sorted(draw(st.tuples(*[st.integers(0, max(0, len(made) - 1))] * 2)))
        how = draw(st.sampled_from(["flip", "lose", "double", "insert", "noise"]))
        if how == "flip" and made:
            made = made[:at] + bytes([made[at] ^ draw(st.integers(1, 255))]) + made[at + 1 :]
        elif how == "lose":
            made = made[:at] + made[until:]
        elif how == "double":
            made = made[:until] + made[at:]
        elif how == "insert":
            made = made[:at] + draw(st.sampled_from(PIECES)) + made[at:]
        else:
            made = made[:at] + draw(st.binary(max_size=16)) + made[at:]
    return made

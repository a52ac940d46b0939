"""One line of the index: when a message came, where it stands, its hash, and a hash that binds all lines before it.

Holds no word of a message: control id and sender stand there as hashes, so that who knows them finds the line.
"""

import re
from binascii import unhexlify
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

ORIGIN = sha256(b"guantong journal").hexdigest()
_LINE = re.compile(rb"(?:\d{1,19} ){4}[0-9a-f]{64} [0-9a-f]{16} [0-9a-f]{8} \S+ \S+ [0-9a-f]{64}\n")


class Entry(NamedTuple):
    """`seq` counts from 1 without a gap; `at` is microseconds since 1970; `content` the SHA-256 of the message.

    `code` is what was answered: AA, CA, or `-` where no answer was due or none was given before a crash.
    `chain` is the SHA-256 of the line before's chain and this line.
    """

    seq: int
    at: int
    offset: int
    length: int
    content: str
    key: str
    sender: str
    code: str
    peer: str
    chain: str

    @property
    def line(self) -> str:
        """As it stands in the index, without its end."""
        return " ".join(map(str, self))

    def follows(self, chain: str) -> bool:
        """Whether this line is the one that was written after the line with `chain`."""
        return self.chain == linked(chain, self.line.rsplit(" ", 1)[0])


def linked(chain: str, words: str) -> str:
    """The chain after a line of these words."""
    return sha256(f"{chain} {words}".encode()).hexdigest()


def key_of(control_id: bytes) -> str:
    """A control id as the index has it, without blanks around it: people who ask for one do not see them."""
    return sha256(control_id.strip()).hexdigest()[:16]


def sender_of(application: bytes, facility: bytes) -> str:
    """A sender as the index has it."""
    return sha256(application + b"\x00" + facility).hexdigest()[:8]


def entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    """The entries up to the first line that is none, which a crash has left unfinished."""
    for line in lines:
        if (found := parsed(line)) is None:
            return
        yield found


def marks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Sender, key and the first half of the content of each entry, up to the first line that is none."""
    for line in lines:
        if not _LINE.fullmatch(line):
            return
        parts = line.split(b" ", 7)
        yield unhexlify(parts[6] + parts[5] + parts[4][:32])


def parsed(line: bytes) -> Entry | None:
    """One line, with its end; None where it is not whole."""
    if not _LINE.fullmatch(line) or not line.isascii():
        return None
    parts = line.decode("ascii").split(" ")
    seq, at, offset, length = map(int, parts[:4])
    content, key, sender, code, peer, chain = parts[4:]
    return Entry(seq, at, offset, length, content, key, sender, code, peer, chain.rstrip("\n"))

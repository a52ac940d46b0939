"""The envelopes of batch files: what BTS-1 and FTS-1 say against what came, and files that hold envelopes alone.

A wrong count refuses nothing: the messages are read as they stand, and the place of the count is said.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

import polars as pl

from connectors.chunk import LONGEST_RAW, REJECTS
from connectors.hl7v2.uniform import Uniform
from connectors.hl7v2.walk import ENVELOPES

_LINE = re.compile(rb"(?:^|(?<=[\r\n\x0b\x1c]))(%b)([^A-Za-z0-9\s])?([^\r\n\x1c]*)" % b"|".join(ENVELOPES))
_BREAK = re.compile(rb"\r\n|\r|\n")
Row = tuple[int, int, int, str, str, bool, bytes]


@dataclass
class Batches:
    """Counts over one file, fed block by block (HL7 v2.8, 2.10.3). `messages` are those since the last envelope began.

    BTS-1 is the number of messages of its batch, FTS-1 the number of batches of its file; neither is required.
    """

    messages: int = 0
    batches: int = 0
    first: bytes = b""  # the first envelope of the file
    _batched: int = 0  # messages since the file began, where no batch did

    def passed(self, count: int) -> None:
        """Messages that no envelope stands between."""
        self.messages += count
        self._batched += count

    def rows(self, block: Uniform, position: int, offset: int, line: int) -> pl.DataFrame:
        """Rejects for the counts in a block that do not fit; its first record is `position`, its first line `line`."""
        records = block.start.tolist()
        starts = [at for at, why in zip(records, block.reason, strict=True) if why != "outside-a-message"]
        made: list[Row] = []
        seen = 0
        for found in _LINE.finditer(block.raw):
            before = bisect_left(starts, found.start())
            self.passed(before - seen)
            seen = before
            if wrong := self._envelope(found[1], found[2] or b"|", found[3]):
                at = line + len(_BREAK.findall(block.raw, 0, found.start()))
                place = position + bisect_left(records, found.start()) - 1, at, offset + found.start()
                made.append((*place, f"{found[1].decode()}-1", wrong, False, found[0][:LONGEST_RAW]))
            self.first = self.first or found[0][:LONGEST_RAW]
        self.passed(len(starts) - seen)
        return pl.DataFrame(made, schema=REJECTS, orient="row")

    def empty(self) -> pl.DataFrame:
        """The word for a file of envelopes alone."""
        row = (0, 1, 0, "", "empty-batch", False, self.first)
        return pl.DataFrame([row], schema=REJECTS, orient="row")

    def _envelope(self, name: bytes, bar: bytes, rest: bytes) -> str:
        """Goes on over an envelope; the reason why its count is wrong, empty where it is not."""
        wrong = ""
        if name == b"BTS":
            wrong = _wrong(rest.split(bar)[0], {self.messages})
            self.messages = 0
        elif name == b"BHS":
            self.batches += 1
            self.messages = 0
        elif name == b"FTS":
            wrong = _wrong(rest.split(bar)[0], {self.batches} if self.batches else {0, 1, self._batched})
            self.messages = self.batches = self._batched = 0
        else:
            self.messages = self.batches = self._batched = 0
        return wrong


def _wrong(said: bytes, fits: set[int]) -> str:
    """The reason where a number is said that does not fit; what is not said is not wrong."""
    words = said.strip()
    if not words:
        return ""
    if not words.isdigit():
        return "bad-number"
    return "" if len(words) < 19 and int(words) in fits else "wrong-count"

"""What each message of a block is: its type, who sent it, when, about whom; and why it is refused, if it is.

It looks at headers and at the segments that name persons and visits, and makes no rows.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from connectors.hl7v2 import times
from connectors.hl7v2.cells import Flags, Ints, Words, among, code, nothing
from connectors.hl7v2.marks import Marks, Rows
from connectors.hl7v2.spellings import spellings
from connectors.hl7v2.uniform import MSH, Uniform

# Types of which the shared tables hold something (HL7 table 0076); the others are kept as records that no table holds.
TYPES = (
    "ADT", "ORU", "ORM", "OML", "OMP", "OMG", "OMI", "OUL", "MDM", "RDE", "RDS", "RAS", "RGV", "VXU", "SIU", "DFT",
    "PPR", "BAR", "REF", "ORL", "ORF", "PGL", "PPP", "CRM",
)  # fmt: skip
KEY_TYPES = (
    "MR",
    "PI",
    "PT",
)  # table 0203: which of several numbers is the site's own, the first of these that is there


@dataclass(frozen=True)
class Messages:
    """Headers of the messages that can be read; `of` is each one's record. All columns run over records of the block.

    `reason` (empty: accepted) is final. `key` is sender, control id and time; `at` EVN-2, else MSH-7.
    """

    marks: Marks
    codes: Words
    of: Ints  # the record of each segment
    msh: Rows
    reason: list[str]
    type: Words
    event: Words
    chinese: Flags  # MSH-17 says CHN: national codes are national codes
    key: pl.Series
    at: pl.Series

    def lines(self, *names: str) -> Ints:
        """Accepted segments with these names, in order."""
        return np.flatnonzero(among(self.codes, names))

    def rows(self, *names: str) -> Rows:
        """Accepted segments with these names as rows."""
        lines = self.lines(*names)
        return self.marks.rows(lines, self.of[lines])

    def is_a(self, rows: Rows, *types: str) -> Flags:
        """Which rows stand in a message of these types."""
        return among(self.type[rows.message], types)

    def happened(self, rows: Rows, *events: str) -> Flags:
        """Which rows stand in a message of these events."""
        return among(self.event[rows.message], events)


def messages(found: Uniform) -> Messages:
    """The messages of a block. Segments of refused ones are gone from `codes`."""
    marks, count = found.marks, len(found)
    lines = np.flatnonzero(marks.codes == MSH)
    msh = marks.rows(lines, found.of[lines], shift=1)
    kind, event = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    kind[msh.message], event[msh.message] = msh.short(9), msh.short(9, 2)
    _older_events(marks, found.of, event)
    reason = _reasons(found, msh, kind)
    refused = np.array([bool(each) for each in reason])
    codes = marks.codes if not refused.any() else np.where(refused[found.of], np.uint64(0), marks.codes)
    chinese = np.zeros(count, np.bool_)
    chinese[msh.message] = among(msh.short(17), ("CHN", "CN"))
    return Messages(
        marks, codes, found.of, msh, reason, kind, event, chinese, _spread(_keys(msh), msh.message, count),
        _recorded(marks, found.of, msh, count),
    )  # fmt: skip


def _older_events(marks: Marks, of: Ints, event: Words) -> None:
    """Until 2.2 the event stood in EVN-1 alone."""
    if event.all():
        return
    lines = np.flatnonzero(marks.codes == np.uint64(code("EVN")))
    evn = marks.rows(lines, of[lines])
    empty = event[evn.message] == 0
    event[evn.message[empty]] = evn.short(1)[empty]


def _spread(values: pl.Series, at: Ints, count: int) -> pl.Series:
    """Values of some records as a column over all."""
    if len(at) == count:
        return values
    return nothing(count, values.dtype).scatter(at, values)


def _keys(msh: Rows) -> pl.Series:
    """Sender, control id and time: control ids restart, so the time belongs to the key."""
    parts = [pl.lit(msh.part(place)).fill_null("") for place in (3, 4, 10, 7)]
    return pl.select(pl.concat_str(parts, separator="|")).to_series()


def _recorded(marks: Marks, of: Ints, msh: Rows, count: int) -> pl.Series:
    """EVN-2, else MSH-7, as wall clock; null where neither can be read."""
    sent = _spread(times.times(marks.parts, msh.cut(7))[0], msh.message, count)
    lines = np.flatnonzero(marks.codes == np.uint64(code("EVN")))
    if not len(lines):
        return sent
    evn = marks.rows(lines, of[lines])
    values, _ = times.times(marks.parts, evn.cut(2))
    told = values.is_not_null()
    return sent.scatter(evn.message[told.to_numpy()], values.filter(told)) if told.any() else sent


def _reasons(found: Uniform, msh: Rows, kind: Words) -> list[str]:
    reason = list(found.reason)
    known = among(kind[msh.message], TYPES)
    version = msh.part(12)
    if foreign := [each for each in spellings(version) if each != "2" and not each.startswith("2.")]:
        for at in msh.message[version.is_in(foreign).fill_null(value=False).to_numpy()].tolist():
            reason[at] = "unknown-version"
    for at in msh.message[~known].tolist():
        reason[at] = reason[at] or "no-shared-table"
    _without_person(found, msh, reason)
    return reason


def _without_person(found: Uniform, msh: Rows, reason: list[str]) -> None:
    """Refuses messages of which no PID says whose they are: PID-3, PID-2 and PID-4 are empty."""
    lines = np.flatnonzero(found.marks.codes == np.uint64(code("PID")))
    pid = found.marks.rows(lines, found.of[lines])
    named = pid.given(3)
    if not named.all():
        for place in (3, 2, 4):
            named = named | ~identified(pid, place).is_null().to_numpy()
    have, lack = np.zeros(len(found), np.bool_), np.zeros(len(found), np.bool_)
    have[pid.message[named]] = True
    lack[pid.message[~named]] = True
    for at in msh.message[~have[msh.message] | lack[msh.message]].tolist():
        reason[at] = reason[at] or "no-person"


def identified(pid: Rows, place: int) -> pl.Series:
    """The number of the best repetition of a field of identifiers (CX): the site's own kind, else the first."""
    first = pid.part(place)
    if not len(pid):
        return first
    several, row = pid.repeated(place)
    if len(several) == first.len() - first.null_count() and len(several) == len(np.unique(row)):
        return first
    kinds = several.short(5)
    rank = np.full(len(several), len(KEY_TYPES) + 1)
    for better, name in reversed(list(enumerate(KEY_TYPES))):
        rank[kinds == np.uint64(code(name))] = better
    rank[~several.given()] = len(KEY_TYPES) + 2
    order = np.lexsort((np.arange(len(several)), rank, row))
    best = order[np.unique(row[order], return_index=True)[1]]
    column = pid.marks.parts.column(several.cut()[best])
    return nothing(len(pid)).scatter(row[best], column)

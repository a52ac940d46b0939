"""What a table with a header would give, told from its header: names of columns, and only where they are names.

A first line that shares no column with any mapping may be a patient's record; nothing of it is told.
"""

from collections.abc import Sequence

from connectors.delimited.exact import first_record
from connectors.delimited.layout import HEAD, SPOKEN, Layout
from connectors.delimited.scan import records_in_head
from connectors.looked import Fact, Looked
from connectors.mapping import Mapping
from connectors.profiles import near
from connectors.reach import reached
from connectors.torn import FEW, Record, sayable

_LONGEST_RECORD = 1 << 14  # characters of a record that is looked at


def looked(layout: Layout, head: bytes, mapping: Mapping | None) -> Looked:
    """The file as `mapping` would read it; None where no mapping fits it."""
    spoken = {"\n": "LF or CRLF", "\r": "CR"}
    facts = [
        Fact("encoding", "编码", layout.encoding.label),
        Fact("separator", "分隔符", SPOKEN[layout.separator]),
        Fact("line end", "换行", spoken[layout.eol]),
        Fact("columns", "列数", str(len(layout.header))),
    ]
    if layout.doubled:
        facts.append(Fact("columns that stand twice", "重复列", str(len(layout.doubled))))
    beneath = _beneath(layout, head)
    return headed(layout.header, mapping, facts, records_in_head(head, layout), whole=len(head) < HEAD, beneath=beneath)


def _beneath(layout: Layout, head: bytes) -> list[list[str]]:
    """The first records, cell by cell."""
    text = head[layout.body :].decode(layout.encoding.name, errors="replace")
    found: list[list[str]] = []
    at = 0
    while at < len(text) and len(found) < FEW:
        cells, stop = first_record(text[at : at + _LONGEST_RECORD], layout.separator, layout.eol)
        if not stop:
            break
        found.append(cells)
        at += stop
    return found


def headed(
    header: Sequence[str], mapping: Mapping | None, facts: Sequence[Fact], records: int | None, *, whole: bool,
    beneath: Sequence[Record] | None = None,
) -> Looked:  # fmt: skip
    """A table with this header, as `mapping` reads it: for text, and for whatever else has a header of columns.

    `beneath` are the first records of a file whose header is a line of text, which damage may join to a record.
    """
    ways = reached(mapping) if mapping else {}
    mapped = {name: ways[name] for name in header if name in ways}
    rest = [name for name in header if name not in ways]
    nearest, missing = (mapping.name, []) if mapping else near(header)
    if not mapped and not nearest:
        return Looked(facts, records, whole, unnamed=len(rest))
    may = (
        header
        if beneath is None
        else [name for name, said in zip(header, sayable(header, beneath), strict=True) if said]
    )
    said = tuple(name for name in rest if name in may)
    return Looked(facts, records, whole, mapped, said, len(rest) - len(said), nearest, tuple(missing))

"""What a table with a header would give, told from its header: names of columns, and only where they are names.

A first line that shares no column with any mapping may be a patient's record; nothing of it is told.
"""

from collections.abc import Sequence

from connectors.delimited.layout import HEAD, SPOKEN, Layout
from connectors.delimited.scan import records_in_head
from connectors.looked import Fact, Looked
from connectors.mapping import Mapping
from connectors.profiles import near
from connectors.reach import reached


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
    return headed(layout.header, mapping, facts, records_in_head(head, layout), whole=len(head) < HEAD)


def headed(
    header: Sequence[str], mapping: Mapping | None, facts: Sequence[Fact], records: int | None, *, whole: bool
) -> Looked:
    """A table with this header, as `mapping` reads it: for text, and for whatever else has a header of columns."""
    ways = reached(mapping) if mapping else {}
    mapped = {name: ways[name] for name in header if name in ways}
    rest = [name for name in header if name not in ways]
    nearest, missing = (mapping.name, []) if mapping else near(header)
    if not mapped and not nearest:
        return Looked(facts, records, whole, unnamed=len(rest))
    return Looked(facts, records, whole, mapped, tuple(rest), nearest=nearest, missing=tuple(missing))

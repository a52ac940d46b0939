"""The real samples: nothing is lost, every reject has its reason, and fields equal what python-hl7 reads of the same."""

from collections import Counter
from pathlib import Path

import hl7
import polars as pl
import pytest

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.errors import ConnectorError
from connectors.hl7v2.header import header
from connectors.kinds.hl7v2 import CONNECTOR
from connectors.reason import REASONS

pytestmark = pytest.mark.samples
HERE = Context(site="A", batch="b1", file="0" * 16)
# What came of each folder: read, accepted, and rejected by reason.
TABLE = {
    "efferent-csstrings": (21, 13, {"no-person": 7, "no-shared-table": 1}),
    "hl7apy-strings": (29, 9, {"no-shared-table": 13, "no-person": 4, "bad-separators": 3}),
    "ms-fhir-converter": (139, 139, {}),
    "phdi": (10, 10, {}),
    "python-hl7-strings": (4, 0, {"no-person": 4}),
}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.hl7") if path.is_file())


def read(path: Path) -> list[Chunk]:
    chunks = list(CONNECTOR.open(path).chunks(HERE))
    for chunk in chunks:
        chunk.check()
    return chunks


@pytest.mark.parametrize("folder", TABLE)
def test_the_table_of_what_came_of_each_folder(samples, folder):
    every, unreadable = [], 0
    for path in files(samples / "hl7v2" / folder):
        try:
            every += read(path)
        except ConnectorError:
            unreadable += 1
    whole = Counter(code for chunk in every for code in chunk.rejects.filter("whole")["reason"])
    counts = (sum(chunk.read for chunk in every), sum(chunk.records.height for chunk in every), dict(whole))
    assert counts == TABLE[folder]
    assert unreadable == (2 if folder == "phdi" else 0)  # two files in which no line begins with MSH


def test_rows_have_keys_persons_and_known_reasons(samples):
    filled: dict[str, set[str]] = {}
    for path in files(samples / "hl7v2" / "ms-fhir-converter"):
        for chunk in read(path):
            assert all(
                REASONS[code].whole == whole for code, whole in chunk.rejects.select("reason", "whole").iter_rows()
            )
            for name, rows in chunk.tables.items():
                assert rows.select("source_position", "record_id").is_unique().all()
                assert not rows["record_id"].null_count() + rows["person_id"].null_count()
                filled.setdefault(name, set()).update(
                    each for each in rows.columns if rows[each].null_count() < rows.height
                )
    common = set(rows.columns[-13:])
    unsaid = {name: found - common - set(CONNECTOR.fills[name]) for name, found in filled.items()}
    assert not any(unsaid.values())


def test_fields_equal_what_python_hl7_reads(samples):
    compared = 0
    for path in [path for folder in TABLE for path in files(samples / "hl7v2" / folder)]:
        raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        said = header(raw)
        try:
            chunks = read(path)
        except ConnectorError:
            continue
        if len(chunks) != 1 or said is None or not said.separators.usual or chunks[0].records.height != 1:
            continue
        other = hl7.parse(raw.decode().replace("\r\n", "\r").replace("\n", "\r"))
        compared += _compare(chunks[0], other)
    assert compared > 600


def _compare(chunk: Chunk, other: hl7.Message) -> int:
    """Cells of ours against those of python-hl7, which keeps escapes and splits where we resolve them."""
    count = 0
    for table, name, fields in FIELDS:
        if table not in chunk.tables:
            continue
        rows = chunk.tables[table].filter(pl.col("source_table") == name)
        theirs = [each for each in other if str(each[0]) == name and ASKED.get(name, _every)(each)]
        assert rows.height == len(theirs)
        for column, place, part in fields:
            expected = [_cell(each, place, part) for each in theirs]
            assert rows[column].to_list() == expected, (table, column)
            count += len(expected)
    return count


def _every(segment: hl7.Segment) -> bool:
    return True


def _is_result(segment: hl7.Segment) -> bool:
    return str(segment[2]) not in ("ED", "RP")


def _cell(segment: hl7.Segment, place: int, part: int) -> str | None:
    """A component of the first repetition, unescaped; None where it is empty."""
    if place >= len(segment):
        return None
    first = str(segment[place]).split("~")[0]
    parts = first.split("^")
    text = parts[part - 1] if part <= len(parts) else ""
    for sequence, sign in (("\\T\\", "&"), ("\\F\\", "|"), ("\\S\\", "^"), ("\\R\\", "~"), ("\\E\\", "\\")):
        text = text.replace(sequence, sign)
    return text or None


ASKED = {"OBX": _is_result}
FIELDS = (
    ("patient", "PID", (("phone", 13, 1),)),
    ("condition", "DG1", (("code", 3, 1),)),
    ("procedure", "PR1", (("code", 3, 1), ("anesthetist_id", 8, 1))),
    ("observation", "OBX", (("item_code", 3, 1), ("unit", 6, 1))),
    ("medication", "RXA", (("drug_code", 5, 1), ("dose_unit", 7, 2))),
    ("medication", "RXE", (("drug_code", 2, 1), ("form_code", 6, 1))),
)

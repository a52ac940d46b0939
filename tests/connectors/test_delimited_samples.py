"""Real files that others wrote: every one is read or refused in a sentence, and no record is lost."""

from pathlib import Path

import polars as pl
import pytest

from connectors.connector import Context
from connectors.delimited.layout import look
from connectors.delimited.rows import rows
from connectors.errors import Unreadable
from connectors.kinds.delimited import CONNECTOR

CONTEXT = Context(site="s", batch="b", file="f")
ORGANIZATION = """
target = "organization"
[columns]
uscc = { absent = "Not in the file." }
ws218_code = { absent = "Not in the file." }
nhsa_code = { absent = "Not in the file." }
org_class_code = { absent = "Not in the file." }
level_code = { absent = "Not in the file." }
grade_code = { absent = "Not in the file." }
tier = { absent = "Not in the file." }
ownership_code = { absent = "Not in the file." }
admin_div_code = { absent = "Not in the file." }
parent_org_code = { absent = "Not in the file." }
emr_level = { absent = "Not in the file." }
interop_level = { absent = "Not in the file." }
valid_from = { absent = "Not in the file." }
valid_to = { absent = "Not in the file." }
"""

pytestmark = pytest.mark.samples


def mapping(folder: Path, key: str) -> Path:
    """The smallest mapping: one column is the key and the name; everything else goes to extra."""
    path = folder / "small.toml"
    head = f"source = \"SMALL\"\npartial = true\nkey = ['''{key}''']\nperson = ['''{key}''']\n"
    path.write_text(head + ORGANIZATION + f"org_name = {{ from = '''{key}''' }}\n", "utf-8")
    return path


def every(samples: Path) -> list[Path]:
    return sorted(path for room in ("tabular", "cn", "linkage") for path in (samples / room).rglob("*.csv"))


def test_every_delimited_sample_is_conserved_and_its_rows_tie_to_its_records(samples, tmp_path):
    read_files = 0
    for path in every(samples):
        try:
            layout, _ = look(path)
        except Unreadable:
            assert path.stat().st_size == 0 or path.name == "completely-empty-file.csv"
            continue
        if layout.header[0] in layout.doubled or "'''" in layout.header[0]:
            continue
        source = CONNECTOR.open(path, mapping=mapping(tmp_path, layout.header[0]))
        read, made = 0, 0
        for chunk in source.chunks(CONTEXT):
            chunk.check()
            read, made = read + chunk.read, made + chunk.records.height
            if chunk.tables:
                assert chunk.tables["organization"].height == chunk.records.height
        assert read >= made
        read_files += 1
    assert read_files > 50


def test_multi_line_cells_in_gb18030_are_read_as_the_standard_library_reads_them(samples):
    import csv

    (path,) = (samples / "cn" / "toyhom-dialogue").glob("*.csv")
    layout, _ = look(path)
    assert (layout.encoding.name, layout.header[0]) == ("gb18030", "department")
    ours = pl.concat([piece.cells for piece in rows(path, layout, 1 << 18) if piece.cells.width]).fill_null("").rows()
    with path.open(encoding="gb18030", errors="replace", newline="") as file:
        theirs = [tuple(row) for row in csv.reader(file)][1:]
    lost = sum(piece.rejects.height for piece in rows(path, layout))
    assert len(theirs) == len(ours) + lost
    assert [row for row in ours if row not in set(theirs)] == []


def test_too_much_data_is_rejected_with_its_place_and_the_rest_is_kept(samples):
    path = samples / "tabular/reportstream-csv/test/csv_test_files/input/too-much-data.csv"
    layout, _ = look(path)
    (piece,) = rows(path, layout)
    assert piece.rejects.select("position", "line", "reason").rows() == [(1, 2, "too-many-cells")]


def test_the_numbers_of_a_clean_table_are_those_of_its_lines(samples):
    path = samples / "tabular/reportstream-csv/test/csv_test_files/input/1001-lines.csv"
    layout, _ = look(path)
    pieces = list(rows(path, layout))
    lines = [line for line in path.read_bytes().splitlines()[1:] if line]
    assert sum(piece.read for piece in pieces) == len(lines)

"""Workbooks drawn in a test: small XLSX and ODS packages from the XML of their sheets, and a mapping that fits them."""

import zipfile
from pathlib import Path

from connectors.connector import Context
from connectors.kinds.workbook import CONNECTOR

MAPPING = """
source = "CLINIC"
key = ["就诊号"]
person = ["病历号"]

[[table]]
target = "patient_identifier"
[table.columns]
id_type_code = { value = "1" }
id_value = { from = "身份证号", read_as = "identifier" }
check_ok = { from = "身份证号", read_as = "resident-id-ok" }
assigner_org = { absent = "Not said." }
first_seen = { from = "就诊日期" }
last_seen = { absent = "Not said." }
"""
HEADER = ["就诊号", "病历号", "身份证号", "就诊日期"]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def mapping(folder: Path, text: str = MAPPING) -> Path:
    """The mapping in a file."""
    path = folder / "clinic.toml"
    path.write_text(text, "utf-8")
    return path


def package(
    path: Path, sheets: dict[str, str], *, strings: str = "", styles: str = "", more: dict[str, bytes] | None = None
) -> Path:
    """An XLSX whose sheets hold this XML; `strings` and `styles` are the insides of their parts."""
    links, named = [], []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, xml) in enumerate(sheets.items(), 1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", xml)
            links.append(
                f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            )
            named.append(f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>')
        for part, inside in (("sharedStrings", strings), ("styles", styles)):
            if inside:
                links.append(f'<Relationship Id="{part}" Type="{OFFICE}/{part}" Target="{part}.xml"/>')
                archive.writestr(f"xl/{part}.xml", inside)
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{"".join(named)}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{"".join(links)}</Relationships>'
        )
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return path


def sheet(rows: str, before: str = "") -> str:
    """A sheet around its rows."""
    return f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def row(number: int, *cells: str) -> str:
    """A row of inline strings, all from column A on; a cell that begins with `<` is taken as its XML."""
    made = [
        cell if cell.startswith("<") else f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for place, cell in enumerate(cells)
    ]
    return f'<row r="{number}">{"".join(made)}</row>'


def came_of(path: Path, given: Path | None):
    """All chunks of a file, each of them checked: (records read, identifiers by row, rejects)."""
    import polars as pl

    chunks = list(CONNECTOR.open(path, None, given).chunks(Context("A", "b", "f")))
    for chunk in chunks:
        chunk.check()
    tables = [chunk.tables["patient_identifier"] for chunk in chunks if "patient_identifier" in chunk.tables]
    made = pl.concat(tables) if tables else pl.DataFrame()
    rejects = pl.concat([chunk.rejects for chunk in chunks])
    return sum(chunk.read for chunk in chunks), made, rejects

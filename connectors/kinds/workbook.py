"""Workbooks: XLSX, XLSM, XLS and ODS, and the HTML and XML that hospital systems save as `.xls`.

Which columns mean what comes from a profile or a mapping, sheet by sheet; never from here. Macros are never run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from connectors.chunk import RECORDS, REJECTS, Chunk
from connectors.connector import Context, Sniffed, Source
from connectors.delimited.looking import headed
from connectors.errors import ConnectorError, UnknownFormat, Unreadable
from connectors.fitting import distinct
from connectors.landing.mapping import refused
from connectors.looked import Fact, Looked
from connectors.looked import Part as Seen
from connectors.profiles import best, near
from connectors.workbook import forms
from connectors.workbook.fitting import Left, fitted
from connectors.workbook.header import Header, Row, likeliest
from connectors.workbook.package import Part
from connectors.workbook.sheet import Sheet, as_csv, head


@dataclass
class WorkbookFile:
    """A workbook with the sheets that are read, each with its mapping, and those that are left."""

    path: Path
    sheets: list[Sheet]
    left: list[Left]
    profile: str = field(init=False)
    mapping_version: str = field(init=False)

    def __post_init__(self) -> None:
        used = {each.mapping.name: each.mapping.version for each in self.sheets}
        self.profile, self.mapping_version = "+".join(used), "+".join(used.values())

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Sheet after sheet; peak memory is that of one piece and the workbook's shared strings. Raises Unreadable."""
        read = 0
        for each in self.left:
            read += 1
            yield _one_reject(read, each)
        for sheet in self.sheets:
            for chunk in sheet.chunks(context, read):
                read += chunk.read
                yield chunk


def _one_reject(position: int, left: Left) -> Chunk:
    row = (position, 0, left.number, left.part.name, left.reason, True, left.raw)
    return Chunk(1, pl.DataFrame(schema=RECORDS), {}, pl.DataFrame([row], schema=REJECTS, orient="row"))


@dataclass(frozen=True)
class Workbook:
    """The connector."""

    kind: str = "workbook"
    means: str = (
        "Spreadsheets: XLSX, XLSM, XLS, ODS, and HTML or XML called .xls; front pages, any table with a mapping."
    )
    takes_mapping: bool = True
    zh: str = "电子表格：XLSX、XLS、ODS 及名为 .xls 的 HTML/XML；病案首页及自有表（需映射）"

    def sniff(self, path: Path) -> Sniffed | None:
        """From the first rows of each sheet; None for what is no workbook."""
        try:
            found = forms.form(path)
            if not found:
                return None
            parts = forms.parts(path)
        except (ConnectorError, OSError) as error:
            return Sniffed(self.kind, "", 0.6, f"A workbook that cannot be read: {error}", "工作簿无法读取")
        laid = f"{forms.SPOKEN[found]}, {len(parts)} sheet{'s' * (len(parts) > 1)}"
        laid_zh = f"{forms.SPOKEN[found]}，{len(parts)} 个工作表"
        profile, nearest, why = self._known(path)
        if profile:
            return Sniffed(
                self.kind, profile, 0.95, f"A header is that of {profile}: {laid}.", f"表头符合规范：{laid_zh}"
            )
        close, close_zh = (f"Nearest is {nearest}.", f"最接近 {nearest}") if nearest else (
            "`guantong map` proposes a mapping.", "可用 guantong map 生成映射"
        )  # fmt: skip
        close = why or close
        return Sniffed(self.kind, "", 0.7, f"{laid}; no profile fits. {close}", f"{laid_zh}；无匹配规范，{close_zh}")

    def _known(self, path: Path) -> tuple[str, str, str]:
        """The first profile that a visible sheet fits, the one that comes nearest, and why a table is refused."""
        nearest = why = ""
        for part in forms.parts(path):
            try:
                header = likeliest(head(path, part)) if part.state == "visible" else None
            except Unreadable:
                continue
            names = distinct(header.names) if header else ()
            if (profile := best(names)) is not None:
                return profile.name, "", ""
            nearest, why = nearest or near(names)[0], why or refused(names)
        return "", nearest, why

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """Raises UnknownFormat, NoSuchKind, BadMapping or Unreadable."""
        return WorkbookFile(path, *fitted(path, profile, mapping))

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """The sheets, their columns, and how each would be read."""
        try:
            sheets, left = fitted(path, profile, mapping)
        except UnknownFormat:
            sheets, left = [], []
        read = {sheet.number: sheet for sheet in sheets}
        why = {each.number: each for each in left}
        parts = forms.parts(path)
        seen = [self._seen(path, number, read.get(number), why.get(number)) for number in range(1, len(parts) + 1)]
        facts = [Fact("form", "格式", forms.SPOKEN[forms.form(path)]), Fact("sheets", "工作表", str(len(parts)))]
        first = next((each.looked for each in seen if each.kind), seen[0].looked)
        mapped = {name: ways for each in seen for name, ways in each.looked.mapped.items()}
        rest = tuple(name for name in first.unmapped if name not in mapped)
        return Looked(facts, None, False, mapped, rest, first.unnamed, first.nearest, first.missing, tuple(seen))

    def _seen(self, path: Path, number: int, sheet: Sheet | None, left: Left | None) -> Seen:
        part = forms.parts(path)[number - 1]
        if sheet is not None:
            facts = [
                Fact("header in row", "表头行", str(sheet.header.top + 1)),
                Fact("columns", "列数", str(len(sheet.columns))),
            ]
            beneath = self._beneath(path, part, sheet.header)
            looked = headed(sheet.columns, sheet.mapping, facts, None, whole=False, beneath=beneath)
            return Seen(part.name, self.kind, sheet.mapping.name, looked)
        header = left.header if left else likeliest(head(path, part))
        if header is None:
            return Seen(part.name, "", "", Looked(), "It is empty.", "空表")
        columns = [Fact("columns", "列数", str(len(header.names)))]
        beneath = self._beneath(path, part, header)
        looked = headed(distinct(header.names), None, columns, None, whole=False, beneath=beneath)
        if part.state != "visible":
            return Seen(part.name, "", "", looked, "It is hidden; unhide it to have it read.", "隐藏工作表，不读取")
        return Seen(part.name, "", "", looked, "No mapping and no profile fits.", "无匹配的映射或规范")

    def _beneath(self, path: Path, part: Part, header: Header) -> list[Row] | None:
        """The first records of a table in HTML, whose end of a row may be lost; the other forms keep rows apart."""
        return head(path, part)[header.below :] if forms.form(path) == "html" else None

    def place(self, line: int, offset: int) -> str:
        """Where a row stands, in words: workbooks have sheets and rows, and no bytes."""
        return f"sheet {offset}, row {line}"

    def raw(self, path: Path, line: int, offset: int, _length: int) -> bytes:
        """The row with this number of the sheet `offset`, as a line of CSV; empty where it is not there."""
        part = forms.parts(path)[offset - 1]
        for grid in forms.grids(path, part):
            found = (grid.lines == line).nonzero()[0]
            if len(found):
                at = int(found[0])
                faults = {row["place"]: row["raw"] for row in grid.faults.filter(pl.col("line") == line).to_dicts()}
                width = max(int(name) for name in grid.cells.columns) + 1
                row = dict(zip(grid.cells.columns, grid.cells.row(at), strict=True))
                return as_csv([row.get(str(place)) or faults.get(place) for place in range(width)])
        return b""


CONNECTOR = Workbook()

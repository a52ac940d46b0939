"""dBase tables: the front-page export of HQMS in its first layout, and whatever old hospital systems keep in .dbf.

Which columns mean what comes from a profile, found from the whole header, or from a mapping file; never from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.chunk import Chunk
from connectors.conform import Conformer
from connectors.connector import Context, Sniffed, Source
from connectors.dbf.layout import HEAD, Layout, is_dbf, look
from connectors.dbf.rows import rows
from connectors.delimited.looking import headed
from connectors.errors import ConnectorError, UnknownFormat
from connectors.fitting import fit
from connectors.landing.mapping import refused
from connectors.looked import Fact, Looked
from connectors.mapping import Mapping, load
from connectors.profiles import best, near


@dataclass
class DbfFile:
    """One table with its mapping; iterating reads it once."""

    path: Path
    layout: Layout
    mapping: Mapping
    profile: str = field(init=False)
    mapping_version: str = field(init=False)

    def __post_init__(self) -> None:
        self.profile, self.mapping_version = self.mapping.name, self.mapping.version

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Conformed pieces in file order; peak memory is that of one piece. Raises Unreadable."""
        conformer = Conformer(self.mapping, self.layout.header, context)
        for piece in rows(self.path, self.layout):
            yield conformer.chunk(
                piece.cells, piece.places, piece.rejects, piece.raw_of, read=piece.read, size=piece.bytes_read
            )


@dataclass(frozen=True)
class Dbf:
    """The connector."""

    kind: str = "dbf"
    means: str = "dBase and FoxPro tables (.dbf with .fpt or .dbt): HQMS front pages, any table with a mapping."
    takes_mapping: bool = True
    zh: str = "dBase/FoxPro 表（.dbf）：HQMS 病案首页及自有表（需映射）"

    def sniff(self, path: Path) -> Sniffed | None:
        """From the header; None for what is no dBase table."""
        try:
            with path.open("rb") as content:
                if not is_dbf(content.read(HEAD)):
                    return None
            layout = look(path)
        except (ConnectorError, OSError) as error:
            return Sniffed(self.kind, "", 0.6, f"A dBase table that cannot be read: {error}", "dBase 表无法读取")
        laid = f"dBase table, {len(layout.fields)} columns, {layout.whole} records, {layout.encoding}"
        laid_zh = f"dBase 表，{len(layout.fields)} 列，{layout.whole} 条，编码 {layout.encoding}"
        profile = best(layout.header)
        if profile is not None:
            why, zh = f"The header is that of {profile.name}: {laid}.", f"表头符合 {profile.about.zh}：{laid_zh}"
            return Sniffed(self.kind, profile.name, 0.99, why, zh)
        nearest = near(layout.header)[0]
        close = refused(layout.header) or (
            f"Nearest is {nearest}." if nearest else "`guantong map` proposes a mapping."
        )
        return Sniffed(self.kind, "", 0.9, f"{laid}; no profile fits. {close}", f"{laid_zh}；无匹配规范")

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """Raises UnknownFormat, NoSuchKind, BadMapping or Unreadable."""
        declared = load(mapping).about.encoding if mapping is not None and mapping.is_file() else ""
        layout = look(path, declared)
        chosen = fit(path.name, layout.header, profile, mapping, layout.doubled)
        if chosen.about.encoding and not declared:
            layout = look(path, chosen.about.encoding)
        return DbfFile(path, layout, chosen)

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """Layout and columns, and how they would be read."""
        layout = look(path)
        try:
            chosen = fit(path.name, layout.header, profile, mapping, layout.doubled)
        except UnknownFormat:
            chosen = None
        facts = [
            Fact("encoding", "编码", f"{layout.encoding}, from the {layout.encoding_from}"),
            Fact("version", "版本", f"0x{layout.version:02X}"),
            Fact("columns", "列数", str(len(layout.fields))),
            Fact("records that the header claims", "表头记录数", str(layout.claimed)),
        ]
        return headed(layout.header, chosen, facts, layout.whole, whole=True)


CONNECTOR = Dbf()

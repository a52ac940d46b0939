"""Delimited text: CSV and its relatives in every encoding and layout that hospitals' exporters write.

Which columns mean what comes from a profile, found from the whole header, or from a mapping file; never from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.chunk import Chunk
from connectors.conform import Conformer
from connectors.connector import Context, Sniffed, Source
from connectors.delimited.bytes_of import pieces
from connectors.delimited.fitting import fitted
from connectors.delimited.layout import HEAD, SPOKEN, Layout, look
from connectors.delimited.looking import looked
from connectors.delimited.rows import rows
from connectors.errors import ConnectorError, UnknownFormat, Unreadable
from connectors.landing.mapping import refused
from connectors.looked import Looked
from connectors.mapping import Mapping
from connectors.profiles import best, near
from connectors.sql.dump import is_dump

_DUMP_SHOWS = 4096  # bytes in which a dump of a database shows itself
_OTHERS = (
    b"{",
    b"[",
    b"<",
    b"MSH|",
    b"FHS|",
    b"BHS|",
    b"PK\x03\x04",
    b"PAR1",
    b"%PDF",
    b"\x89PNG",
    b"ARROW1",
    b"SQLite",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x7fELF",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
)


@dataclass
class DelimitedFile:
    """One delimited file with its mapping; iterating reads it once."""

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
            if piece.cells.width:
                yield conformer.chunk(
                    piece.cells, piece.places, piece.rejects, piece.raw_of, read=piece.read, size=piece.bytes_read
                )
            else:
                yield conformer.nothing(piece.rejects, piece.read, piece.bytes_read)


@dataclass(frozen=True)
class Delimited:
    """The connector."""

    kind: str = "delimited"
    means: str = "CSV and other delimited text: front pages, statistics forms, any table with a mapping."
    takes_mapping: bool = True
    zh: str = "分隔符文本：病案首页、统计报表及自有表（需映射）"

    def sniff(self, path: Path) -> Sniffed | None:
        """From the header and the first 64 KiB; None for what is surely something else."""
        try:
            if not _may_be_text(path):
                return None
            layout, _ = look(path)
        except ConnectorError:
            return None
        laid = f"{len(layout.header)} columns, {SPOKEN[layout.separator]}, {layout.encoding.label}"
        laid_zh = f"{len(layout.header)} 列，分隔符 {SPOKEN[layout.separator]}，编码 {layout.encoding.label}"
        profile = best(layout.header)
        if profile is not None:
            return Sniffed(
                self.kind,
                profile.name,
                0.95,
                f"The header is that of {profile.name}: {laid}.",
                f"表头符合 {profile.about.zh}：{laid_zh}",
            )
        nearest, missing = near(layout.header)
        close = refused(layout.header) or (
            f"Nearest is {nearest}, without {', '.join(missing)}." if nearest else "`guantong map` proposes a mapping."
        )
        close_zh = f"最接近 {nearest}，缺少 {'、'.join(missing)}" if nearest else "可用 guantong map 生成映射"
        why = f"Delimited text, {laid}; no profile fits. {close}"
        return Sniffed(
            self.kind,
            "",
            0.2 if len(layout.header) == 1 else 0.5,
            why,
            f"分隔符文本，{laid_zh}；无匹配规范，{close_zh}",
        )

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """Raises UnknownFormat, NoSuchKind, BadMapping or Unreadable."""
        layout, chosen = fitted(path, profile, mapping)
        return DelimitedFile(path, layout, chosen)

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """Layout and columns; where no mapping fits, the columns that the nearest profile knows stay unmapped."""
        try:
            layout, chosen = fitted(path, profile, mapping)
        except UnknownFormat:
            return looked(*look(path), None)
        return looked(layout, look(path, layout.encoding.name, SPOKEN[layout.separator])[1], chosen)


def _may_be_text(path: Path) -> bool:
    start = next(pieces(path, HEAD), b"")
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain.startswith(_OTHERS) or is_dump(plain[:_DUMP_SHOWS]):
        return False
    zeros = start.count(0)  # a few stand in one broken record; many are every other byte of UTF-16
    few = zeros <= max(1, len(start) // 1024)
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or few or zeros > len(start) // 8


CONNECTOR = Delimited()

__all__ = ["CONNECTOR", "Delimited", "DelimitedFile", "Unreadable"]

"""Parquet: a table with a header, read with a profile or a mapping like delimited text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.chunk import Chunk
from connectors.conform import Conformer
from connectors.connector import Connector, Context, Sniffed, Source
from connectors.delimited.looking import headed
from connectors.errors import ConnectorError, UnknownFormat
from connectors.fitting import fit
from connectors.landing.mapping import refused
from connectors.looked import Fact, Looked
from connectors.mapping import Mapping
from connectors.parquet.rows import is_parquet, row_text, rows, sheet
from connectors.profiles import best, near


@dataclass
class ParquetFile:
    """One Parquet file with its mapping; iterating reads it once."""

    path: Path
    header: tuple[str, ...]
    mapping: Mapping
    profile: str = field(init=False)
    mapping_version: str = field(init=False)

    def __post_init__(self) -> None:
        self.profile, self.mapping_version = self.mapping.name, self.mapping.version

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Conformed pieces in file order. Raises Unreadable."""
        conformer = Conformer(self.mapping, self.header, context)
        for piece in rows(self.path):
            yield conformer.chunk(
                piece.cells, piece.places, piece.rejects, piece.raw_of, read=piece.read, size=piece.bytes_read
            )


class Parquet:
    """The kind `parquet`. A row has no bytes of its own: its offset counts the rows before it."""

    kind = "parquet"
    means = "Parquet: any table with a mapping or the header of a known profile."
    takes_mapping = True
    zh = "Parquet 列式文件：表头符合规范或提供映射"

    def sniff(self, path: Path) -> Sniffed | None:
        """From the footer; None for what is no sound Parquet."""
        try:
            told = sheet(path) if is_parquet(path) else None
        except ConnectorError:
            return None
        if told is None:
            return None
        laid = f"Parquet, {len(told.header)} columns, {told.rows} rows"
        laid_zh = f"Parquet，{len(told.header)} 列，{told.rows} 行"
        profile = best(told.header)
        if profile is not None:
            return Sniffed(self.kind, profile.name, 0.95, f"{laid}; the header is that of {profile.name}.",
                           f"{laid_zh}；表头符合 {profile.about.zh}")  # fmt: skip
        nearest, missing = near(told.header)
        close = f"Nearest is {nearest}, without {', '.join(missing)}." if nearest else "Write a mapping for it."
        close = refused(told.header) or close
        return Sniffed(self.kind, "", 0.9, f"{laid}; no profile fits. {close}", f"{laid_zh}；无匹配规范，请编写映射")

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """Raises UnknownFormat, NoSuchKind, BadMapping or Unreadable."""
        header = sheet(path).header
        return ParquetFile(path, header, fit(path.name, header, profile, mapping))

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """What the footer says, and where its columns go."""
        told = sheet(path)
        try:
            chosen: Mapping | None = fit(path.name, told.header, profile, mapping)
        except UnknownFormat:
            chosen = None
        facts = [Fact("columns", "列数", str(len(told.header))), Fact("row groups", "行组", str(told.groups))]
        facts += [Fact("written by", "写入程序", told.made_by)] if told.made_by else []
        return headed(told.header, chosen, facts, told.rows, whole=True)

    def place(self, line: int, offset: int) -> str:  # noqa: ARG002 - both count rows
        """The row's number."""
        return f"row {line}"

    def raw(self, path: Path, line: int, offset: int, length: int) -> bytes:  # noqa: ARG002 - rows have no bytes
        """The row as CSV text. Raises Unreadable."""
        return row_text(path, offset)


CONNECTOR: Connector = Parquet()

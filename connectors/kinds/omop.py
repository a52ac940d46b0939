"""OMOP CDM 5.3 and 5.4: CSV or Parquet, a table a file, found by the whole header; zipped through `archive`."""

from pathlib import Path

from connectors.connector import Connector, Sniffed, Source
from connectors.delimited.bytes_of import pieces, slice_of
from connectors.errors import ConnectorError, NoSuchKind, UnknownFormat
from connectors.looked import Fact, Looked
from connectors.omop.beside import NAMES
from connectors.omop.derive import sources_of
from connectors.omop.laid import Laid, laid
from connectors.omop.source import OmopTable
from connectors.omop.table import Known, mappings
from connectors.parquet.rows import is_parquet, row_text
from connectors.reach import filled, reached

_OTHERS = (b"{", b"[", b"<", b"MSH", b"FHS", b"BHS", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x0bMSH")


class Omop:
    """The kind `omop`. Its profiles are the CDM's tables, found from the header; it takes no mapping."""

    kind = "omop"
    means = "OMOP CDM 5.4 and 5.3: CSV or Parquet, one table a file; concepts joined from the CONCEPT table beside."
    takes_mapping = False
    zh = "OMOP CDM 5.4/5.3：CSV 或 Parquet，每表一个文件，自动关联同目录 CONCEPT 表"
    beside = NAMES  # tables that others are read with: an archive lays them beside each other

    def __init__(self) -> None:
        self.fills = _fills()

    def sniff(self, path: Path) -> Sniffed | None:
        """Sure where the whole header is that of a CDM table, None for everything else."""
        try:
            start = next(pieces(path, 64), b"").removeprefix(b"\xef\xbb\xbf").lstrip()
            found = None if start.startswith(_OTHERS) else laid(path)
        except ConnectorError:
            return None
        if found is None:
            return None
        table, version = found.known.table, found.known.version
        why = f"The header is that of the CDM table {table.upper()}, version {version}."
        zh = f"表头符合 OMOP CDM {version} 的 {table.upper()} 表"
        if found.known.mapping is None:
            why, zh = f"{why} No shared table holds it: it is counted and passed over.", f"{zh}；共享库无对应表，仅计数"
        return Sniffed(self.kind, table, 0.97, why, zh)

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """Raises UnknownFormat where it is no CDM table, NoSuchKind where a mapping or another table is asked for."""
        return OmopTable(_known(path, profile, mapping))

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """Container, version and fields, with the columns that each reaches."""
        found = _known(path, profile, mapping)
        known = found.known
        facts = [Fact("CDM table", "CDM 表", known.table.upper()), Fact("CDM version", "版本", known.version)]
        ways = _ways(known)
        mapped = {name: ways[name] for name in known.renamed if name in ways}
        rest = [name for name in known.renamed if name not in ways]
        return Looked([*facts, *found.facts], found.records, found.whole, mapped, tuple(rest))

    def place(self, line: int, offset: int) -> str:  # noqa: ARG002 - lines and rows are numbered
        """The line of the text, or the row of the Parquet file."""
        return f"line or row {line}"

    def raw(self, path: Path, line: int, offset: int, length: int) -> bytes:  # noqa: ARG002 - places say it
        """The record as it stands in the text; a row of a Parquet file as CSV. Raises Unreadable."""
        return row_text(path, offset) if is_parquet(path) else slice_of(path, offset, length)


def _ways(known: Known) -> dict[str, list[str]]:
    """Field -> the columns it reaches, by itself or through what is derived from it."""
    found: dict[str, set[str]] = {}
    behind = sources_of(known.table)
    for name, targets in (reached(known.mapping) if known.mapping else {}).items():
        for field in behind.get(name, (name,)):
            found.setdefault(field, set()).update(targets)
    return {name: sorted(targets) for name, targets in found.items()}


def _known(path: Path, profile: str | None, mapping: Path | None) -> Laid:
    if mapping is not None:
        raise NoSuchKind("omop takes no mapping: the CDM says itself what its fields mean. Leave --mapping out.")
    found = laid(path)
    if found is None:
        raise UnknownFormat(f"{path.name}: its header is that of no CDM table. Run `guantong sniff` on it.")
    if profile is not None and profile != found.known.table:
        raise NoSuchKind(f"{path.name} is the CDM table {found.known.table}. Leave --profile out.")
    return found


def _fills() -> dict[str, tuple[str, ...]]:
    columns: dict[str, set[str]] = {}
    for mapping in mappings().values():
        for table, names in filled(mapping).items():
            columns.setdefault(table, set()).update(names)
    return {table: tuple(sorted(names)) for table, names in sorted(columns.items())}


CONNECTOR: Connector = Omop()

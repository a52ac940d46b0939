"""ZIP archives of exports: every file inside read by the kind that knows it; workbooks, ZIP too, are no archives."""

from collections.abc import Mapping
from pathlib import Path

from connectors.archive.looking import looked
from connectors.archive.members import EMPTY, MAGIC, is_office, members, opened
from connectors.archive.source import SELF, SHIFT, ArchiveFile, Asked, surest
from connectors.archive.unpacked import unpacking
from connectors.connector import Connector, Places, Sniffed, Source
from connectors.delimited.bytes_of import slice_of
from connectors.errors import Unreadable
from connectors.looked import Looked


class Archive:
    """The kind `archive`: ZIP with anything inside that another kind reads. An archive in an archive is not opened."""

    kind = SELF
    means = "ZIP of exports: OMOP folders, front pages, FHIR, HL7; each file inside is read by its own kind."
    takes_mapping = True
    zh = "ZIP 压缩包：内含文件按各自类型读取（OMOP、病案首页、FHIR、HL7 等）"

    def sniff(self, path: Path) -> Sniffed | None:
        """Sure for a ZIP that is no workbook; None for everything else, and for one that is cut off."""
        try:
            if not _is_zip(path):
                return None
            with opened(path) as archive:
                if is_office(archive):
                    return None
                names = [member.base.lower() for member in members(archive)]
        except Unreadable:
            return None
        count = len(names)
        why = f"A ZIP archive of {count} files; each is read by its own kind."
        sure = 0.5 if names and all(name.endswith(".xml") for name in names) else 0.9  # `cda` knows them better
        return Sniffed(self.kind, "", sure, why, f"ZIP 压缩包，含 {count} 个文件，逐个按类型读取")

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """Raises Unreadable where it is no whole archive. `profile` and `mapping` are for the tables inside."""
        with opened(path):
            pass
        return ArchiveFile(path, _others(), Asked(profile, mapping))

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:  # noqa: ARG002
        """What is inside, member by member."""
        return looked(path, _others(), mapping)

    def place(self, line: int, offset: int) -> str:
        """The member's number, and the line in it."""
        return f"file {(offset >> SHIFT) + 1} inside the archive, line {line}"

    def raw(self, path: Path, line: int, offset: int, length: int) -> bytes:
        """The record, from the member that its offset names. Raises Unreadable."""
        number, inside = offset >> SHIFT, offset & ((1 << SHIFT) - 1)
        with opened(path) as archive, unpacking(archive) as room:
            member = next((each for each in members(archive) if each.number == number), None)
            if member is None or member.refused:
                return b""
            with room.one(member) as unpacked:
                guess = surest(unpacked.path, _others())
                connector = _others()[guess.kind] if guess else None
                if isinstance(connector, Places):
                    return connector.raw(unpacked.path, line, inside, length)
                return slice_of(unpacked.path, inside, length)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in (MAGIC, EMPTY)
    except OSError:
        return False


def _others() -> Mapping[str, Connector]:
    from connectors.kinds import kinds

    return {name: each for name, each in kinds().items() if name != SELF}


CONNECTOR: Connector = Archive()

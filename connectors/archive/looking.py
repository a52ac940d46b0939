"""What an archive holds: each file inside looked at by the kind that knows it, from its head where it is large."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from connectors.archive.members import Member, members, opened
from connectors.archive.source import beside, surest
from connectors.archive.unpacked import Unpacked, Unpacking, unpacking
from connectors.connector import Connector
from connectors.errors import ConnectorError, NoSuchKind
from connectors.looked import Fact, Looked, Looks, Part
from connectors.reason import REASONS

HEAD = 2 << 20
WHOLE = 8 << 20  # members up to this size are unpacked whole: some formats have their directory at their end
MOST = 200


def looked(path: Path, kinds: Mapping[str, Connector], mapping: Path | None = None) -> Looked:
    """Every member, the first 200 of them by their content. Raises Unreadable where the archive cannot be opened."""
    with opened(path) as archive, unpacking(archive) as room:
        inside = list(members(archive))
        kept = {each.number: room.keep(each) for each in beside(inside, kinds) if each.info.file_size <= WHOLE}
        parts = [_part(member, room, kept.get(member.number), kinds, mapping) for member in inside[:MOST]]
        size = sum(member.info.file_size for member in inside)
        packing = sorted({str(member.info.compress_type) for member in inside})
    facts = [Fact("files inside", "内含文件", str(len(inside))), Fact("unpacked", "解压后", f"{size:,} bytes")]
    facts.append(Fact("packing", "压缩方法", ", ".join(METHODS.get(name, name) for name in packing)))
    mapped = {part.name: tuple(part.looked.fills()) for part in parts if part.looked.fills()}
    return Looked(facts, None, len(inside) <= MOST, mapped, tuple(p.name for p in parts if not p.kind), parts=parts)


METHODS = {"0": "stored", "8": "deflate", "12": "bzip2", "14": "lzma"}


def _part(
    member: Member, room: Unpacking, kept: Unpacked | None, kinds: Mapping[str, Connector], mapping: Path | None
) -> Part:
    if member.refused:
        return Part(member.name, "", "", Looked(), REASONS[member.refused].means, REASONS[member.refused].zh)
    try:
        at_most = None if member.info.file_size <= WHOLE else HEAD
        with nullcontext(kept) if kept is not None else room.one(member, at_most) as unpacked:
            guess = surest(unpacked.path, kinds)
            if guess is None:
                reason = REASONS[unpacked.damage or "unread-member"]
                return Part(member.name, "", "", Looked(), reason.means, reason.zh)
            connector = kinds[guess.kind]
            said = mapping if connector.takes_mapping else None
            found = connector.look(unpacked.path, None, said) if isinstance(connector, Looks) else Looked()
            return Part(member.name, guess.kind, guess.profile, found, guess.why, guess.why_zh)
    except NoSuchKind:
        raise
    except ConnectorError as error:
        return Part(member.name, "", "", Looked(), str(error))

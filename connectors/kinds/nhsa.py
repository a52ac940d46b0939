"""JSON of the insurance platform's interfaces: settlement lists, front pages, reports; one document, many, or lines.

What their fields mean is said by the profiles `nhsa_*`; never here.
"""

import json
import re
from hashlib import sha256
from pathlib import Path

from connectors.connector import Connector, Sniffed, Source
from connectors.encoding import detect
from connectors.errors import DoesNotFit, NoSuchKind
from connectors.head import head_of
from connectors.looked import Looked
from connectors.mapping import Mapping, load
from connectors.nhsa.interface import KNOWN, MAIN, SAME, of_entry
from connectors.nhsa.source import NhsaFile
from connectors.profiles import profiles

PREFIX = "nhsa_"
_NUMBER = re.compile(rb'"infno"\s*:\s*"\s*(\w{1,8})\s*"', re.IGNORECASE)
_NODE = re.compile(rb'"(' + "|".join(MAIN.values()).encode() + rb')"\s*:\s*[\[{]', re.IGNORECASE)
_KEY = re.compile(rb'"(\w{1,40})"\s*:')


class Nhsa:
    """The kind `nhsa`. A profile reads only its interface; a mapping takes the place of the profile it is made from."""

    kind = "nhsa"
    means = "NHSA JSON: settlement list 4101, front page 4401, reports 4501-4506; one document, arrays, lines, gzip."
    takes_mapping = True
    zh = "医保接口 JSON：结算清单 4101、病案首页 4401、检查检验报告 4501-4506"

    def sniff(self, path: Path) -> Sniffed | None:
        """Sure by the interface's number or a node that only it has; None for anything else."""
        head = head_of(path).removeprefix(b"\xef\xbb\xbf").lstrip()
        if head[:1] not in (b"{", b"["):
            return None
        numbers = [
            SAME.get(name, name) for each in _NUMBER.findall(head) if (name := each.decode("ascii", "replace").upper())
        ]
        nodes = [each.decode().lower() for each in _NODE.findall(head)]
        found = [number for number in numbers if number in KNOWN]
        found += [interface for interface, node in MAIN.items() if node in nodes]
        if not found and b'"resourceType"' not in head:
            keys = {each.decode().lower(): "" for each in _KEY.findall(head)}
            found = [interface] if (interface := of_entry(keys)) and {"mdtrt_sn", "mdtrt_id"} & set(keys) else []
        encoding = detect(head).label
        if found:
            named = list(dict.fromkeys(found))
            return self._told(named, encoding, 0.98 if numbers or nodes else 0.6)
        if numbers:
            why = f"JSON of interface {numbers[0]} of the insurance platform; no shared table holds it yet; {encoding}."
            return Sniffed(self.kind, "", 0.5, why, f"医保接口 {numbers[0]} 的 JSON，共享库暂无对应表；编码 {encoding}")
        return None

    def _told(self, named: list[str], encoding: str, sure: float) -> Sniffed:
        also = f" and {', '.join(named[1:])}" if named[1:] else ""
        zh = "、".join(named)
        profile = PREFIX + named[0]
        return Sniffed(
            self.kind, profile, sure, f"JSON of interface {named[0]}{also} of the insurance platform; {encoding}.",
            f"医保接口 {zh} 的 JSON；编码 {encoding}",
        )  # fmt: skip

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """The file, ready to be read. Raises NoSuchKind for a profile that is not there, BadMapping."""
        return self._file(path, profile, mapping)

    def _file(self, path: Path, profile: str | None, mapping: Path | None) -> NhsaFile:
        rules = {name.removeprefix(PREFIX): each for name, each in profiles().items() if each.about.kind == self.kind}
        if mapping is not None:
            rules |= {own.source.removeprefix(PREFIX): own for own in _own(path, mapping)}
        if profile is not None:
            rules = _only(path, rules, profile)
        version = sha256(json.dumps({name: each.version for name, each in sorted(rules.items())}).encode())
        return NhsaFile(path, rules, profile or "", version.hexdigest()[:16])

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """The interfaces of the first records, and which of their fields reach the shared tables."""
        return self._file(path, profile, mapping).looked()


def _only(path: Path, rules: dict[str, Mapping], profile: str) -> dict[str, Mapping]:
    """The one profile that was asked for. One of another kind is for other files of the same batch."""
    if profile.removeprefix(PREFIX) in rules:
        return {profile.removeprefix(PREFIX): rules[profile.removeprefix(PREFIX)]}
    known = ", ".join(PREFIX + name for name in rules)
    if profile in profiles():
        raise DoesNotFit(
            path.name, f"is NHSA JSON, and `{profile}` is a profile of another kind", f"There are: {known}."
        )
    raise NoSuchKind(f"The kind nhsa has no profile `{profile}`. There are: {known}.")


def _own(path: Path, given: Path) -> list[Mapping]:
    """A site's own mapping: a profile folder of this kind, changed; of a folder of mappings those of this kind."""
    several = given.is_dir() and not (given / "profile.toml").is_file()
    every = [load(file) for file in sorted(given.glob("*.toml"))] if several else [load(given)]
    own = [each for each in every if each.about.kind == Nhsa.kind and each.source.removeprefix(PREFIX) in KNOWN]
    if not own and not several:
        raise DoesNotFit(given.name, f"is no mapping of NHSA JSON, which {path.name} is",
                         "Begin with a copy of connectors/profiles/nhsa_4101, or leave it out.")  # fmt: skip
    return own


CONNECTOR: Connector = Nhsa()

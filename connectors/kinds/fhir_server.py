"""A FHIR server, described by a TOML file and asked by Bulk Data Access; what it exports is read as `fhir_r4`."""

from pathlib import Path
from typing import TYPE_CHECKING

from connectors.connector import Asker, Connector, Sniffed, Source
from connectors.description import kind_of
from connectors.errors import BadMapping, UnknownFormat
from connectors.feed import Feed
from connectors.looked import Fact, Looked

if TYPE_CHECKING:
    from connectors.fhir_server.describe import Description

KIND = "fhir_server"


class FhirServerKind:
    """The kind `fhir_server`: its files are descriptions, and hold no record."""

    kind = KIND
    means = "A FHIR server, asked by Bulk Data $export as its TOML description says; SMART Backend Services."
    takes_mapping = False
    zh = "FHIR 服务器（Bulk Data $export，SMART 后端服务认证），由 TOML 描述"

    def sniff(self, path: Path) -> Sniffed | None:
        """Sure where a TOML file names this kind; None for anything else. Asks nothing."""
        if kind_of(path) != KIND:
            return None
        try:
            about = _about(path)
        except BadMapping as error:
            return Sniffed(
                KIND, "", 0.99, f"A description that cannot be used yet. {error}", "描述文件有误，详见英文说明"
            )
        types = about.asked_types
        what = f"{about.export} export of {len(types)} types"
        return Sniffed(
            KIND, "", 0.99, f"Describes the FHIR server {_host(about.base_url)}: {what}; `ingest` asks it.",
            f"描述 FHIR 服务器 {_host(about.base_url)}：导出 {len(types)} 种资源；由 `ingest` 查询",
        )  # fmt: skip

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:  # noqa: ARG002
        """Raises UnknownFormat: there is nothing in a description to read."""
        raise UnknownFormat(f"{path.name} describes a server and holds no records. `guantong ingest` asks it.")

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:  # noqa: ARG002
        """What would be asked, and where it would go. Raises BadMapping."""
        from connectors.fhir.resources import RESOURCES

        about = _about(path)
        who = "SMART Backend Services" if about.smart else "bearer token" if about.bearer else "nobody"
        facts = [
            Fact("server", "服务器", _host(about.base_url)),
            Fact("export", "导出范围", about.export.partition("/")[0]),
            Fact("who asks", "认证", who),
            Fact("from", "起始", about.since or "the last export"),
        ]
        mapped = {name: (RESOURCES[name].table,) for name in about.asked_types if name in RESOURCES}
        return Looked(facts, None, whole=False, mapped=mapped,
                      unmapped=tuple(name for name in about.asked_types if name not in RESOURCES))  # fmt: skip

    def feed(self, path: Path, at_most: int | None = None) -> Feed:
        """The described server. Opens no connection. Raises BadMapping."""
        from connectors.fhir_server.feed import FhirServer

        return FhirServer(path, _about(path), at_most)


def _about(path: Path) -> "Description":
    from connectors.fhir_server.describe import description

    return description(path)


def _host(url: str) -> str:
    from connectors.fhir_server.address import hosts_of

    return hosts_of([url])[0]


CONNECTOR: Connector = FhirServerKind()
ASKER: Asker = FhirServerKind()

"""FHIR R4 as files: NDJSON of a Bulk Data export, bundles of every type, arrays, single resources; zipped or not."""

from pathlib import Path

from connectors.connector import Connector, Sniffed, Source
from connectors.errors import NoSuchKind
from connectors.fhir.fills import FILLS
from connectors.fhir.looking import looked
from connectors.fhir.source import FhirSource
from connectors.head import LOOK_AT, head_of, is_packed
from connectors.looked import Looked


class FhirR4:
    """The kind `fhir_r4`. It has no profiles and takes no mapping: FHIR says itself what its elements mean."""

    kind = "fhir_r4"
    means = "FHIR R4: NDJSON, bundles, arrays or single resources, gzip or plain."
    takes_mapping = False
    fills = FILLS
    zh = "FHIR R4：NDJSON、Bundle、数组或单个资源，可为 gzip"

    def sniff(self, path: Path) -> Sniffed | None:
        """Sure when the head names a resourceType, unsure where the first MiB does, None for anything else.

        JSON that names none is no FHIR: each of its entries would be rejected for what nobody said it was.
        """
        head = head_of(path).removeprefix(b"\xef\xbb\xbf").lstrip()
        if head[:1] not in (b"{", b"["):
            return None
        if b'"resourceType"' in head:
            why = "JSON that names a resourceType."
            return Sniffed(self.kind, "", 0.95, why, "含 resourceType 的 JSON")
        if b'"resourceType"' not in head_of(path, LOOK_AT):
            return None
        return Sniffed(self.kind, "", 0.2, "JSON that names a resourceType late.", "JSON，较后处含 resourceType")

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """The file, ready to be read. Raises NoSuchKind when a profile or a mapping is asked for."""
        if profile or mapping:
            raise NoSuchKind("fhir_r4 has no profiles and takes no mapping. Leave --profile and --mapping out.")
        return FhirSource(path)

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """The types of resources in the first MiB, and which of them have a shared table."""
        self.open(path, profile, mapping)
        head = head_of(path, LOOK_AT)
        return looked(head, packed=is_packed(path), whole=len(head) < LOOK_AT)


CONNECTOR: Connector = FhirR4()

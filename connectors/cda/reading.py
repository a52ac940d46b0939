"""One document: its own row, whose it is, the visit, and the rows of its body. Raises NotRead without key or person.

The row of the document is there whatever else could be read of it.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.cda.alike import Collected, Entries
from connectors.cda.ccda.sections import read_body as read_ccda
from connectors.cda.doc_kind import DocKind, doc_kind
from connectors.cda.draft import Document, Place, Row
from connectors.cda.person import add_person, identifiers, name_of, person_key
from connectors.cda.references import resolve
from connectors.cda.shortened import Shortened, shortened, unwanted
from connectors.cda.spelling import Spelled, spelled
from connectors.cda.values import V3, below, full_id, kid, said, text_of
from connectors.cda.visit import add_visit
from connectors.cda.wst500.body import read_body as read_wst500
from connectors.xml import NotRead, parsed

if TYPE_CHECKING:
    from lxml.etree import _Element

ROOT = V3 + "ClinicalDocument"
_BARE = b"<ClinicalDocument"
_MIME = "text/xml"


def read_document(place: Place, around: bytes = b"") -> Document:
    """The rows of one document; `around` is the start tag of what wraps it. Raises NotRead with the reason."""
    text = spelled(place.raw)
    short = None if around else shortened(text.text)
    if short is not None:
        try:
            document = _document(place, text, around, short)
        except NotRead:
            document = None  # the whole text says on which line
        if document is not None:
            return document
    document = _document(place, text, around, None)
    assert document is not None
    return document


def _document(place: Place, text: Spelled, around: bytes, short: Shortened | None) -> Document | None:
    """The document from its whole text, or from a shortened one: None where that does not do."""
    root = _root(short.text if short else text.text, around)
    document = Document(place)
    if text.lied:
        document.lose("", "wrong-encoding", "")
    key = full_id(kid(root, "id"))
    if key is None:
        raise NotRead("no-key", root.sourceline or 1)
    role = below(root, "recordTarget/patientRole")
    pairs = [] if role is None else identifiers(role)
    person = person_key(pairs)
    if role is None or person is None:
        raise NotRead("no-person", (root if role is None else role).sourceline or 1)
    document.key, document.person = key, person
    kind = doc_kind(root)
    if kind.contradicts:
        document.lose("doc_type_code", "contradicts-itself", kind.contradicts)
    entries = short.entries(root) if short else Entries.of(root, text.text)
    if entries is None:
        return None
    _read(document, root, kind, role, pairs, text.text, entries)
    if entries.ready:
        unwanted(entries)
    return None if entries.ready else document


def _root(text: bytes, around: bytes) -> "_Element":
    if around:
        name = around[1:].split()[0].rstrip(b">")
        within = parsed(around + _without_declaration(text) + b"</" + name + b">")
        root = next(iter(within.iterchildren(ROOT, "ClinicalDocument")), within)
    else:
        root = parsed(text)
    if root.tag == "ClinicalDocument":
        root = parsed(text.replace(_BARE, _BARE + b' xmlns="urn:hl7-org:v3"', 1))
    if root.tag != ROOT:
        raise NotRead("not-a-document", root.sourceline or 1)
    return root


def _without_declaration(text: bytes) -> bytes:
    head = text.lstrip()
    return head.partition(b"?>")[2] if head.startswith(b"<?xml ") else head


def _read(
    document: Document, root: "_Element", kind: DocKind, role: "_Element", pairs: list[tuple[str, str]], text: bytes,
    entries: Entries,
) -> None:  # fmt: skip
    document.at = document.time("created_time", said(kid(root, "effectiveTime"), "value"))
    document.replaces = tuple(dict.fromkeys(key for key in _replaced(root) if key != document.key))
    patient = add_person(document, role, pairs)
    visit = add_visit(document, root, pairs, kind.code)
    alike = Collected(entries)
    if kind.family == "wst500":
        extra = read_wst500(document, root, kind.code or "", pairs, patient, visit, alike)
    else:
        resolve(root, text)
        read_ccda(document, root, alike)
        extra = _ccda_extra(root)
    alike.make(document)
    body = below(root, "component/nonXMLBody/text")
    row: Row = {
        "encounter_id": document.encounter, "doc_type_code": kind.code, "template_oid": kind.template,
        "title": text_of(kid(root, "title")), "author_id": _author(root), "mime": _MIME, "extra": extra,
        "created_time": document.at,
        "content_sm3": hashlib.new("sm3", document.place.raw).hexdigest(),
        "content_uri": None if body is None else said(kid(body, "reference"), "value"),
    }  # fmt: skip
    document.add("document", "", row)


def _replaced(root: "_Element") -> Iterator[str]:
    """Documents that this one replaces (CDA R2, 4.2.3.1); one that it adds to (APND) or was made from (XFRM) stays."""
    for related in root.iterfind(V3 + "relatedDocument"):
        if related.get("typeCode") == "RPLC":
            yield from (key for each in related.iterfind(f"{V3}parentDocument/{V3}id") if (key := full_id(each)))


def _author(root: "_Element") -> str | None:
    author = below(root, "author/assignedAuthor")
    if author is None:
        return None
    return name_of(below(author, "assignedPerson/name")) or full_id(kid(author, "id"))


def _ccda_extra(root: "_Element") -> str | None:
    """What the header says of other documents and versions, and the kind of a body that is no XML."""
    told = {
        "setId": full_id(kid(root, "setId")), "versionNumber": said(kid(root, "versionNumber"), "value"),
        "parentDocument": full_id(below(root, "relatedDocument/parentDocument/id")),
        "nonXMLBody": said(below(root, "component/nonXMLBody/text"), "mediaType"),
        "custodian": text_of(below(root, "custodian/assignedCustodian/representedCustodianOrganization/name")),
    }  # fmt: skip
    kept = {name: value for name, value in told.items() if value}
    return json.dumps(kept, ensure_ascii=False) if kept else None

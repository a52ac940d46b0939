"""DocumentReference: one row for the document; only the SM3 of its content is kept, when it is inside."""

import base64
import binascii
import hashlib

import polars as pl

from connectors.fhir.concepts import concept
from connectors.fhir.draft import Draft
from connectors.fhir.elements import ATTACHMENT, CODING, CONCEPT, EVERY, REFERENCE
from connectors.fhir.resource import Resource
from connectors.fhir.rows import Rows


def conform(draft: Draft) -> None:
    """One document row, of the first content."""
    rows = draft.rows
    title, named = rows.text("description"), rows.text("content.0.attachment.title")
    draft.add("document", rows, attachment(rows, "content.0.attachment") | {
        "encounter_id": draft.encounter(rows, "context.encounter.0"), "doc_type_code": concept(rows, "type").code,
        "template_oid": rows.text("content.0.format.code"), "title": title.zip_with(title.is_not_null(), named),
        "created_time": draft.times(rows, "created_time", "date"), "author_id": draft.reference(rows, "author.0"),
    })  # fmt: skip


def attachment(rows: Rows, path: str) -> dict[str, pl.Series]:
    """Hash of the content where it is inside, its address and media type."""
    return {
        "content_sm3": pl.Series([sm3(each) for each in rows.text(f"{path}.data")], dtype=pl.String),
        "content_uri": rows.text(f"{path}.url"), "mime": rows.text(f"{path}.contentType"),
    }  # fmt: skip


def sm3(data: str | None) -> str | None:
    """SM3 (GB/T 32905) of base64 content, in hex; None where there is none or it is not base64."""
    if data is None:
        return None
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return hashlib.new("sm3", content).hexdigest()


RESOURCES = (
    Resource(
        "DocumentReference", "document", "subject",
        EVERY | {
            "type": CONCEPT, "subject": REFERENCE, "date": "s", "author": [REFERENCE], "description": "s",
            "content": [{"attachment": ATTACHMENT, "format": CODING}], "context": {"encounter": [REFERENCE]},
        },
        conform,
        foreign=("indexed", "created", "class", "context[]", "version", "modality", "bodySite", "facilityType",
                 "practiceSetting", "period", "event", "content.0.profile"),
    ),
)  # fmt: skip

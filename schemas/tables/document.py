"""The shared table `document`, 文书: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Document(Table):
    """One document; its content stays with its owner."""

    zh = "文书"
    when = "created_time"
    fhir = "DocumentReference"
    omop = "NOTE"

    encounter_id = Column(
        dtype=pl.String(),
        means="The visit it is about.",
        zh="就诊标识",
        references="encounter.record_id",
        reveals=Reveals.PERSON,
        token=True,
        fhir="context.encounter",
        omop="visit_occurrence_id",
    )
    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="Whom it is about.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="subject",
        omop="person_id",
    )
    doc_type_code = Column(
        dtype=pl.String(),
        required=True,
        means="Kind of document: C0001 to C0053, or as the source codes it.",
        zh="文档类型代码",
        element="WS/T 500; 2.16.156.10011.2.4",
        fhir="type",
        omop="note_type_concept_id",
    )
    template_oid = Column(
        dtype=pl.String(),
        means="Template of the document, as OID or URI.",
        zh="文档模板标识",
        element="2.16.156.10011.2.1.1",
        fhir="content.format",
    )
    title = Column(
        dtype=pl.String(),
        required=True,
        means="Title of the document.",
        zh="文档标题",
        reveals=Reveals.HINT,
        fhir="description",
        omop="note_title",
    )
    created_time = Column(
        dtype=TIME,
        required=True,
        means="When it was written or signed.",
        zh="文档创建时间",
        reveals=Reveals.HINT,
        element="DE09.00.053.00",
        fhir="date",
        omop="note_datetime",
    )
    author_id = Column(
        dtype=pl.String(),
        means="Who wrote it.",
        zh="文档作者",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="DE02.01.039.00",
        fhir="author",
        omop="provider_id",
    )
    content_sm3 = Column(
        dtype=pl.String(),
        means="SM3 of its content, in hex.",
        zh="内容摘要(SM3)",
        fhir="content.attachment.hash",
    )
    content_uri = Column(
        dtype=pl.String(),
        means="Where the owner keeps it.",
        zh="内容地址",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        fhir="content.attachment.url",
    )
    mime = Column(
        dtype=pl.String(), means="MIME type of its content.", zh="内容类型", fhir="content.attachment.contentType"
    )
    signature_ok = Column(
        dtype=pl.Boolean(),
        means="Whether its signature was checked and holds.",
        zh="电子签名有效",
        element="WS/T 847",
        fhir="Provenance.signature",
    )

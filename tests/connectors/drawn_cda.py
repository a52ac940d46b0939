"""CDA documents drawn in a test: a paper of sections, entries by data element; and what becomes of one."""

import polars as pl

from connectors.cda.draft import Draft, Place
from connectors.cda.reading import read_document
from connectors.connector import Context

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def made(text: str) -> dict[str, pl.DataFrame]:
    draft = Draft(Context("A", "b1", "0" * 16))
    draft.take(read_document(Place(1, 1, 0, text.encode())))
    chunk = draft.joined(())
    chunk.check()
    return {**chunk.tables, "rejects": chunk.rejects}


def paper(kind: int = 27, *sections: str, head: str = "", encounter: str = "", template: str = "") -> str:
    body = "".join(f"<component>{each}</component>" for each in sections)
    return f"""<ClinicalDocument xmlns="urn:hl7-org:v3" {XSI}>
<templateId root="{template or f"2.16.156.10011.2.1.1.{kind}"}"/><id root="2.16.156.10011.1.1" extension="D1"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>甲</title><effectiveTime value="20240301080000"/>
<recordTarget><patientRole><id root="2.16.156.10011.1.12" extension="Z1"/>{head}</patientRole></recordTarget>
{encounter}<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"""


def section(code: str, *entries: str) -> str:
    return f'<section><code code="{code}"/>' + "".join(f"<entry>{each}</entry>" for each in entries) + "</section>"


def said(element: str, value: str, label: str = "", inside: str = "", time: str = "") -> str:
    return (
        f'<observation classCode="OBS" moodCode="EVN"><code code="{element}" codeSystem="2.16.156.10011.2.2.1" '
        f'displayName="{label}"/>{time}<value {value}{inside}</observation>'
    )


def text(element: str, value: str, label: str = "", inside: str = "") -> str:
    return said(element, f'xsi:type="ST">{value}</value>', label, inside)


def coded(element: str, code: str, label: str = "", system: str = "2.16.156.10011.2.3.3.11", inside: str = "") -> str:
    return said(element, f'xsi:type="CD" code="{code}" codeSystem="{system}"/>', label, inside)


def quantity(element: str, value: str, unit: str = "", label: str = "") -> str:
    return said(element, f'xsi:type="PQ" value="{value}" unit="{unit}"/>', label)


def relation(inner: str) -> str:
    return f'<entryRelationship typeCode="COMP">{inner}</entryRelationship>'

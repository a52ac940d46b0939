"""Good files of every kind, drawn from nothing but this module and the builders of other tests."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from connectors.kinds import kinds
from tests.connectors import drawn_workbook, nhsa_drawn
from tests.fuzz.good import CANARY, CLINIC, HEADER, Good, visits


def _text(separator: str = ",") -> str:
    return "\n".join(separator.join(row) for row in (HEADER, *visits())) + "\n"


def _written(make) -> bytes:
    """What `make` writes into the folder that it is given."""
    with TemporaryDirectory() as folder:
        return make(Path(folder)).read_bytes()


def _zip(inside: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return made.getvalue()


def _parquet() -> bytes:
    made = io.BytesIO()
    pl.DataFrame(visits(), schema=list(HEADER), orient="row").write_parquet(made)
    return made.getvalue()


RESOURCES = [
    {"resourceType": "Patient", "id": "p1", "gender": "female", "name": [{"text": CANARY}], "birthDate": "1949-12-31"},
    {"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"},
     "subject": {"reference": "Patient/p1"}, "period": {"start": "2025-01-02T08:00:00+08:00"}},
    {"resourceType": "Observation", "id": "o1", "status": "final", "subject": {"reference": "Patient/p1"},
     "code": {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": CANARY}]},
     "valueQuantity": {"value": 13.2, "unit": "g/dL"}, "effectiveDateTime": "2025-01-02"},
    {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}, "code": {"text": CANARY}},
]  # fmt: skip
LINES = "\n".join(map(json.dumps, RESOURCES)) + "\n"
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in RESOURCES]}
PERSON = (
    "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime,race_concept_id,"
    f"ethnicity_concept_id,location_id,person_source_value\n1,8507,1990,4,9,,0,0,,{CANARY}\n2,8532,1980,,,,0,0,,{CANARY}2\n"
)
HTML = "<html><table>" + "".join(
    f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADER, *visits())
) + "</table></html>"  # fmt: skip


def _xlsx(folder: Path) -> Path:
    rows = [drawn_workbook.row(number, *row) for number, row in enumerate((HEADER, *visits()), 1)]
    return drawn_workbook.package(folder / "v.xlsx", {"Sheet1": drawn_workbook.sheet("".join(rows))})


def _xls(folder: Path) -> Path:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for y, row in enumerate((HEADER, *visits())):
        for x, cell in enumerate(row):
            sheet.write(y, x, cell)
    book.save(str(folder / "v.xls"))
    return folder / "v.xls"


def message(number: int, kind: str = "ADT^A08", *segments: str) -> str:
    """An HL7 v2 message."""
    return "\r".join([
        f"MSH|^~\\&|HIS|H1|||2024030112000{number}||{kind}|{number}|P|2.5|||||CHN|UNICODE UTF-8",
        f"PID|1||{CANARY}{number}^^^HIS^MR||{CANARY}^A||19900307|M",
        f"PV1|1|I|W1^2^3||||||||||||||||V{number}", *segments, "",
    ])  # fmt: skip


HL7 = [
    message(1, "ADT^A01", "DG1|1||I10^HT^ICD10||20240301|A"),
    message(2, "ORU^R01", "OBR|1|O1|F1|718-7^HB^LN", f"OBX|1|NM|718-7^HB^LN||13.2|g/dL|12-16|N|||F\rOBX|2|ST|X^Y||{CANARY}|||N|||F"),
    message(3, "ADT^A03"),
]  # fmt: skip
CDA = f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<templateId root="2.16.156.10011.2.1.1.72"/><id root="2.16.156.10011.1.1" extension="D1"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><title>t</title><effectiveTime value="20240301080000"/>
<recordTarget><patientRole><id root="2.16.156.10011.1.12" extension="{CANARY}"/><patient><name>{CANARY}</name>
<administrativeGenderCode code="2" codeSystem="2.16.156.10011.2.3.3.4"/><birthTime value="195003"/></patient></patientRole>
</recordTarget><component><structuredBody><component><section><code code="8716-3"/><entry>
<observation classCode="OBS" moodCode="EVN"><code code="DE04.10.186.00" codeSystem="2.16.156.10011.2.2.1"/>
<value xsi:type="PQ" value="36.5" unit="C"/></observation></entry></section></component></structuredBody></component>
</ClinicalDocument>"""
SQL = """
kind = "sql"
name = "his"
url = "postgresql://reader@127.0.0.1/his"
password_from = "env:HIS_PASSWORD"
[[table]]
name = "visits"
view = "v_visits"
"""
SERVER = """
kind = "fhir_server"
name = "server"
base_url = "https://127.0.0.1/fhir"
"""


def _dbf(folder: Path) -> Path:
    from tests.connectors.drawn_dbf import dbf

    return dbf(folder / "v.dbf", [(name.upper(), "C", 20) for name in HEADER], visits())


def _dbfs() -> list[Good]:
    mapping = CLINIC
    for name in HEADER:
        mapping = mapping.replace(f'"{name}"', f'"{name.upper()}"')
    return [Good("v.dbf", _written(_dbf), mapping)]


def _hl7() -> list[Good]:
    frames = b"".join(b"\x0b" + each.encode() + b"\x1c\r" for each in HL7)
    batch = "FHS|^~\\&|A\rBHS|^~\\&|A\r" + "".join(HL7) + "BTS|3\rFTS|1\r"
    return [Good("m.hl7", "".join(HL7).encode()), Good("m.mllp", frames), Good("m.txt", batch.encode())]


MADE: dict[str, Callable[[], list[Good]]] = {
    "archive": lambda: [Good("a.zip", _zip({"person.csv": PERSON, "p.ndjson": LINES}))],
    "cda": lambda: [Good("d.xml", CDA.encode())],
    "dbf": _dbfs,
    "delimited": lambda: [
        Good("v.csv", _text().encode(), CLINIC),
        Good("v.txt", _text("\t").encode("utf-16"), CLINIC),
        Good("v.csv.gz", gzip.compress(_text("|").encode("gb18030"), mtime=0), CLINIC),
    ],
    "fhir_r4": lambda: [
        Good("p.ndjson", LINES.encode()),
        Good("b.json", json.dumps(BUNDLE, indent=1).encode()),
        Good("p.ndjson.gz", gzip.compress(LINES.encode(), mtime=0)),
    ],
    "fhir_server": lambda: [Good("server.toml", SERVER.encode())],
    "hl7v2": _hl7,
    "nhsa": lambda: [Good("r.json", _written(lambda folder: nhsa_drawn.written(folder, *nhsa_drawn.EVERY[::3])))],
    "omop": lambda: [Good("person.csv", PERSON.encode())],
    "parquet": lambda: [Good("v.parquet", _parquet(), CLINIC)],
    "sql": lambda: [Good("his.toml", SQL.encode())],
    "workbook": lambda: [
        Good("v.xlsx", _written(_xlsx), CLINIC),
        Good("v.xls", _written(_xls), CLINIC),
        Good("w.xls", HTML.encode(), CLINIC),
    ],
}


def good_files() -> dict[str, list[Good]]:
    """Kind -> good files of it, for every kind there is."""
    return {kind: MADE[kind]() for kind in kinds() if kind in MADE}

"""What the head of an HL7 v2 file holds: separators, encoding, versions, types, and which segments are read.

Names of types and segments only; it makes no rows.
"""

import re
from collections import Counter

from connectors.encoding import detect
from connectors.hl7v2.blocks import BEGINS
from connectors.hl7v2.charset import claimed
from connectors.hl7v2.header import Header, header
from connectors.hl7v2.messages import TYPES
from connectors.looked import Fact, Looked, Tables

FILLS: Tables = {
    "patient": ("person_id", "org_patient_id", "name", "gender_code", "birth_date", "birth_precision", "death_time",
                "country_code", "ethnicity_code", "marital_code", "address", "phone"),
    "patient_identifier": ("person_id", "id_type_code", "id_value", "check_ok", "assigner_org"),
    "encounter": ("person_id", "class_code", "visit_no", "admission_no", "start_time", "end_time",
                  "attending_physician", "admit_dept_code", "admit_route_code", "pay_method_code", "discharge_way_code",
                  "allergy_text", "allergy_code"),
    "condition": ("encounter_id", "person_id", "role_code", "rank", "code", "code_system", "code_version", "display",
                  "recorded_time", "onset_date"),
    "procedure": ("encounter_id", "person_id", "rank", "code", "code_system", "code_version", "display", "start_time",
                  "end_time", "operator_id", "anesthesia_code", "anesthetist_id"),
    "observation": ("encounter_id", "person_id", "report_id", "category", "item_code", "item_system", "item_name",
                    "value_num", "comparator", "value_text", "value_code", "unit", "unit_ucum", "ref_low", "ref_high",
                    "ref_text", "specimen_code", "method", "sampled_time", "received_time", "reported_time",
                    "critical_flag", "performer_org"),
    "medication": ("encounter_id", "person_id", "kind", "group_no", "drug_code", "drug_code_system", "atc_code",
                   "drug_name", "form_code", "dose", "dose_unit", "freq_code", "route_code", "total_qty", "start_time",
                   "end_time", "status"),
    "document": ("encounter_id", "person_id", "doc_type_code", "title", "created_time", "author_id", "content_sm3",
                 "content_uri", "mime"),
    "cost": ("encounter_id", "person_id", "kind", "fee_class_code", "item_code", "item_name", "quantity", "unit_price",
             "amount", "charged_time"),
}  # fmt: skip
SEGMENTS = {
    "PID": ("patient", "patient_identifier"), "MRG": ("patient_identifier",), "PV1": ("encounter",),
    "AL1": ("encounter",),
    "DG1": ("condition",), "PRB": ("condition",), "PR1": ("procedure",), "OBR": ("observation",),
    "OBX": ("observation", "document"), "ORC": ("medication",), "TQ1": ("medication",), "RXO": ("medication",),
    "RXE": ("medication",),
    "RXD": ("medication",), "RXA": ("medication",), "RXR": ("medication",), "TXA": ("document",),
    "FT1": ("cost",),
}  # fmt: skip
ENVELOPES = ("MSH", "EVN", "FHS", "BHS", "BTS", "FTS")
_KIND = re.compile(r"[A-Z][A-Z0-9]{2}")
_EVENT = re.compile(r"[A-Z][A-Z0-9]{2}|")
_VERSION = re.compile(r"\d(\.\d){1,2}")
UNLIKE = "not as HL7 writes it"
_NAMES = re.compile(rb"(?:^|[\r\n\x0b])([A-Z][A-Z0-9]{2})(?=[^A-Za-z0-9\s])")


def looked(head: bytes, *, packed: bool, whole: bool) -> Looked:
    """`head` is unpacked; `whole` says that it is all of the file."""
    starts = [found.end() - 4 for found in BEGINS.finditer(head)]
    headers = [said for at in starts if (said := header(head[at : at + 4096])) is not None]
    names = dict.fromkeys(name.decode() for name in _NAMES.findall(head))
    segments = [name for name in names if name not in ENVELOPES]
    mapped = {name: SEGMENTS[name] for name in segments if name in SEGMENTS}
    return Looked(
        _facts(head, headers, packed),
        len(starts),
        whole,
        mapped,
        tuple(name for name in segments if name not in mapped),
    )


def _facts(head: bytes, headers: list[Header], packed: bool) -> list[Fact]:
    types = Counter(kind_of(said) for said in headers)
    foreign = sorted({kind_of(said).partition("^")[0] for said in headers if said.type not in TYPES})
    facts = [
        Fact("shape", "结构", _shape(head)),
        Fact("encoding", "编码", detect(head).label),
        Fact("MSH-18", "声明字符集", _counted(Counter(charset_of(said) or "none" for said in headers))),
        Fact(
            "separators",
            "分隔符",
            _counted(Counter(said.separators.field + said.separators.written for said in headers)),
        ),
        Fact("line ends", "换行", _ends(head)),
        Fact("version", "版本", _counted(Counter(version_of(said) or "none" for said in headers))),
        Fact("messages", "消息类型", _counted(types)),
    ]
    facts += [Fact("without a table", "无对应表的类型", ", ".join(foreign))] if foreign else []
    return facts + [Fact("packing", "压缩", "gzip")][: int(packed)]


def kind_of(said: Header) -> str:
    """Type and event. A header that shifted may hold a patient there: what is not written like them is not shown."""
    if not said.type:
        return "none"
    return f"{said.type}^{said.event}" if _KIND.fullmatch(said.type) and _EVENT.fullmatch(said.event) else UNLIKE


def version_of(said: Header) -> str:
    """The version, empty where none is named."""
    return said.version if not said.version or _VERSION.fullmatch(said.version) else UNLIKE


def charset_of(said: Header) -> str:
    """The character set, empty where none is named."""
    return said.charset if claimed(said.charset) is not None else "an unknown one"


def _counted(found: "Counter[str]") -> str:
    return ", ".join(f"{name} ({count})" for name, count in found.most_common(12)) or "none"


def _shape(head: bytes) -> str:
    batch = "batch of " if re.search(rb"(?:^|[\r\n\x0b])[FB]HS", head) else ""
    return batch + ("messages framed after MLLP" if b"\x0bMSH" in head else "messages")


def _ends(head: bytes) -> str:
    both = head.count(b"\r\n")
    counts = {"CRLF": both, "CR": head.count(b"\r") - both, "LF": head.count(b"\n") - both}
    return ", ".join(name for name, count in counts.items() if count) or "none"

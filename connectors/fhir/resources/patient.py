"""Patient: one patient row and one row for each identifier. Nothing is checked or repaired here."""

import polars as pl

from connectors.fhir import values
from connectors.fhir.draft import Draft, numbered
from connectors.fhir.elements import ADDRESS, CONCEPT, CONTACT, EVERY, HUMAN_NAME, IDENTIFIER
from connectors.fhir.resource import Resource
from connectors.fhir.rows import Rows
from schemas.identifiers import resident_id

GENDER = {"male": "1", "female": "2", "other": "9", "unknown": "0"}  # GB/T 2261.1
MARITAL = {"S": "10", "U": "10", "M": "20", "W": "30", "D": "40", "UNK": "90"}  # GB/T 2261.2 from v3-MaritalStatus
RESIDENT_ID = r"(?i)1\.2\.156\.10011\.1\.3$|2\.16\.156\.10011\.1\.3$|resident-?id|china-?id|居民身份证"
BY_TYPE = {"PPN": "6", "PRC": "7"}  # RC038 from HL7 table 0203


def conform(draft: Draft) -> None:
    """A patient row and its identifier rows."""
    rows = draft.rows
    birth = rows.text("birthDate")
    died = draft.times(rows, "death_time", "deceasedDateTime")
    marital = rows.text("maritalStatus.coding.0.code")
    draft.add("patient", rows, {
        "person_id": draft.id, "org_patient_id": draft.id, "name": _name(rows),
        "gender_code": draft.codes(rows, "gender_code", rows.text("gender"), GENDER),
        "birth_date": draft.kept(rows, "birth_date", birth, values.days(birth)),
        "birth_precision": birth.str.len_bytes().replace_strict(
            {10: "day", 7: "month", 4: "year"}, default=None, return_dtype=pl.String),
        "death_time": died, "marital_code": draft.codes(rows, "marital_code", marital, MARITAL),
        "address": _address(rows), "phone": _phone(rows),
    }, sec_level=4)  # fmt: skip
    _identifiers(draft)


def _name(rows: Rows) -> pl.Series:
    """The first name: its text, else family then given, as one string."""
    family, given = rows.text("name.0.family"), rows.text("name.0.given.0")
    parts = pl.select(pl.concat_str(family, given, separator=" ", ignore_nulls=True)).to_series()
    joined = parts.zip_with(family.is_not_null() | given.is_not_null(), parts.clear(len(parts)))
    text = rows.text("name.0.text")
    return text.zip_with(text.is_not_null(), joined)


def _address(rows: Rows) -> pl.Series:
    text = rows.text("address.0.text")
    steps = ("state", "city", "district", "line.0")
    parts = [rows.text(f"address.0.{step}") for step in steps]
    joined = pl.select(pl.concat_str(parts, separator=" ", ignore_nulls=True)).to_series()
    joined = joined.zip_with(joined != "", joined.clear(len(joined)))
    return text.zip_with(text.is_not_null(), joined)


def _phone(rows: Rows) -> pl.Series:
    """The first contact point that is a phone."""
    contacts = rows.each("telecom")
    found = pl.DataFrame({"root": contacts.root, "value": contacts.text("value"), "system": contacts.text("system")})
    first = found.filter(pl.col("system") == "phone").unique("root", keep="first", maintain_order=True)
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
    return empty.scatter(first["root"], first["value"]) if first.height else empty


def _identifiers(draft: Draft) -> None:
    every = draft.rows.each("identifier")
    value = every.text("value")
    kept = every.where(value.is_not_null().arg_true().to_numpy())
    kind = kept.text("type.coding.0.code")
    system = kept.text("system")
    resident = system.str.contains(RESIDENT_ID).fill_null(value=False)
    coded = kind.replace_strict(BY_TYPE, default=None, return_dtype=pl.String)
    resident_code = pl.Series(["1"]).new_from_index(0, len(kept))
    assigner = draft.reference(kept, "assigner")
    named = kept.text("assigner.display")
    codes = resident_code.zip_with(resident, coded)
    values_ = kept.text("value").str.normalize("NFKC").str.strip_chars().str.to_uppercase()
    right = pl.select(pl.when(pl.lit(codes) == "1").then(resident_id.check_ok(pl.lit(values_)))).to_series()
    draft.add("patient_identifier", kept, {
        "id_type_code": codes, "id_value": values_, "check_ok": right,
        "assigner_org": assigner.zip_with(assigner.is_not_null(), named),
        "first_seen": draft.times(kept, "first_seen", "period.start"),
        "last_seen": draft.times(kept, "last_seen", "period.end"),
    }, suffix=numbered(kept, "id"), sec_level=4)  # fmt: skip


RESOURCES = (
    Resource(
        "Patient", "patient", "id",
        EVERY | {
            "identifier": [IDENTIFIER], "name": [HUMAN_NAME], "telecom": [CONTACT], "gender": "s", "birthDate": "s",
            "deceasedDateTime": "s", "deceasedBoolean": "t", "address": [ADDRESS], "maritalStatus": CONCEPT,
        },
        conform, foreign=("animal",),
    ),
)  # fmt: skip

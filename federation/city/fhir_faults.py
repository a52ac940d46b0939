"""What goes wrong in a site's FHIR resources, by resource type; the truth names the element as FHIR does."""

import polars as pl

from federation.city.faults import Fault, bad_byte, cell, check_digit, doubled, lower_case
from federation.city.fhir_rows import ISO


def line_faults(kind: str) -> list[Fault]:
    """What can happen to the line of any resource."""
    line = pl.col("line")
    return [
        Fault("broken-json", line=line.str.slice(0, line.str.len_chars() * 2 // 3)),
        Fault("json-key-twice", line=line.str.replace('{"resource', '{"id":"1","resource', literal=True)),
        Fault("no-resource-type", line=line.str.replace(f'"resourceType":"{kind}",', "", literal=True)),
        bad_byte(),
        doubled(),
        Fault("sent-again", again=line.str.replace('{"resource', '{ "resource', literal=True)),
    ]


def subject_faults() -> list[Fault]:
    """What can happen to a reference to the person."""
    reference = pl.concat_str(pl.lit('"subject":"Patient/'), "mrn", pl.lit('",'))
    return [cell("person-missing", "subject", ""), cell("wrong-json-type", "subject", reference)]


def _no_visit(table: str) -> Fault:
    nowhere = '"encounter":{"reference":"Encounter/0-0"},'
    return cell("visit-unknown", "encounter", nowhere).seen_by(f"{table}.encounter_id.refers")


def _birth(date: pl.Expr, name: str, when: pl.Expr | None = None) -> Fault:
    text = pl.concat_str(pl.lit('"birthDate":"'), date, pl.lit('",'))
    return Fault(name, "birthDate", {"birth": text}, pl.lit(value=True) if when is None else when)


def patient_faults() -> list[Fault]:
    """Of patients."""
    born = pl.col("born")
    word = pl.when(pl.col("sex") == 1).then(pl.lit("男")).otherwise(pl.lit("女"))
    return [
        Fault("sex-unmapped", "gender", {"gender": word}),
        Fault("id-check-digit", "identifier", check_digit("id_number").cells),
        _birth((born - pl.duration(days=1)).dt.strftime("%Y-%m-%d"), "id-birth-mismatch"),
        _birth(born.dt.strftime("%d/%m/%Y"), "date-day-first"),
        _birth(pl.concat_str(born.dt.strftime("%Y"), pl.lit("-13-40")), "date-impossible"),
        Fault("missing-required", "birthDate", {"birth": pl.lit("")}),
    ]


def encounter_faults() -> list[Fault]:
    """Of stays and visits."""
    came = pl.col("came")
    return [
        Fault("discharge-before-admission", "period.end", {"end": came.dt.offset_by("-2d").dt.strftime(ISO)}).seen_by(
            "encounter.ends_after_it_starts"
        ),
        Fault(
            "future-date",
            "period",
            {
                "start": came.dt.offset_by("40y").dt.strftime(ISO),
                "end": came.dt.offset_by("40y").dt.offset_by("1h").dt.strftime(ISO),
            },
        ).seen_by("encounter.start_time.not_future"),
        Fault("date-impossible", "period.start", {"start": pl.lit("2026-02-31T08:00:00+08:00")}),
        Fault("missing-required", "class", {"class": pl.lit("")}),
        *subject_faults(),
    ]


def condition_faults() -> list[Fault]:
    """Of diagnoses."""
    other = pl.when(pl.col("sex") == 1).then(pl.lit("N83.201")).otherwise(pl.lit("N40.x00"))
    nameless = {"display": pl.lit(""), "text": pl.lit("")}
    return [
        Fault("lower-case-icd", "code", lower_case("code").cells),
        Fault("sex-against-diagnosis", "code", {"code": other}),
        Fault("diagnosis-name-missing", "code", nameless),
        _no_visit("condition"),
        *subject_faults(),
    ]


def observation_faults() -> list[Fault]:
    """Of results and of blood pressures."""
    return [*result_faults(), _no_visit("observation")]


def result_faults() -> list[Fault]:
    """Of laboratory results."""
    sugar = pl.when(pl.col("item_code") == "GLU").then((pl.col("number") * 18).round(0).cast(pl.Int64).cast(pl.String))
    far = pl.col("came").dt.offset_by("40y").dt.strftime(ISO)
    return [
        Fault("pressure-out-of-range", "component", {"sbp": pl.lit("974")}, pl.col("pressure")).seen_by(
            "measurement.systolic_is_possible"
        ),
        Fault(
            "unit-mix-up", "valueQuantity", {"value": sugar.otherwise(pl.col("value"))}, pl.col("item_code") == "GLU"
        ).seen_by("measurement.glucose_is_possible"),
        Fault("future-date", "effectiveDateTime", {"sampled": far}).seen_by("observation.sampled_time.not_future"),
        *subject_faults(),
    ]


def procedure_faults() -> list[Fault]:
    """Of operations."""
    late = pl.col("left").dt.offset_by("5d")
    return [
        Fault(
            "operation-outside-stay",
            "performedPeriod",
            {"op_start": late.dt.strftime(ISO), "op_end": late.dt.offset_by("1h").dt.strftime(ISO)},
        ),
        _no_visit("procedure"),
        *subject_faults(),
    ]


def medication_faults() -> list[Fault]:
    """Of prescriptions."""
    wrong = Fault("date-impossible", "authoredOn", {"authored": pl.lit("2025-04-31T08:00:00+08:00")})
    return [wrong, _no_visit("medication"), *subject_faults()]

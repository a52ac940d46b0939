"""What goes wrong in a site's FHIR resources, by resource type; the truth names the element as FHIR does."""

import polars as pl

from federation.city import slips
from federation.city.code_faults import Coded, diagnosis_faults, operation_faults
from federation.city.faults import Fault, bad_byte, cell, doubled
from federation.city.fhir_rows import ISO
from federation.city.oddities import hardly_ever, late, person_oddities
from federation.city.person_faults import Said, person_faults
from federation.city.result_faults import decimal_slip, mistyped, other_unit


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


def _of_visit(table: str) -> list[Fault]:
    """What can happen to a reference to the visit."""
    nowhere, other = (_reference("encounter", "Encounter", visit) for visit in (slips.other_digit(VISIT), OTHER_VISIT))
    return [
        cell("visit-unknown", "encounter", nowhere).seen_by(f"{table}.encounter_id.refers"),
        cell("visit-of-another", "encounter", other),
    ]


VISIT, OTHER_VISIT = pl.col("visit"), pl.col("other_visit")


def _reference(element: str, kind: str, key: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(f'"{element}":{{"reference":"{kind}/'), key, pl.lit('"},'))


def _under_new_key(column: str = "id") -> Fault:
    key = pl.concat_str(pl.lit("R"), column)
    return Fault("sent-under-new-key", "id", {column: key}, again=pl.col("line"))


def _iso(moment: pl.Expr) -> pl.Expr:
    return moment.dt.strftime(ISO)


def patient_faults() -> list[Fault]:
    """Of patients. A death is seen by whoever finds a contact after it."""
    word = pl.when(pl.col("sex") == 1).then(pl.lit("男")).otherwise(pl.lit("女"))
    said = Said(("name", "name"), ("gender", "gender"), ("birth", "birthDate"), ("id_number", "identifier"), "%Y-%m-%d",
                ("male", "female"), lambda day: pl.concat_str(pl.lit('"birthDate":"'), day, pl.lit('",')))  # fmt: skip
    died = pl.col("last_seen") + pl.duration(days=((slips.ONE - 0.7) * 400).floor().cast(pl.Int64))
    told = pl.concat_str(pl.lit('"deceasedDateTime":"'), _iso(died), pl.lit('",'))
    impossible = pl.concat_str(pl.col("born").dt.strftime("%Y"), pl.lit("-13-40"))
    again = {"mrn": pl.concat_str(pl.lit("9"), pl.col("mrn").str.slice(1))}
    return [
        *person_faults(said),
        *person_oddities(said),
        Fault("sex-unmapped", "gender", {"gender": word}),
        Fault("date-impossible", "birthDate", {"birth": said.wrapped(impossible)}),
        Fault("missing-required", "birthDate", {"birth": pl.lit("")}),
        Fault("death-too-early", "deceasedDateTime", {"death": told}, pl.col("death") == "", common=True,
              plain=died.dt.date() < pl.col("last_seen").dt.date()),
        Fault("person-twice", "id", again, pl.col("mrn").str.slice(0, 1) != "9", again=pl.col("line"), common=True),
    ]  # fmt: skip


def encounter_faults() -> list[Fault]:
    """Of stays and visits. `length` is not part of what the shared table takes from FHIR."""
    came, left, stays = pl.col("came"), pl.col("left"), pl.col("inpatient")
    back = came - pl.duration(minutes=30 + (slips.ONE * slips.TWO * 20_000).floor().cast(pl.Int64))
    slip, year = slips.slipped(left), slips.year_slipped(came)
    long = slip > came + pl.duration(days=366)
    far = _iso(came.dt.offset_by("40y")), _iso(came.dt.offset_by("40y").dt.offset_by("1h"))
    default = slips.pick(slips.ONE, ["1900-01-01T00:00:00+08:00", "1970-01-01T08:00:00+08:00"])
    return [
        Fault("discharge-before-admission", "period.end", {"end": _iso(back)}).seen_by(
            "encounter.ends_after_it_starts"
        ),
        Fault("discharge-date-wrong", "period.end", {"end": _iso(slip)}, slip > came, common=True,
              plain=stays.not_() | long | (slip > TODAY)),
        Fault("future-date", "period", {"start": far[0], "end": far[1]}).seen_by("encounter.start_time.not_future"),
        Fault("year-wrong", "period", {"start": _iso(year), "end": _iso(year + (left - came))}),
        Fault("default-date", "period.start", {"start": default}),
        Fault("date-impossible", "period.start", {"start": pl.lit("2026-02-31T08:00:00+08:00")}),
        Fault("missing-required", "class", {"class": pl.lit("")}),
        _under_new_key("visit"),
        _long_visit(),
        *subject_faults(),
    ]  # fmt: skip


def _long_visit() -> Fault:
    """Observed for one to three days without being admitted; in a ward for more than a year."""
    came, left, days = pl.col("came"), pl.col("left"), (slips.ONE * 150).floor().cast(pl.Int64)
    start = pl.when("inpatient").then(came - pl.duration(days=300 + days)).otherwise(came)
    end = pl.when("inpatient").then(left).otherwise(left + pl.duration(hours=20 + days // 3))
    return Fault("odd-long-visit", "period", {"start": _iso(start), "end": _iso(end)})


TODAY = pl.datetime(2026, 7, 1)  # the exports were made when the last of their records had been


def condition_faults() -> list[Fault]:
    """Of diagnoses."""

    def named(name: pl.Expr) -> dict[str, pl.Expr]:
        empty, quote = name == "", pl.lit('"')
        shown = {"display": ',"display":"', "text": ',"text":"'}
        return {
            cell_: pl.when(empty).then(pl.lit("")).otherwise(pl.concat_str(pl.lit(before), name, quote))
            for cell_, before in shown.items()
        }

    coded = Coded(("code", "code"), "code", named)
    return [*diagnosis_faults(coded), _under_new_key(), *_of_visit("condition"), *subject_faults()]


def observation_faults() -> list[Fault]:
    """Of results and of blood pressures."""
    return [*result_faults(), *_of_visit("observation")]


def result_faults() -> list[Fault]:
    """Of laboratory results, and of blood pressures where there are any."""
    moment = pl.when("pressure").then(pl.col("came")).otherwise(pl.col("came").dt.offset_by("1h"))
    sampled = pl.col("sampled").str.head(19).str.to_datetime("%Y-%m-%dT%H:%M:%S")
    early = sampled - pl.duration(minutes=5 + (slips.ONE * slips.TWO * 20_000).floor().cast(pl.Int64))
    put_off = {"sampled": _iso(late(sampled)), "reported": _iso(late(sampled) + pl.duration(minutes=95))}
    return [
        *_pressure_faults(),
        other_unit("valueQuantity", "value"),
        decimal_slip("valueQuantity", "value"),
        mistyped("valueQuantity", "value"),
        Fault("report-before-sample", "issued", {"reported": _iso(early)}, pl.col("reported") != "", common=True),
        Fault("future-date", "effectiveDateTime", {"sampled": _iso(moment.dt.offset_by("40y"))}).seen_by(
            "observation.sampled_time.not_future"
        ),
        Fault("year-wrong", "effectiveDateTime", {"sampled": _iso(slips.year_slipped(moment))}),
        Fault("odd-late-test", "effectiveDateTime", put_off, pl.col("item_code") != "", common=True),
        hardly_ever("valueQuantity", "value"),
        _under_new_key(),
        *subject_faults(),
    ]


def _pressure_faults() -> list[Fault]:
    sbp, dbp, measured = pl.col("sbp"), pl.col("dbp"), pl.col("pressure")
    typed = slips.pick(slips.THREE, [slips.other_digit(sbp), slips.lost_or_doubled(sbp)]).str.strip_chars_start("0")
    number = typed.cast(pl.Int64, strict=False)
    return [
        Fault("pressure-out-of-range", "component", {"sbp": typed}, measured & (typed != sbp) & (typed != ""),
              plain=(number < 60) | (number > 270) | (number <= dbp.cast(pl.Int64, strict=False))),
        Fault("pressure-swapped", "component", {"sbp": dbp, "dbp": sbp}, measured),
    ]  # fmt: skip


def procedure_faults() -> list[Fault]:
    """Of operations."""
    far = pl.duration(days=2 + (slips.ONE * slips.TWO * 60).floor().cast(pl.Int64))
    at = pl.when(slips.THREE < 0.5).then(pl.col("left") + far).otherwise(pl.col("came") - far)
    coded = Coded(("op_code", "code"), "code", lambda name: {"op_name": name})
    ends = {"op_start": _iso(at), "op_end": _iso(at + pl.duration(hours=1))}
    return [
        Fault("operation-outside-stay", "performedPeriod", ends),
        *operation_faults(coded, pl.lit(value=True)),
        _under_new_key(),
        *_of_visit("procedure"),
        *subject_faults(),
    ]


def medication_faults() -> list[Fault]:
    """Of prescriptions."""
    moved = pl.col("dose").cast(pl.Float64) * slips.pick(slips.ONE, [pl.lit(10.0), pl.lit(0.1), pl.lit(1000.0)])
    return [
        Fault("date-impossible", "authoredOn", {"authored": pl.lit("2025-04-31T08:00:00+08:00")}),
        Fault("year-wrong", "authoredOn", {"authored": _iso(slips.year_slipped(pl.col("came")))}),
        Fault("dose-slip", "dosageInstruction", {"dose": moved.round(4).cast(pl.String)}),
        _under_new_key(),
        *_of_visit("medication"),
        *subject_faults(),
    ]

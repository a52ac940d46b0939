"""PID: a patient row, and a row for each number in PID-2, 3, 4, 18, 19, 20; MRG: the numbers a person had before."""

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Ints, code, nothing
from connectors.hl7v2.draft import Draft
from connectors.hl7v2.marks import Repetitions, Rows
from connectors.hl7v2.spellings import spellings
from connectors.hl7v2.tables.condition import nth
from connectors.hl7v2.times import days
from connectors.hl7v2.work import Work
from schemas.code_system import code_system
from schemas.identifiers import resident_id

GENDER = {  # HL7 table 0001 and GB/T 2261.1; A (ambiguous) and N (not applicable) mean neither of the four
    "M": "1", "F": "2", "O": "9", "U": "0", "0": "0", "1": "1", "2": "2", "9": "9", "男": "1", "女": "2",
}  # fmt: skip
MARITAL = {"S": "10", "B": "10", "M": "20", "W": "30", "D": "40", "U": "90", "T": "90"}  # HL7 table 0002
MARITAL |= {each: each for each in code_system("marital").codes}
COUNTRY = {"CHN": "156", "CN": "156"} | {each: each for each in code_system("country").codes}
ETHNIC = {each: each for each in code_system("ethnicity").codes}
BY_TYPE = {"NNCHN": "1", "SFZ": "1", "身份证": "1", "居民身份证": "1", "PPN": "6", "PRC": "7"}  # RC038 from table 0203
NATIONAL = ("NI", "SS")  # whose number is the resident identity number where it has its shape
RESIDENT = r"^\d{17}[\dXx]$|^[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}$"
GONE = ("A29",)
USED = {
    1: (), 2: (1, 4, 5), 3: (1, 4, 5), 4: (1, 4, 5), 5: (1, 2, 7), 7: (), 8: (1,), 11: (1, 3, 4, 7), 13: (1,), 16: (1,),
    18: (1, 4, 5), 19: (1,), 20: (1,), 22: (1,), 26: (1,), 29: (), 30: (),
}  # fmt: skip
_CHECK_OK = resident_id.check_ok(pl.col("number"))
_NUMBERS = ((3, ""), (2, ""), (4, ""), (18, "AN"), (19, "SS"), (20, "DL"))


def conform(work: Work) -> None:
    """Patient rows, their numbers, and those of merged persons."""
    draft, pid = work.draft, work.persons.rows.where(work.persons.told)
    if not len(pid):
        return
    key = work.persons.of(pid)
    birth, precision = _birth(draft, pid)
    gone = work.messages.happened(pid, *GONE)
    draft.add("patient", "PID", pid, {
        "person_id": key, "org_patient_id": key, "name": _name(draft, pid),
        "gender_code": draft.coded(pid, "gender_code", 8, GENDER),
        "birth_date": birth, "birth_precision": precision, "death_time": draft.times(pid, "death_time", 29),
        "country_code": draft.coded(pid, "country_code", 26, COUNTRY),
        "ethnicity_code": draft.coded(pid, "ethnicity_code", 22, ETHNIC),
        "marital_code": draft.coded(pid, "marital_code", 16, MARITAL),
        "address": _address(draft, pid), "phone": draft.text(pid, "phone", 13),
        "extra": work.extras.of(pid, "PID", USED), "deleted": pl.Series(gone),
    }, key, level=4)  # fmt: skip
    _numbers(work, pid, key)
    _merged(work)


def _name(draft: Draft, rows: Rows) -> pl.Series:
    """Family name, or what stands for it, then given name, of the first name (XPN)."""
    family, given = draft.sub(rows, "name", 5, 1), draft.text(rows, "name", 5, 2)
    if given.null_count() == len(given):
        return family
    joined = pl.select(pl.concat_str(family, given, separator=" ", ignore_nulls=True)).to_series()
    return joined.set(joined == "", None)


def _birth(draft: Draft, rows: Rows) -> tuple[pl.Series, pl.Series]:
    values, precision, reasons = days(draft.marks.parts, rows.cut(7))
    draft.text(rows, "birth_date", 7)
    draft.note(rows, "birth_date", reasons, lambda: rows.part(7))
    return values, precision


def _address(draft: Draft, rows: Rows) -> pl.Series:
    """Province, city, street of the first address (XAD), those that are there."""
    parts = [draft.sub(rows, "address", 11, part) for part in (4, 3, 1)]
    given = [part for part in parts if part.null_count() < len(part)]
    if len(given) < 2:
        return given[0] if given else parts[0]
    joined = pl.select(pl.concat_str(given, separator=" ", ignore_nulls=True)).to_series()
    return joined.set(joined == "", None) if (joined == "").any() else joined


def _numbers(work: Work, pid: Rows, key: pl.Series) -> None:
    for place, kind in _NUMBERS:
        numbers, row = pid.repeated(place)
        if len(numbers):
            _add(work, pid, key, numbers, row, f"{place}." + pl.Series(numbers.nth + 1).cast(pl.String), kind)


def _add(work: Work, rows: Rows, key: pl.Series, numbers: Repetitions, row: Ints, suffix: pl.Series, kind: str) -> None:
    """A row for each number that is there. They belong to the person's rows, and are said anew with them."""
    draft = work.draft
    given = numbers.given()
    if draft.nulls:
        given = given & (numbers.short(1) != np.uint64(code('""')))
    if not given.all():
        numbers, row, suffix = numbers.where(given), row[given], suffix.filter(pl.Series(given))
    if not len(numbers):
        return
    of = draft.marks.rows(rows.lines[row], rows.message[row])
    value = _written(draft.said(of, "id_value", numbers.part(1)))
    types = numbers.part(5).fill_null(kind) if kind else numbers.part(5)
    codes = _kinds(types, value)
    draft.add("patient_identifier", "PID", of, {
        "person_id": key.gather(row), "id_type_code": codes, "id_value": value, "check_ok": _checked(value, codes),
        "assigner_org": draft.said(of, "assigner_org", numbers.part(4)),
        "extra": '{"CX-5":"' + work.extras.escaped(types) + '"}',
    }, key.gather(row), suffix=suffix, level=4,
        versioned=False)  # fmt: skip


def _written(value: pl.Series) -> pl.Series:
    """Half width, capitals, no blanks; most are so already."""
    odd = value.str.contains(r"[^0-9A-Z.\-]").fill_null(value=False)
    if not odd.any():
        return value
    made = value.filter(odd).str.normalize("NFKC").str.replace_all(r"\s", "").str.to_uppercase().replace("", None)
    return value.scatter(odd.arg_true(), made)


def _kinds(types: pl.Series, value: pl.Series) -> pl.Series:
    """Kind of document by CX-5; a national number is one of China where it has the shape of GB 11643."""
    known = spellings(types)
    table = {each: BY_TYPE[each] for each in known if each in BY_TYPE}
    codes = types.replace_strict(table, default=None, return_dtype=pl.String) if table else nothing(len(types))
    if any(each in NATIONAL for each in known):
        national = types.is_in(NATIONAL).fill_null(value=False)
        shaped = national.arg_true().filter(value.filter(national).str.contains(RESIDENT).fill_null(value=False))
        codes = codes.scatter(shaped, "1") if len(shaped) else codes
    return codes


def _checked(value: pl.Series, codes: pl.Series) -> pl.Series:
    resident = (codes == "1").fill_null(value=False)
    if not resident.any():
        return nothing(len(value), pl.Boolean)
    holds = pl.DataFrame({"number": value.filter(resident)}).select(_CHECK_OK).to_series()
    return nothing(len(value), pl.Boolean).scatter(resident.arg_true(), holds)


def _merged(work: Work) -> None:
    """MRG-1: numbers a person had before. They are kept as numbers of the person that stays, and counted.

    Rows that were said of the old number stay under it: that two persons are one is decided by linkage, not here.
    """
    mrg = work.messages.rows("MRG")
    numbers, row = mrg.repeated(1)
    if not len(numbers):
        return
    person = work.persons.of(mrg).gather(row)
    there = mrg.marks.rows(mrg.lines[row], mrg.message[row])
    _add(work, mrg, work.persons.of(mrg), numbers, row, "mrg." + nth(there), "")
    work.draft.flag(there, "MRG-1", pl.Series(np.ones(len(row), np.bool_)), "merged-person", person)

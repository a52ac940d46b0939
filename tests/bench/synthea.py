"""FHIR R4 lines in the shape Synthea writes them, from a seed: four types, like a Bulk Data export of one hospital.

Made for benchmarks only: every value is drawn, none is copied, and none means anything.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import orjson

CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
TERMS = "http://terminology.hl7.org/CodeSystem/"
OBSERVED = (("8302-2", "Body Height", "cm", 150.0), ("29463-7", "Body Weight", "kg", 70.0),
            ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 90.0), ("2160-0", "Creatinine", "mg/dL", 1.0),
            ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 14.0),
            ("6690-2", "Leukocytes [#/volume]", "10*3/uL", 7.0))  # fmt: skip
FOUND = (("I10", "Essential (primary) hypertension"), ("E11.9", "Type 2 diabetes mellitus"), ("J18.9", "Pneumonia"),
         ("K29.5", "Chronic gastritis"), ("M54.5", "Low back pain"),
         ("N18.3", "Chronic kidney disease, stage 3"))  # fmt: skip


def lines(count: int, seed: int = 7) -> Iterator[bytes]:
    """`count` NDJSON lines without line ends: one in a hundred a patient, two thirds results."""
    draw = random.Random(seed)
    person, visit = _id(draw), _id(draw)
    for number in range(count):
        place = number % 100
        if place == 0:
            person = _id(draw)
            yield orjson.dumps(patient(draw, person))
        elif place % 5 == 1:
            visit = _id(draw)
            yield orjson.dumps(encounter(draw, visit, person))
        elif place % 8 == 2:
            yield orjson.dumps(condition(draw, person, visit))
        else:
            yield orjson.dumps(observation(draw, person, visit))


def write(path: Path, megabytes: int, seed: int = 7) -> int:
    """About `megabytes` of lines in a new file; the count of lines."""
    written = count = 0
    with path.open("wb") as file:
        for line in lines(megabytes * 2000, seed):
            written += file.write(line + b"\n")
            count += 1
            if written >= megabytes * 1_000_000:
                break
    return count


def patient(draw: random.Random, person: str) -> dict[str, object]:
    """One person with five identifiers, two names, an address and the usual extensions."""
    name = f"Family{draw.randrange(10**4)}"
    return {
        "resourceType": "Patient", "id": person, "meta": {"profile": [CORE + "patient"]},
        "text": {
            "status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">Seed: {draw.random()}</div>',
        },
        "extension": [
            {"url": CORE + "race", "extension": [
                {"url": "ombCategory", "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2106-3"}},
                {"url": "text", "valueString": "White"}]},
            {"url": CORE + "birthsex", "valueCode": "F"},
            {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"city": "Olathe"}}],
        "identifier": [
            {"system": "https://github.com/synthetichealth/synthea", "value": person},
            *({"type": {"coding": [{"system": TERMS + "v2-0203", "code": kind, "display": text}], "text": text},
               "system": f"urn:oid:2.16.840.1.113883.4.3.{number}", "value": f"S{draw.randrange(10**8)}"}
              for number, (kind, text) in enumerate((("MR", "Medical Record Number"), ("SS", "Social Security Number"),
                                                     ("DL", "Driver's license"), ("PPN", "Passport Number"))))],
        "name": [{"use": "official", "family": name, "given": ["Ann", "Lee"], "prefix": ["Mrs."]},
                 {"use": "maiden", "family": name + "x", "given": ["Ann", "Lee"]}],
        "telecom": [{"system": "phone", "value": f"555-{draw.randrange(10**7)}", "use": "home"}],
        "gender": draw.choice(("male", "female")),
        "birthDate": f"{draw.randrange(1930, 2015)}-0{draw.randrange(1, 9)}-11",
        "address": [{"line": [f"{draw.randrange(999)} Abernathy Landing"], "city": "Emporia", "state": "KS",
                     "postalCode": "66801", "country": "US"}],
        "maritalStatus": {"coding": [{"system": TERMS + "v3-MaritalStatus", "code": draw.choice("MSDW")}], "text": "M"},
        "multipleBirthBoolean": False,
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-US"}],
                                        "text": "English"}}],
    }  # fmt: skip


def encounter(draw: random.Random, visit: str, person: str) -> dict[str, object]:
    """One visit with type, participant, reason, place and provider."""
    period = {"start": _time(draw), "end": _time(draw)}
    doctor = {"reference": f"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|99999{draw.randrange(10**5)}"}
    return {
        "resourceType": "Encounter", "id": visit, "meta": {"profile": [CORE + "encounter"]},
        "identifier": [{"use": "official", "system": "https://github.com/synthetichealth/synthea", "value": visit}],
        "status": "finished", "class": {"system": TERMS + "v3-ActCode", "code": draw.choice(("AMB", "IMP", "EMER"))},
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "185347001",
                              "display": "Encounter for problem"}],
                  "text": "Encounter for problem"}],
        "subject": {"reference": f"Patient/{person}", "display": "Mrs. Ann Lee"},
        "participant": [{"type": [{"coding": [{"system": TERMS + "v3-ParticipationType", "code": "PPRF",
                                               "display": "primary performer"}], "text": "primary performer"}],
                         "period": period, "individual": doctor | {"display": "Dr. Chelsey"}}],
        "period": period,
        "reasonCode": [{"coding": [{"system": "http://snomed.info/sct", "code": "46177005",
                                    "display": "End-stage renal disease (disorder)"}]}],
        "location": [{"location": {"reference": f"Location?identifier=https://github.com/synthetichealth/synthea|{person}",
                                   "display": "COUNTY HOSPITAL"}}],
        "serviceProvider": {"reference": f"Organization?identifier=https://github.com/synthetichealth/synthea|{person}",
                            "display": "COUNTY HOSPITAL"},
    }  # fmt: skip


def condition(draw: random.Random, person: str, visit: str) -> dict[str, object]:
    """One diagnosis, coded in ICD-10."""
    code, text = draw.choice(FOUND)
    return {
        "resourceType": "Condition", "id": _id(draw), "meta": {"profile": [CORE + "condition-encounter-diagnosis"]},
        "clinicalStatus": {"coding": [{"system": TERMS + "condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": TERMS + "condition-ver-status", "code": "confirmed"}]},
        "category": [{"coding": [{"system": TERMS + "condition-category", "code": "encounter-diagnosis",
                                  "display": "Encounter Diagnosis"}]}],
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code, "display": text}], "text": text},
        "subject": {"reference": f"Patient/{person}"}, "encounter": {"reference": f"Encounter/{visit}"},
        "onsetDateTime": _time(draw), "recordedDate": _time(draw),
    }  # fmt: skip


def observation(draw: random.Random, person: str, visit: str) -> dict[str, object]:
    """One result with a quantity; one in seven is a blood pressure with two components."""
    made: dict[str, object] = {
        "resourceType": "Observation", "id": _id(draw), "meta": {"profile": [CORE + "observation-lab"]},
        "status": "final",
        "category": [{"coding": [{"system": TERMS + "observation-category", "code": "laboratory",
                                  "display": "Laboratory"}]}],
    }  # fmt: skip
    about = {"subject": {"reference": f"Patient/{person}"}, "encounter": {"reference": f"Encounter/{visit}"},
             "effectiveDateTime": _time(draw), "issued": _time(draw)}  # fmt: skip
    if draw.randrange(7) == 0:
        parts = [{"code": _loinc(code, text), "valueQuantity": _quantity(draw, 100.0, "mm[Hg]")}
                 for code, text in (("8462-4", "Diastolic Blood Pressure"),
                                    ("8480-6", "Systolic Blood Pressure"))]  # fmt: skip
        return made | {"code": _loinc("85354-9", "Blood pressure panel")} | about | {"component": parts}
    code, text, unit, usual = draw.choice(OBSERVED)
    return made | {"code": _loinc(code, text)} | about | {"valueQuantity": _quantity(draw, usual, unit)}


def _loinc(code: str, text: str) -> dict[str, object]:
    return {"coding": [{"system": "http://loinc.org", "code": code, "display": text}], "text": text}


def _quantity(draw: random.Random, usual: float, unit: str) -> dict[str, object]:
    value = round(usual * (0.5 + draw.random()), 4)
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _id(draw: random.Random) -> str:
    word = f"{draw.getrandbits(128):032x}"
    return f"{word[:8]}-{word[8:12]}-{word[12:16]}-{word[16:20]}-{word[20:]}"


def _time(draw: random.Random) -> str:
    rest = f"{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}"
    return f"{draw.randrange(1990, 2025)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}T{rest}-05:00"

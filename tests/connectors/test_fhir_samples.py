"""The real samples: nothing is lost, every reject has its reason, and the columns equal a plain reading, one by one."""

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.errors import ConnectorError
from connectors.kinds.fhir_r4 import CONNECTOR
from connectors.reason import REASONS

pytestmark = pytest.mark.samples
HERE = Context(site="A", batch="b1", file="0" * 16)
FOLDERS = ("smart-bulk-10", "google-synthea-hiv-small", "ms-fhir-server-r4", "r4-spec-examples")


def read(path: Path) -> list[Chunk]:
    chunks = list(CONNECTOR.open(path).chunks(HERE))
    for chunk in chunks:
        chunk.check()
    return chunks


def tables(folder: Path) -> dict[str, pl.DataFrame]:
    found: dict[str, list[pl.DataFrame]] = {}
    for path in sorted(folder.rglob("*.*json")):
        for chunk in read(path):
            for name, rows in chunk.tables.items():
                found.setdefault(name, []).append(rows)
    return {name: pl.concat(frames) for name, frames in found.items()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_record_is_accepted_or_refused_with_a_known_reason(samples, folder):
    for path in sorted(each for each in (samples / "fhir" / folder).rglob("*") if each.is_file()):
        try:
            chunks = read(path)
        except ConnectorError:
            assert path.suffix == ".md"
            continue
        for chunk in chunks:
            assert all(
                REASONS[code].whole == is_whole
                for code, is_whole in chunk.rejects.select("reason", "whole").iter_rows()
            )
            keys = [rows.select("source_position", "record_id") for rows in chunk.tables.values()]
            assert all(each.is_unique().all() and not each["record_id"].null_count() for each in keys)


def test_the_bulk_export_is_read_to_the_last_resource(samples):
    chunks = [c for path in sorted((samples / "fhir" / "smart-bulk-10").glob("*.ndjson")) for c in read(path)]
    reasons = Counter(code for c in chunks for code in c.rejects.filter("whole")["reason"])
    assert sum(chunk.read for chunk in chunks) == 7164
    assert reasons == {"no-shared-table": 157, "not-a-resource": 4}


def test_the_columns_equal_a_plain_reading_of_each_line(samples):
    folder = samples / "fhir" / "smart-bulk-10"
    made = tables(folder)
    for type_, table, plain in ORACLE:
        lines = (folder / f"{type_}.000.ndjson").read_text().splitlines()
        expected = [plain(json.loads(line)) for line in lines]
        rows = made[table].filter(pl.col("source_table") == type_).sort("source_position")
        assert rows.select(list(expected[0])).to_dicts() == expected


def test_observations_equal_a_plain_reading_of_the_bundles(samples):
    folder = samples / "fhir" / "google-synthea-hiv-small"
    resources = [
        entry["resource"] for path in folder.rglob("*.json") for entry in json.loads(path.read_text())["entry"]
    ]
    expected = Counter(tuple(observation(each).values()) for each in resources if each["resourceType"] == "Observation")
    rows = tables(folder)["observation"].filter(pl.col("source_table") == "Observation")
    assert Counter(rows.select(list(observation({}))).rows()) == expected
    assert expected.total() > 900


def reference(resource: dict, key: str, kind: str = "") -> str | None:
    named = resource.get(key, {}).get("reference")
    return kind + named.replace("urn:uuid:", "").rsplit("/", 1)[-1] if named else None


def coding(resource: dict, key: str) -> dict:
    return (resource.get(key, {}).get("coding") or [{}])[0]


def patient(one: dict) -> dict:
    return {
        "source_pk": one["id"], "gender_code": {"male": "1", "female": "2"}[one["gender"]],
        "name": " ".join([one["name"][0]["family"], one["name"][0]["given"][0]]),
    }  # fmt: skip


def encounter(one: dict) -> dict:
    classes = {"AMB": "OP", "EMER": "ER", "IMP": "IP", "HH": "HOME", "VR": "VR"}
    return {
        "source_pk": one["id"],
        "person_id": reference(one, "subject"),
        "class_code": classes.get(one["class"]["code"]),
    }


def condition(one: dict) -> dict:
    code = coding(one, "code")
    return {"source_pk": one["id"], "encounter_id": reference(one, "encounter", "Encounter|"), "code": code["code"],
            "display": code["display"]}  # fmt: skip


def procedure(one: dict) -> dict:
    return {"source_pk": one["id"], "person_id": reference(one, "subject"), "code": coding(one, "code")["code"]}


def medication(one: dict) -> dict:
    drug = one.get("medicationCodeableConcept") or next(iter(one["contained"]))["code"]
    return {
        "source_pk": one["id"],
        "drug_code": drug["coding"][0]["code"],
        "drug_name": drug["text"],
        "status": one["status"],
    }


def observation(one: dict) -> dict:
    quantity = one.get("valueQuantity", {})
    return {
        "source_pk": one.get("id"), "person_id": reference(one, "subject"), "item_code": coding(one, "code").get("code"),
        "value_num": None if quantity.get("value") is None else float(quantity["value"]), "unit": quantity.get("unit"),
    }  # fmt: skip


ORACLE = (
    ("Patient", "patient", patient), ("Encounter", "encounter", encounter), ("Condition", "condition", condition),
    ("Procedure", "procedure", procedure), ("MedicationRequest", "medication", medication),
)  # fmt: skip

"""Bundles, arrays and single resources: each entry is a record, whatever the bundle's type."""

import json
from pathlib import Path

import polars as pl
import pytest

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.fhir.bundle import TYPES
from connectors.kinds.fhir_r4 import CONNECTOR

HERE = Context(site="A", batch="b1", file="0" * 16)
UUID = "0b2c1a3e-0000-4000-8000-000000000001"


def read(folder: Path, document: object, indent: int | None = 1) -> list[Chunk]:
    path = folder / "made.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document, indent=indent).encode())
    chunks = list(CONNECTOR.open(path).chunks(HERE))
    for chunk in chunks:
        chunk.check()
    return chunks


def whole(chunks: list[Chunk]) -> list[tuple[int, str]]:
    rejects = pl.concat([chunk.rejects for chunk in chunks]).filter("whole")
    return list(rejects.select("position", "reason").iter_rows())


def patient(key: str) -> dict[str, object]:
    return {"resourceType": "Patient", "id": key}


def bundle(*entries: object, type: str = "collection") -> dict[str, object]:  # noqa: A002
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("indent", [None, 2])
def test_the_entries_of_every_type_of_bundle_are_records(tmp_path, type_, indent):
    [chunk] = read(tmp_path, bundle({"resource": patient("p1")}, {"resource": patient("p2")}, type=type_), indent)
    assert chunk.tables["patient"]["source_pk"].to_list() == ["p1", "p2"]
    assert chunk.records["position"].to_list() == [1, 2]


def test_an_array_and_a_single_resource_are_documents_too(tmp_path):
    [chunk] = read(tmp_path, [patient("p1"), bundle({"resource": patient("p2")})])
    assert chunk.tables["patient"]["source_pk"].to_list() == ["p1", "p2"]
    [chunk] = read(tmp_path, patient("p1"))
    assert chunk.read == 1


def test_the_place_of_an_entry_is_that_of_its_resource_in_the_file(tmp_path):
    document = bundle({"fullUrl": "x", "resource": patient("p1")})
    [chunk] = read(tmp_path, document)
    raw = (tmp_path / "made.json").read_bytes()
    offset, length, at = chunk.records.select("offset", "length", "line").row(0)
    assert json.loads(raw[offset : offset + length]) == patient("p1")
    assert raw[:offset].count(b"\n") + 1 == at


def test_lines_may_be_bundles_among_single_resources(tmp_path):
    lines = [patient("p1"), bundle({"resource": patient("p2")}, {"resource": patient("p3")}), patient("p4")]
    chunks = read(tmp_path, b"\n".join(json.dumps(each).encode() for each in lines))
    made = pl.concat([chunk.tables["patient"] for chunk in chunks])
    assert made.select("source_pk", "source_position").rows() == [("p1", 1), ("p2", 2), ("p3", 3), ("p4", 4)]


def test_a_reference_by_uuid_becomes_the_id_of_the_entry_or_stays_the_uuid(tmp_path):
    entry = {"fullUrl": f"urn:uuid:{UUID}", "resource": patient("p1")}
    seen = {"resourceType": "Condition", "id": "c1", "subject": {"reference": f"urn:uuid:{UUID}"}}
    [chunk] = read(tmp_path, bundle(entry, {"resource": seen}))
    assert chunk.tables["condition"]["person_id"].to_list() == ["p1"]
    [chunk] = read(tmp_path, bundle({"resource": seen}))
    assert chunk.tables["condition"]["person_id"].to_list() == [UUID]


def test_an_entry_without_an_id_is_keyed_by_its_full_url(tmp_path):
    [chunk] = read(tmp_path, bundle({"fullUrl": f"urn:uuid:{UUID}", "resource": {"resourceType": "Patient"}},
                                    {"resource": {"resourceType": "Patient"}}))  # fmt: skip
    assert chunk.tables["patient"]["record_id"].to_list() == [f"Patient|{UUID}"]
    assert whole([chunk]) == [(2, "no-key")]


def test_a_deleted_entry_of_a_history_is_a_tombstone(tmp_path):
    gone = {"request": {"method": "DELETE", "url": "Encounter/e7"}}
    away = {"request": {"method": "DELETE", "url": "Location/l7"}}
    search = {"request": {"method": "GET", "url": "Encounter?x=y"}}
    [chunk] = read(tmp_path, bundle(gone, {"resource": patient("p1")}, away, search, type="history"))
    assert chunk.tables["encounter"].select("record_id", "deleted", "person_id").rows() == [
        ("Encounter|e7", True, None)
    ]
    assert chunk.records["key"].to_list() == ["Encounter|e7", "Patient|p1"]
    assert whole([chunk]) == [(3, "no-shared-table"), (4, "not-a-resource")]


def test_a_doubled_key_costs_the_entry_that_has_it_and_no_other(tmp_path):
    text = json.dumps(bundle({"resource": patient("p1")}, {"resource": patient("p2")})).replace(
        '"id": "p2"', '"id": "p2", "id": "p3"'
    )
    chunks = read(tmp_path, text.encode())
    assert whole(chunks) == [(2, "duplicate-key")]


def test_a_bundle_that_breaks_off_keeps_its_good_entries(tmp_path):
    text = json.dumps(bundle({"resource": patient("p1")}, {"resource": patient("p2")}), indent=1)
    chunks = read(tmp_path, text[: text.index("p2")].encode())
    assert chunks[0].tables["patient"]["source_pk"].to_list() == ["p1"]
    assert whole(chunks) == [(2, "truncated")]


def test_a_bundle_of_an_unknown_type_is_one_reject(tmp_path):
    assert whole(read(tmp_path, bundle({"resource": patient("p1")}, type="parcel"))) == [(1, "wrong-shape")]


def test_an_empty_bundle_holds_no_record(tmp_path):
    [chunk] = read(tmp_path, {"resourceType": "Bundle", "type": "searchset"})
    assert (chunk.read, chunk.records.height) == (0, 0)


def test_sniffing_is_sure_of_a_resource_type_only(tmp_path):
    late = b'{"a":"' + b"x" * 70_000 + b'","resourceType":"Patient"}'
    cases = {b'{"resourceType":"Patient"}': 0.95, b'\xef\xbb\xbf [{"resourceType":"Patient"}]': 0.95, late: 0.2}
    for content, sure in cases.items():
        (tmp_path / "x").write_bytes(content)
        found = CONNECTOR.sniff(tmp_path / "x")
        assert found is not None
        assert found.sure == sure
    for content in (b"", b"a,b\n1,2\n", b"MSH|^~", b'{"a":1}', b'[{"code":"1"}]'):
        (tmp_path / "x").write_bytes(content)
        assert CONNECTOR.sniff(tmp_path / "x") is None

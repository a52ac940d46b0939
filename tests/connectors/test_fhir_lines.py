"""Lines of FHIR R4: every one is a record, accepted with its rows or refused with the reason that is true of it."""

import contextlib
import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.errors import ConnectorError, Unreadable
from connectors.fhir import blocks
from connectors.kinds.fhir_r4 import CONNECTOR
from schemas.tables import TABLES

HERE = Context(site="A", batch="b1", file="0" * 16)
GOOD = b'{"resourceType":"Patient","id":"p1","gender":"female","birthDate":"1980-02-03"}'


def read(path: Path) -> list[Chunk]:
    chunks = list(CONNECTOR.open(path).chunks(HERE))
    for chunk in chunks:
        chunk.check()
    return chunks


def read_bytes(folder: Path, content: bytes) -> list[Chunk]:
    path = folder / "made.ndjson"
    path.write_bytes(content)
    return read(path)


def table(chunks: Iterable[Chunk], name: str) -> pl.DataFrame:
    return pl.concat([chunk.tables[name] for chunk in chunks if name in chunk.tables])


def whole(chunks: Iterable[Chunk]) -> list[tuple[int, int, str]]:
    rejects = pl.concat([chunk.rejects for chunk in chunks]).filter("whole")
    return list(rejects.select("position", "line", "reason").iter_rows())


def values(chunks: Iterable[Chunk]) -> list[tuple[str, str, bytes]]:
    rejects = pl.concat([chunk.rejects for chunk in chunks]).filter(~pl.col("whole"))
    return list(rejects.select("column", "reason", "raw").iter_rows())


def line(type_: str, **elements: object) -> bytes:
    return json.dumps({"resourceType": type_, "id": "x1"} | elements, separators=(",", ":")).encode()


BAD = [
    (b'{"resourceType":"Patient","id":"p2"', "not-json"),
    (b'{"resourceType":"Patient","id":"p2",}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","n":NaN}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","n":-Infinity}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","n":01}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","b":t,"c":"d"}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","b":1 2,"c":"d"}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2"} x', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","x":"\\ud800"}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","x":"\\q"}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","x":"\\u12G4"}', "not-json"),
    (b'{"resourceType":"Patient","id":"p2","x":"a\tb"}', "not-json"),
    (b'{"resourceType":"Patient","id":"p\xff2"}', "not-utf8"),
    (b'{"resourceType":"Patient","id":"p2","id":"p3"}', "duplicate-key"),
    (b'{"resourceType":"Patient","id":"p2","a":[{"b":{"c":1,"d":2,"c":1}}]}', "duplicate-key"),
    (b'{"resourceType":"Patient","id":"p2","i\\u0064":"p3"}', "duplicate-key"),
    (b'{"resourceType":"Patient","id":{"a":"p2"}}', "wrong-shape"),
    (b'{"resourceType":"Patient","id":"p2","birthDate":19800203}', "wrong-shape"),
    (b'{"resourceType":"Patient","id":"p2","name":{"family":"x"}}', "wrong-shape"),
    (b'{"resourceType":"Patient","gender":"male"}', "no-key"),
    (b'{"resourceType":"Condition","id":"c1"}', "no-person"),
    (b'{"resourceType":"Condition","id":"c1","subject":{"reference":"Group/1"}}', "no-person"),
    (b'{"resourceType":"Location","id":"l1"}', "no-shared-table"),
    (b'{"id":"p2"}', "not-a-resource"),
    (b'{"resourceType":7}', "not-a-resource"),
    (b"[1,2]", "not-a-resource"),
    (b"null", "not-a-resource"),
    (b'"text"', "not-a-resource"),
    (b"not json at all", "not-json"),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too-deep"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_bad_line_between_good_ones_is_refused_alone_with_its_reason(tmp_path, bad, reason):
    chunks = read_bytes(tmp_path, b"\n".join([GOOD, bad, GOOD.replace(b"p1", b"p9")]) + b"\n")
    assert whole(chunks) == [(2, 2, reason)]
    assert table(chunks, "patient")["source_pk"].to_list() == ["p1", "p9"]


def test_all_kinds_of_bad_lines_at_once_are_told_apart(tmp_path):
    lines = [each for bad, _ in BAD for each in (GOOD, bad)]
    chunks = read_bytes(tmp_path, b"\n".join(lines))
    assert whole(chunks) == [(2 * n, 2 * n, reason) for n, (_, reason) in enumerate(BAD, 1)]
    assert sum(chunk.records.height for chunk in chunks) == len(BAD)


def test_the_raw_text_of_a_refused_line_is_kept_verbatim_up_to_64_kib(tmp_path):
    long = b'{"x":"' + b"a" * 100_000
    [chunk] = read_bytes(tmp_path, GOOD + b"\n" + long)
    assert chunk.rejects["raw"].to_list() == [long[:65536]]


def test_a_mark_before_the_first_line_carriage_returns_and_blank_lines_are_no_records(tmp_path):
    chunks = read_bytes(tmp_path, b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n  \n" + GOOD.replace(b"p1", b"p2") + b"\r\n")
    records = pl.concat([chunk.records for chunk in chunks])
    assert records.select("position", "line", "offset", "length").rows() == [
        (1, 1, 3, len(GOOD)), (2, 4, 3 + len(GOOD) + 2 + 2 + 3, len(GOOD)),
    ]  # fmt: skip


def test_white_space_between_tokens_changes_nothing(tmp_path):
    spaced = json.dumps(json.loads(GOOD), indent=None, separators=(" , ", " :  \t ")).encode()
    plain, wide = read_bytes(tmp_path, GOOD), read_bytes(tmp_path, spaced + b"\n")
    columns = pl.exclude("source_row_hash")
    assert table(plain, "patient").select(columns).equals(table(wide, "patient").select(columns))


def test_escapes_are_undone_in_values(tmp_path):
    chunks = read_bytes(tmp_path, rb'{"resourceType":"Patient","id":"p1","name":[{"text":"\u5f20\"\\\/\u4e09"}]}')
    assert table(chunks, "patient")["name"].to_list() == ['张"\\/三']


def test_an_empty_file_and_one_that_is_no_json_are_unreadable(tmp_path):
    for content in (b"", b"\xef\xbb\xbf", b" \n \n", b"PK\x03\x04", b"<Bundle/>"):
        with pytest.raises(Unreadable):
            read_bytes(tmp_path, content)


def test_of_a_cut_gzip_file_the_good_part_is_accepted_and_the_rest_is_one_reject(tmp_path):
    lines = b"".join(GOOD.replace(b"p1", b"p%d" % n) + b"\n" for n in range(20_000))
    chunks = read_bytes(tmp_path, gzip.compress(lines)[:-4000])
    [last] = [each for each in whole(chunks) if each[2] == "truncated"]
    accepted = sum(chunk.records.height for chunk in chunks)
    assert 0 < accepted < 20_000
    assert last[0] == accepted + 1
    assert len(whole(chunks)) == 1


def test_gzip_in_several_members_is_read_to_the_end(tmp_path):
    chunks = read_bytes(tmp_path, gzip.compress(GOOD + b"\n") + gzip.compress(GOOD.replace(b"p1", b"p2")))
    assert table(chunks, "patient")["source_pk"].to_list() == ["p1", "p2"]


def test_a_line_beyond_the_limit_is_one_reject_and_the_next_line_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "LONGEST", 4096)
    monkeypatch.setattr(blocks.blocks, "__defaults__", (1024,))
    long = b'{"resourceType":"Patient","id":"' + b"a" * 9000 + b'"}'
    chunks = read_bytes(tmp_path, GOOD + b"\n" + long + b"\n" + GOOD.replace(b"p1", b"p3") + b"\n")
    assert whole(chunks) == [(2, 2, "too-long")]
    assert table(chunks, "patient").select("source_pk", "source_position").rows() == [("p1", 1), ("p3", 3)]


def test_where_blocks_end_changes_nothing(tmp_path, monkeypatch):
    lines = [GOOD.replace(b"p1", b"p%d" % n) if n % 7 else b'{"broken' for n in range(200)]
    once = read_bytes(tmp_path, b"\n".join(lines))
    monkeypatch.setattr(blocks.blocks, "__defaults__", (300,))
    often = read_bytes(tmp_path, b"\n".join(lines))
    assert len(often) > 10
    assert table(once, "patient").equals(table(often, "patient"))
    assert pl.concat([c.rejects for c in once]).equals(pl.concat([c.rejects for c in often]))


def test_the_hash_is_that_of_the_line_as_it_lies_in_the_file(tmp_path):
    import hashlib

    [chunk] = read_bytes(tmp_path, GOOD + b"\r\n")
    assert chunk.records["hash"].to_list() == [hashlib.sha256(GOOD).hexdigest()[:32]]
    assert chunk.records["key"].to_list() == ["Patient|p1"]


def test_every_table_row_has_exactly_the_declared_columns(tmp_path):
    [chunk] = read_bytes(tmp_path, GOOD)
    assert {name: frame.schema for name, frame in chunk.tables.items()} == {"patient": TABLES["patient"].schema()}


FOREIGN = [
    ("Patient", {"animal": {}}), ("Encounter", {"class": [{"coding": []}]}), ("Encounter", {"actualPeriod": {}}),
    ("Condition", {"assertedDate": "2010"}), ("Observation", {"context": {"reference": "Encounter/1"}}),
    ("Procedure", {"notDone": False}), ("Procedure", {"occurrenceDateTime": "2020"}),
    ("MedicationRequest", {"requester": {"agent": {"reference": "x"}}}), ("MedicationRequest", {"medication": {}}),
    ("DocumentReference", {"indexed": "2010"}), ("DocumentReference", {"context": []}),
    ("Consent", {"except": []}), ("Consent", {"provision": []}), ("Consent", {"policyRule": "http://x"}),
    ("Claim", {"item": [{"service": {}}]}), ("ExplanationOfBenefit", {"patientPaid": {}}),
    ("Patient", {"meta": {"profile": ["http://hl7.org/fhir/3.0/StructureDefinition/Patient"]}}),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "elements"), FOREIGN)
def test_stu3_and_r5_are_refused_by_name(tmp_path, type_, elements):
    chunks = read_bytes(tmp_path, line(type_, subject={"reference": "Patient/1"}, **elements))
    assert whole(chunks) == [(1, 1, "wrong-fhir-version")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4), max_leaves=12,
)  # fmt: skip
resources = st.fixed_dictionaries(
    {"resourceType": st.sampled_from(["Patient", "Observation", "Encounter", "Consent", "Claim", "Bundle"])},
    optional=dict.fromkeys(("id", "subject", "patient", "identifier", "name", "code", "component", "item", "provision", "entry", "type", "meta", "contained", "period"), json_values),
)  # fmt: skip


@given(content=st.binary(max_size=300) | st.binary(max_size=200).map(lambda each: b'{"' + each))
def test_arbitrary_bytes_raise_only_what_is_promised_and_conserve(tmp_path_factory, content):
    with contextlib.suppress(ConnectorError):
        read_bytes(tmp_path_factory.mktemp("any"), content)


@given(st.lists(resources | json_values, min_size=1, max_size=4))
def test_arbitrary_json_raises_only_what_is_promised_and_conserves(tmp_path_factory, documents):
    content = b"\n".join(json.dumps(each).encode() for each in documents)
    try:
        chunks = read_bytes(tmp_path_factory.mktemp("any"), content)
    except ConnectorError:
        return
    assert all(chunk.read == chunk.records.height + chunk.rejected for chunk in chunks)


@given(st.lists(st.sampled_from([GOOD, *(bad for bad, _ in BAD[:-1])]), min_size=2, max_size=12))
def test_a_line_is_judged_alike_in_any_company(tmp_path_factory, lines):
    chunks = read_bytes(tmp_path_factory.mktemp("any"), b"\n".join([GOOD, *lines]))
    expected = dict(BAD)
    assert [(line - 2, reason) for _, line, reason in whole(chunks)] == [
        (n, expected[each]) for n, each in enumerate(lines) if each != GOOD
    ]

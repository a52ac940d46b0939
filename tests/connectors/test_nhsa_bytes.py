"""Files as they come: lines, arrays, documents behind each other, GB18030, gzip; broken, hostile, cut off, empty."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ConnectorError, Unreadable
from connectors.kinds.nhsa import CONNECTOR
from connectors.nhsa import cut
from connectors.reason import REASONS
from tests.connectors.nhsa_drawn import CULTURES, EVERY, FRONT_PAGE, SETTLEMENT, changed, read, refused, rows, written

# 乗 is 81 5C in GB18030, 攞 94 5B, 攠 94 7B..: their second bytes are a backslash and brackets.
TRAPS = "乗亅俓攞攠攡"


def every_row(chunks):
    return {
        name: rows(chunks, name).drop("source_row_hash", "source_position")
        for name in sorted({each for chunk in chunks for each in chunk.tables})
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("packed", [False, True])
def test_every_layout_and_encoding_gives_the_same_rows(tmp_path, encoding, indent, packed):
    (tmp_path / "plain").mkdir()
    expected = every_row(read(written(tmp_path / "plain", *EVERY)))
    told = every_row(read(written(tmp_path, *EVERY, encoding=encoding, indent=indent, packed=packed)))
    assert told.keys() == expected.keys()
    assert all(told[name].equals(expected[name]) for name in told)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("indent", [None, 1])
def test_every_record_lies_where_its_place_says(tmp_path, encoding, indent):
    trapped = changed(SETTLEMENT, "setlinfo", psn_name=TRAPS, curr_addr=TRAPS + '"\\')
    path = written(tmp_path, trapped, CULTURES, FRONT_PAGE, encoding=encoding, indent=indent)
    raw, [chunk] = path.read_bytes(), read(path)
    name = "gb18030" if encoding == "gb18030" else "utf-8"
    found = [
        json.loads(raw[at : at + size].decode(name)) for at, size in chunk.records.select("offset", "length").rows()
    ]
    assert found == [trapped, *CULTURES["input"]["data"], FRONT_PAGE]
    assert rows([chunk], "patient")["name"][0] == TRAPS
    assert chunk.records["line"].to_list() == [1 + raw[:at].count(b"\n") for at in chunk.records["offset"]]


def test_documents_behind_each_other_need_no_line_ends(tmp_path):
    path = tmp_path / "r.json"
    path.write_text(json.dumps(SETTLEMENT, indent=1) + json.dumps(FRONT_PAGE, indent=1), "utf-8")
    assert [chunk.read for chunk in read(path)] == [2]


def test_a_broken_line_costs_itself_only(tmp_path):
    path = written(tmp_path, SETTLEMENT, FRONT_PAGE)
    first, second = path.read_text("utf-8").split("\n")
    path.write_text("\n".join([first, second[:-9], '{"a":NaN}', "[1]", '"x"', "", second]), "utf-8")
    assert refused(read(path)) == [(2, "not-json"), (3, "not-json"), (4, "wrong-shape"), (5, "wrong-shape")]


def test_a_broken_record_of_an_array_costs_itself_only(tmp_path):
    good = json.dumps(SETTLEMENT, ensure_ascii=False)
    path = tmp_path / "r.json"
    path.write_text(f"[\n{good},\n{good.replace(':', ' ', 1)},\n{json.dumps(FRONT_PAGE)}\n]", "utf-8")
    chunks = read(path)
    assert refused(chunks) == [(2, "not-json")]
    assert [chunk.read for chunk in chunks] == [3]


@pytest.mark.parametrize("indent", [None, 1])
def test_of_a_file_that_is_cut_off_what_came_before_is_read(tmp_path, indent):
    path = written(tmp_path, SETTLEMENT, FRONT_PAGE, indent=indent)
    path.write_bytes(path.read_bytes()[:-40])
    chunks = read(path)
    assert refused(chunks) == [(2, "not-json" if indent is None else "truncated")]


def test_a_cut_gzip_gives_what_came_before(tmp_path):
    many = [changed(SETTLEMENT, "setlinfo", setl_id=f"S{n}") for n in range(300)]
    path = written(tmp_path, *many, packed=True)
    path.write_bytes(path.read_bytes()[:-30])
    chunks = read(path)
    assert sum(chunk.records.height for chunk in chunks) > 200
    assert {reason for _, reason in refused(chunks)} == {"truncated"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"infno":"4101","infno":"4401","input":{}}', "duplicate-key"),
        (b'{"infno":"4101","input":{"setlinfo":{"a":1,"A":2}}}', "duplicate-key"),
        (b'{"infno":"4701","input":{"adminfo":{}}}', "no-shared-table"),
        (b'{"infno":"4101","input":{}}', "wrong-shape"),
        (b'{"infno":"4101","input":[]}', "wrong-shape"),
        (b'{"infno":"4503","input":{"data":[]}}', "wrong-shape"),
        (b'{"infno":"4101","input":{"setlinfo":{"medcasno":"R"}}}', "no-key"),
        (b'{"infno":"4502","input":{"labinfo":{"mdtrt_sn":"V","rpotc_no":"L"}}}', "no-person"),
        (b'{"infno":"4101","input":{"setlinfo":{"setl_id":"\\ud800","medcasno":"R"}}}', "not-json"),
        (b'{"infno":"4101","input":' + b"[" * 300 + b"]" * 300 + b"}", "too-deep"),
        (b'{"infno":"4101","input":{"setlinfo":{"psn_name":"\xff\xff"}}}', "undecodable"),
    ],
)
def test_what_cannot_be_a_record_is_refused_with_its_reason(tmp_path, line, reason):
    path = tmp_path / "r.json"
    path.write_bytes(line + b"\n" + json.dumps(SETTLEMENT, ensure_ascii=False).encode())
    assert refused(read(path)) == [(1, reason)]


def test_brackets_without_end_are_refused_and_do_not_recurse(tmp_path):
    path = tmp_path / "r.json"
    path.write_bytes(b'[{"infno":"4101","input":' + b"[" * 200_000)
    assert refused(read(path)) == [(1, "truncated")]
    path.write_bytes(b"[" + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"," + json.dumps(FRONT_PAGE).encode() + b"]")
    assert refused(read(path)) == [(1, "too-deep")]


def test_a_record_longer_than_allowed_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(cut, "LONGEST", 1 << 20)
    long = changed(SETTLEMENT, "setlinfo", curr_addr="甲" * (3 << 20))
    assert refused(read(written(tmp_path, SETTLEMENT, long, FRONT_PAGE))) == [(2, "too-long")]
    assert refused(read(written(tmp_path, SETTLEMENT, long, indent=1))) == [(2, "too-long")]


@pytest.mark.parametrize("raw", [b"", b" \n", b"a,b\n1,2", b"\x00" * 50, "{}".encode("utf-16")])
def test_what_is_no_json_is_unreadable(tmp_path, raw):
    path = tmp_path / "r.json"
    path.write_bytes(raw)
    assert CONNECTOR.sniff(path) is None
    with pytest.raises(Unreadable):
        read(path)


def test_the_same_file_gives_the_same_rows(tmp_path):
    path = written(tmp_path, *EVERY)
    one, two = read(path), read(path)
    assert all(one[0].tables[name].equals(two[0].tables[name]) for name in one[0].tables)


@given(st.binary(max_size=300) | st.lists(st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b'"infno":"4101"', b'"input"', b'"setlinfo"', b'"data"', b"null",
     b"1e999", b"\n", b"\x81\x5c", "\u4e57".encode(), b"\x00", b"\xff", json.dumps(SETTLEMENT).encode(),
     json.dumps(CULTURES, ensure_ascii=False).encode("gb18030")]), max_size=30).map(b"".join))  # fmt: skip
def test_no_bytes_bring_it_down_and_nothing_is_lost(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("any") / "r.json"
    path.write_bytes(raw)
    CONNECTOR.sniff(path)
    try:
        chunks = read(path)
    except ConnectorError:
        return
    positions = [p for c in chunks for p in [*c.records["position"], *c.rejects.filter("whole")["position"]]]
    assert sorted(positions) == list(range(1, len(positions) + 1))
    for chunk in chunks:
        assert all(REASONS[code].whole == whole for code, whole in chunk.rejects.select("reason", "whole").iter_rows())

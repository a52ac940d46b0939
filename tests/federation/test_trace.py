import base64
import gzip
import json
import os

import pytest

from federation.broker.ledger import Ledger
from federation.errors import Refused, Usage
from federation.node.home import Home
from federation.node.raw import decoded, exact, must_own, slice_of
from federation.node.trace import trace
from tests.federation.node_city import city, drawn, pooled, take

TWO = "k1 | p1 | 11010519491231002X | 5.1\nk2 | p2 | | 5.2"


def test_a_pooled_row_leads_back_to_file_place_and_text(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", TWO)
    told = take(home, path)
    token = pooled(home).filter(value_text="5.2")["record_id"].item()
    [found] = trace(home, token, raw=True)
    assert (found.site, found.batch, found.path) == ("A", told.batch, str(path))
    assert (found.position, found.line, found.offset, found.length) == (2, 2, 35, 15)
    assert found.raw == "k2 | p2 | | 5.2"
    assert found.rows == {"observation": ["line|k2"]}
    assert found.unchanged
    assert [entry["kind"] for entry in found.ledger] == ["ingest", "release", "release"]


def test_every_pooled_row_leads_back_to_its_own_line(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", TWO)
    take(home, path)
    for token, value in pooled(home).select("record_id", "value_text").iter_rows():
        [found] = trace(home, token, raw=True)
        assert found.raw.endswith(f"| {value}")


def test_a_record_at_its_site_is_found_by_its_own_name_in_every_version(tmp_path):
    home = city(tmp_path, "A")
    first = take(home, drawn(tmp_path / "in", "1", "k1 | p1 | | old"))
    second = take(home, drawn(tmp_path / "in", "2", "k1 | p1 | | new"))
    standing = {found.batch: found.standing for found in trace(home, "line|k1")}
    assert standing == {first.batch: f"replaced by a later version in batch {second.batch}", second.batch: "stands"}


def test_a_file_that_changed_since_shows_no_text(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", TWO)
    take(home, path)
    path.write_text(TWO.replace("5.1", "9.9"))
    [found] = trace(home, "line|k1", raw=True)
    assert not found.unchanged
    assert found.raw is None


def test_a_file_whose_name_is_written_in_gbk_is_read_told_and_traced(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", TWO)
    named = path.with_name(os.fsdecode("张三.lines".encode("gbk")))
    path.rename(named)
    broken = drawn(tmp_path / "in", "2", "BROKEN").rename(path.with_name(os.fsdecode("李四.lines".encode("gbk"))))
    told = take(home, named, broken, tmp_path / "in")
    assert told.accepted == 2
    assert [left.file for left in told.unreadable] == [str(tmp_path / "in" / r"\xc0\xee\xcb\xc4.lines")]
    [found] = trace(home, "line|k2", raw=True)
    assert found.path.endswith(r"/\xd5\xc5\xc8\xfd.lines")
    assert (found.unchanged, found.raw) == (True, "k2 | p2 | | 5.2")
    json.dumps(told.as_dict() | found.as_dict(), ensure_ascii=False).encode()


def test_text_is_shown_when_asked_for_only(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", TWO)
    take(home, path)
    assert trace(home, "line|k1")[0].raw is None


def test_a_name_that_nothing_has_is_a_usage_error(tmp_path):
    home = city(tmp_path, "A")
    with pytest.raises(Usage, match="No recorded row"):
        trace(home, "0" * 32)


def test_raw_text_is_refused_to_anybody_but_the_owner(tmp_path, monkeypatch):
    home = city(tmp_path, "A")
    must_own(home)
    monkeypatch.setattr("os.geteuid", lambda: home.path.stat().st_uid + 1)
    with pytest.raises(Refused, match="owner"):
        must_own(home)


def test_bytes_that_are_no_text_are_handed_over_as_they_are(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", TWO)
    take(home, path)
    assert (decoded("张三".encode("gb18030")), decoded("张三".encode())) == ("张三", "张三")
    assert (exact(b"a\r\x1b"), base64.b64decode(exact(b"\xd5\xc5\xff"))) == (None, b"\xd5\xc5\xff")
    assert trace(home, "line|k1", raw=True)[0].raw_base64 is None


def test_places_in_a_packed_file_are_places_in_what_was_packed(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\ntwo\nthree\n"))
    assert slice_of(path, 4, 3) == b"two"


def test_the_ledger_names_no_patient_and_no_file(tmp_path):
    home: Home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "zhang-san", TWO))
    with home.engine.connect() as connection:
        said = " ".join(entry.body for entry in Ledger(connection).entries())
    assert "11010519491231002X" not in said
    assert "zhang-san" not in said
    assert "k1" not in said

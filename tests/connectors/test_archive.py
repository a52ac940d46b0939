"""Archives: what is inside is read by its own kind, and nothing inside leads out, overflows or stops the rest."""

import io
import os
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.connector import Context
from connectors.errors import ConnectorError, Unreadable
from connectors.kinds import kinds
from connectors.kinds.archive import CONNECTOR
from connectors.reason import REASONS

CONTEXT = Context("s", "b", "f")
DEATHS = "person_id,death_date\n{},2019-05-28\n{},2020-01-01\n"


def packed(path: Path, inside: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """An archive of these files."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in inside.items():
            archive.writestr(name, content)
    return path


def read(path: Path) -> tuple[int, pl.DataFrame, pl.DataFrame, dict[str, pl.DataFrame]]:
    """Records read, records, rejects, rows; conserved."""
    count, records, rejects, tables = 0, [], [], {}
    for chunk in CONNECTOR.open(path).chunks(CONTEXT):
        chunk.check()
        count += chunk.read
        records.append(chunk.records)
        rejects.append(chunk.rejects)
        for name, rows in chunk.tables.items():
            tables[name] = rows if name not in tables else pl.concat([tables[name], rows])
    return count, pl.concat(records), pl.concat(rejects), tables


def test_files_inside_are_read_by_their_own_kinds_and_positions_run_through(tmp_path):
    fhir = '{"resourceType":"Patient","id":"p1"}\n{"resourceType":"Basic","id":"b1"}\n'
    path = packed(
        tmp_path / "a.zip", {"one/d.csv": DEATHS.format(1, 2), "two/p.ndjson": fhir, "d2.csv": DEATHS.format(3, 4)}
    )
    count, records, rejects, tables = read(path)
    assert (count, records["key"].to_list()) == (6, ["death|1", "death|2", "Patient|p1", "death|3", "death|4"])
    assert records["position"].to_list() == [1, 2, 3, 5, 6]
    assert rejects.select("position", "reason").rows() == [(4, "no-shared-table")]
    assert tables["patient"]["source_position"].to_list() == records["position"].to_list()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_record_leads_back_to_its_text_inside(tmp_path, method):
    path = packed(tmp_path / "a.zip", {"x.csv": DEATHS.format(1, 2), "y.csv": DEATHS.format(3, 4)}, method)
    _, records, _, _ = read(path)
    said = [CONNECTOR.raw(path, line, offset, length)
            for line, offset, length in records.select("line", "offset", "length").rows()]  # fmt: skip
    assert said == [b"1,2019-05-28", b"2,2020-01-01", b"3,2019-05-28", b"4,2020-01-01"]
    assert CONNECTOR.place(2, records["offset"][2]) == "file 2 inside the archive, line 2"


def test_parquet_inside_leads_back_as_csv(tmp_path):
    made = io.BytesIO()
    pl.DataFrame({"person_id": [1, 2], "death_date": ["2019-05-28", "2020-01-01"]}).write_parquet(made)
    path = packed(tmp_path / "a.zip", {"d.parquet": made.getvalue()})
    _, records, _, _ = read(path)
    assert records.height == 2
    assert CONNECTOR.raw(path, 2, records["offset"][1], 0) == b"2,2020-01-01"


def test_what_systems_leave_and_texts_for_people_are_no_records(tmp_path):
    path = packed(tmp_path / "a.zip", {"__MACOSX/._d.csv": b"\0\5", "._d.csv": b"\0", ".DS_Store": b"x", "Thumbs.db": b"x",
                                       "README.md": "hello", "LICENSE": "text", "d.csv": DEATHS.format(1, 2)})  # fmt: skip
    assert read(path)[0] == 2


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "C:\\x.csv", "a/../../b.csv", "..\\..\\b.csv"])
def test_a_name_that_leads_out_is_refused_and_writes_nowhere(tmp_path, name):
    path = packed(tmp_path / "a.zip", {name: DEATHS.format(1, 2), "d.csv": DEATHS.format(3, 4)})
    before = sorted(tmp_path.rglob("*"))
    count, records, rejects, _ = read(path)
    assert (count, records.height, rejects["reason"].to_list()) == (3, 2, ["unsafe-member"])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_inside_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("d.csv", DEATHS.format(1, 2))
    assert read(path)[2]["reason"].to_list() == ["unsafe-member"]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = packed(tmp_path / "a.zip", {"b.csv": bytes(100 << 20), "d.csv": DEATHS.format(1, 2)})
    count, records, rejects, _ = read(path)
    assert (count, records.height, rejects["reason"].to_list()) == (3, 2, ["unsafe-member"])


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path):
    path = packed(tmp_path / "a.zip", {"b.csv": b"a,b\n" * (30 << 20)})
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 1000)  # what the directory says it unpacks to
    path.write_bytes(raw)
    with pytest.raises(Unreadable) as told:
        read(path)
    assert told.value.reason in {"unsafe-member", "truncated", "unread-member", "no-mapping"}


def test_entries_that_share_bytes_are_refused(tmp_path):
    path = packed(tmp_path / "a.zip", {"b.csv": DEATHS.format(1, 2) * 50, "c.csv": DEATHS.format(3, 4) * 50})
    raw = bytearray(path.read_bytes())
    second = raw.rfind(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<I", 5)  # points into the first one
    path.write_bytes(raw)
    assert "unsafe-member" in read(path)[2]["reason"].to_list()


def test_a_locked_file_is_said_to_be_locked(tmp_path):
    path = packed(tmp_path / "a.zip", {"d.csv": DEATHS.format(1, 2), "e.csv": DEATHS.format(3, 4)})
    raw = bytearray(path.read_bytes())
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert read(path)[2]["reason"].to_list() == ["encrypted-member"]


def test_a_damaged_file_gives_its_good_part_and_one_reject(tmp_path):
    lines = "".join(f"{n},2019-05-28\n" for n in range(200_000))
    path = packed(tmp_path / "a.zip", {"d.csv": "person_id,death_date\n" + lines, "e.csv": DEATHS.format("x", "y")})
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 40] = os.urandom(40)
    path.write_bytes(raw)
    _, records, rejects, _ = read(path)
    assert rejects.filter("whole")["reason"].to_list()[-1] == "truncated"
    assert records["key"].to_list()[-2:] == ["death|x", "death|y"]
    assert records.height > 10_000


def test_an_archive_in_an_archive_and_what_nobody_knows_are_one_reject_each(tmp_path):
    inner = packed(tmp_path / "i.zip", {"d.csv": DEATHS.format(1, 2)}).read_bytes()
    path = packed(tmp_path / "a.zip", {"i.zip": inner, "x.bin": b"\x7fELF\0\1\2", "empty.csv": b"",
                                       "own.csv": "编号,值\n1,2\n", "d.csv": DEATHS.format(3, 4)})  # fmt: skip
    source = CONNECTOR.open(path)
    chunks = list(source.chunks(CONTEXT))
    assert [reason for chunk in chunks for reason in chunk.rejects["reason"]] == ["unread-member"] * 3 + ["no-mapping"]
    assert [key for chunk in chunks for key in chunk.records["position"].to_list()] == [5, 6]
    said = str(source.left())
    assert "4 of its 5 files" in said
    assert "own.csv" in said
    assert "guantong map" in said
    assert REASONS["unread-member"].whole


def test_an_archive_of_which_nothing_can_be_read_is_unreadable_and_says_what_to_do(tmp_path):
    path = packed(tmp_path / "a.zip", {"门诊.csv": "编号,值\n1,2\n", "住院.csv": "编号,值\n1,2\n"})
    with pytest.raises(Unreadable, match=r"门诊\.csv, 住院\.csv: No mapping.*guantong map") as told:
        read(path)
    assert told.value.reason == "no-mapping"


def test_an_archive_of_papers_only_holds_no_records(tmp_path):
    with pytest.raises(Unreadable, match="no file of records"):
        read(packed(tmp_path / "a.zip", {"README.md": "hello"}))


@pytest.mark.parametrize("keep", [0, 1, 10, 30, 100, -1, -10, -22])
def test_a_cut_off_archive_is_said_in_a_sentence(tmp_path, keep):
    path = packed(tmp_path / "a.zip", {"d.csv": DEATHS.format(1, 2) * 20})
    path.write_bytes(path.read_bytes()[:keep])
    assert CONNECTOR.sniff(path) is None
    with pytest.raises(Unreadable):
        CONNECTOR.open(path)


def test_a_directory_that_claims_millions_of_files_is_not_read(tmp_path):
    path = packed(tmp_path / "a.zip", {"d.csv": DEATHS.format(1, 2)})
    raw = bytearray(path.read_bytes())
    raw[-10:-6] = struct.pack("<I", 0xFFFFFFF0)
    path.write_bytes(raw)
    with pytest.raises(Unreadable):
        CONNECTOR.open(path)


@pytest.mark.parametrize("name", ["死亡", "药", "科室", "检查①（2024）", "朱镕基", "联通", "镕"])
@pytest.mark.parametrize("how", ["gbk", "utf-8", "said", "wreck"])
def test_chinese_names_are_read_as_they_were_meant(tmp_path, name, how):
    """As Windows writes GBK, as others write UTF-8 with and without its flag, and GBK taken for CP437 written again."""
    written = {"said": name, "wreck": name.encode("gb18030").decode("cp437")}.get(how)
    stand_in = "A" * len(name.encode("gb18030" if how == "gbk" else "utf-8"))
    path = packed(tmp_path / "a.zip", {f"{written or stand_in}.csv": DEATHS.format(1, 2)})
    if written is None:
        path.write_bytes(path.read_bytes().replace(stand_in.encode(), name.encode("gb18030" if how == "gbk" else how)))
    assert [part.name for part in CONNECTOR.look(path).parts] == [f"{name}.csv"]
    assert read(path)[1].height == 2


@pytest.mark.parametrize("name", ["Größe", "résumé", "Bäcker"])
def test_names_with_accents_stay_as_they_are(tmp_path, name):
    stand_in = "A" * len(name)
    path = packed(tmp_path / "a.zip", {f"{stand_in}.csv": DEATHS.format(1, 2), f"{name}2.csv": DEATHS.format(1, 2)})
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), name.encode("cp437")))
    assert [part.name for part in CONNECTOR.look(path).parts] == [f"{name}.csv", f"{name}2.csv"]


def test_a_name_in_unicode_beside_the_other_is_taken(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("AAAA.csv")
        said = "死亡.csv".encode()
        info.extra = struct.pack("<HHBI", 0x7075, 5 + len(said), 1, zlib.crc32(b"AAAA.csv")) + said
        archive.writestr(info, DEATHS.format(1, 2))
    assert [part.name for part in CONNECTOR.look(path).parts] == ["死亡.csv"]


def test_two_files_of_one_name_are_both_read(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("d.csv", DEATHS.format(1, 2))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("d.csv", DEATHS.format(3, 4))
    assert read(path)[1].height == 4


def test_a_front_page_zipped_is_read_with_its_profile(tmp_path):
    header = "P900,P3,P2,P22,P25,P321,P741,P782"
    path = packed(tmp_path / "hqms.zip", {"hqms_2024.csv": f"{header}\n1,2,3,4,5,6,7,8\n"})
    (part,) = CONNECTOR.look(path).parts
    assert (part.kind, part.profile, part.looked.records) == ("delimited", "hqms_v1", 1)


def test_nothing_is_left_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    path = packed(tmp_path / "a.zip", {"d.csv": DEATHS.format(1, 2), "e.csv": DEATHS.format(3, 4)})
    for _ in CONNECTOR.open(path).chunks(CONTEXT):
        names = [each for each in (tmp_path / "t").rglob("*") if each.is_file() and not each.is_symlink()]
        assert not names
    assert not list((tmp_path / "t").iterdir())


def test_a_workbook_is_no_archive(tmp_path):
    path = packed(tmp_path / "a.xlsx", {"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"})
    assert CONNECTOR.sniff(path) is None


@given(st.data())
def test_a_damaged_archive_ends_in_rows_rejects_or_a_sentence(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("z")
    path = packed(folder / "a.zip", {"d.csv": DEATHS.format(1, 2), "p.ndjson": '{"resourceType":"Patient","id":"1"}'})
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    CONNECTOR.sniff(path)
    with suppress(ConnectorError):
        CONNECTOR.look(path)
        for chunk in CONNECTOR.open(path).chunks(CONTEXT):
            chunk.check()


def test_every_kind_is_offered_what_is_inside_but_archives():
    from connectors.kinds.archive import _others

    assert set(_others()) == set(kinds()) - {"archive"}


def test_a_name_in_the_directory_that_is_not_the_files_own_is_not_shown(tmp_path):
    path = packed(tmp_path / "a.zip", {"p.ndjson": '{"resourceType":"Patient","id":"1"}', "d.csv": DEATHS.format(1, 2)})
    raw = path.read_bytes()
    at = raw.rindex(b"p.ndjson")
    path.write_bytes(raw[:at] + b"13800-13" + raw[at + 8 :])
    looked = CONNECTOR.look(path)
    assert [part.name for part in looked.parts] == ["file 1", "d.csv"]
    source = CONNECTOR.open(path)
    assert [reason for chunk in source.chunks(CONTEXT) for reason in chunk.rejects["reason"]] == ["truncated"]
    assert "13800" not in str(source.left())

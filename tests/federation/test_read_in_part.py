"""A file of which nobody could read some says so every time it comes; nothing of it is taken in twice."""

import shutil
import zipfile

import pytest

from connectors.errors import Unreadable
from federation.cli.main import main
from federation.node.home import make_home
from federation.node.reconcile import reconcile
from tests.federation.node_city import city, content, drawn, pooled, take
from tests.federation.node_lines import LineFile

PATIENT = '{"resourceType": "Patient", "id": "1"}\n'
CUT = "\n".join([*(f"k{n} | p1 | | {n}" for n in range(60)), "BROKEN", "k99 | p1 | | 99"])


def stopping(monkeypatch, error):
    """Files end with `error` after their first piece."""
    whole = LineFile.chunks

    def chunks(self, context):
        yield next(whole(self, context))
        raise error

    monkeypatch.setattr(LineFile, "chunks", chunks)


def test_an_archive_read_in_part_ends_the_same_way_every_time(tmp_path, capsys):
    path, home = tmp_path / "a.zip", tmp_path / "home"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("p.ndjson", PATIENT)
        archive.writestr("x.bin", b"\x7fELF\0\1\2")
    said = []
    for _ in range(3):
        assert main(["ingest", str(path), "--site", "A", "--home", str(home)]) == 3
        said.append(capsys.readouterr().out)
    assert all("x.bin: A file inside an archive that no kind" in each for each in said)
    assert "read 读入 2 = accepted 接收 1 + rejected 退回 1 + duplicate 重复 0" in said[0]
    assert all("accepted 接收 0 + rejected 退回 0 + duplicate 重复 2" in each for each in said[1:])
    assert "already ingested" in said[1]
    assert all(line.agrees for line in reconcile(make_home(home)))


def test_a_file_cut_off_says_so_again_and_adds_nothing(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", CUT)
    first, before = take(home, path), content(home)
    again, renamed = take(home, path), take(home, shutil.copy(path, tmp_path / "in" / "2.lines"))
    assert [(left.file, left.reason) for left in first.unreadable] == [(str(path), "truncated")]
    assert (again.unreadable, again.complete, again.accepted) == (first.unreadable, False, 0)
    assert [left.file for left in renamed.unreadable] == [str(tmp_path / "in" / "2.lines")]
    assert content(home) == before
    assert [left.reason for left in take(home, path, dry_run=True).unreadable] == ["truncated"]


def test_a_file_whose_part_is_gone_is_still_said_to_be_read_in_part(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", CUT)
    told = take(home, path)
    shutil.rmtree(home.batch("A", told.batch) / "p00001")
    assert [left.reason for left in take(home, path).unreadable] == ["read-in-part"]


@pytest.mark.parametrize("error", [Unreadable("There is no room.", "no-access"), OSError(5, "Input/output error")])
def test_what_a_passing_cause_left_unread_is_read_the_next_time(tmp_path, monkeypatch, error):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", CUT.replace("BROKEN\n", ""))
    if isinstance(error, OSError):
        error.filename = str(path)
    with monkeypatch.context() as patch:
        stopping(patch, error)
        first, second = take(home, path), take(home, path)
        assert [left.reason for told in (first, second) for left in told.unreadable] == ["no-access"] * 2
        assert (second.accepted, second.duplicate, second.batch != first.batch) == (0, 50, True)
    third = take(home, path)
    assert (third.read, third.accepted, third.duplicate, third.complete) == (61, 11, 50, True)
    assert (take(home, path).complete, pooled(home).height) == (True, 61)
    assert all(line.agrees for line in reconcile(home))

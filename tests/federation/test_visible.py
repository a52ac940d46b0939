"""What stands in a file never acts on the terminal of whoever looks at it; JSON gives it back as it is."""

import base64
import io
import json
import zipfile

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from federation.cli.main import main
from federation.cli.visible import ACTS, Screen, escaped, lines, visible

ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\u202eabc\x7f"
MESSAGE = (
    "MSH|^~\\&|L|H|||20260301083000||ADT^A01|1|P|2.4\rPID|1||P1||A\x1b[31mB\rPV1|1|I|||||||||||||||||V1\r"
    "ZZZ|:on:|[bold]\r"
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=1+1", ["'=1+1"]),
        ("@SUM(A1)", ["'@SUM(A1)"]),
        ("a\x1b[31mb", ["a<1B>[31mb"]),
        ("a\u202eb\u200d", ["a<202E>b<200D>"]),
        ("a\rb\r\nc\n\n", ["a", "b", "c"]),
        ("\x0bMSH|\r\x1c\r", ["<0B>MSH|", "<1C>"]),
        ("李\u3000四\ue000\t.", ["李\u3000四\ue000\t."]),
    ],
)
def test_raw_text_does_nothing_to_a_terminal_or_a_spreadsheet(raw, text):
    assert lines(raw) == text


@given(st.text())
def test_nothing_that_acts_is_left_and_json_keeps_the_value(text):
    assert not ACTS.search(visible(text))
    document = escaped(json.dumps(text, ensure_ascii=False))
    assert not ACTS.search(document)
    assert json.loads(document) == text


def test_neither_lines_nor_tables_nor_titles_let_a_sign_through():
    for markup in (True, False):
        screen = Screen(file=io.StringIO(), force_terminal=True, color_system=None, width=200)
        table = Table(ESCAPES, title=ESCAPES)
        table.add_row(ESCAPES)
        screen.print(ESCAPES, table, markup=markup)
        assert not ACTS.search(screen.file.getvalue())
        assert "<1B>" in screen.file.getvalue()


def shown(capsys, *words):
    assert main([str(word) for word in words]) == 0
    return capsys.readouterr().out


def test_a_message_is_traced_a_segment_a_line_and_json_has_it_as_it_is(tmp_path, capsys):
    home, path = tmp_path / "home", tmp_path / "m.hl7"
    path.write_bytes(MESSAGE.encode())
    shown(capsys, "ingest", path, "--site", "A", "--home", home)
    [records] = (home / "sites" / "A" / "batches").glob("*/*/records.parquet")
    key = pl.read_parquet(records)["key"].item()
    said = shown(capsys, "trace", key, "--home", home)
    *_, title, first, second, third, last = said.splitlines()
    assert (title, first) == ("text 原文", r"  MSH|^~\&|L|H|||20260301083000||ADT^A01|1|P|2.4")
    assert (second, third[:8], last) == ("  PID|1||P1||A<1B>[31mB", "  PV1|1|", "  ZZZ|:on:|[bold]")
    document = shown(capsys, "trace", key, "--home", home, "--json")
    assert not ACTS.search(document)
    assert json.loads(document)["records"][0]["raw"] == MESSAGE.removesuffix("\r")


def test_rejects_are_shown_line_by_line_and_json_has_their_bytes(tmp_path, capsys):
    home, path = tmp_path / "home", tmp_path / "in.ndjson"
    path.write_bytes(b'{"resourceType": "Patient", "id": "1"}\n\x1b[2J \xd5\xc5\n' + b"x" * 600 + b"\n")
    shown(capsys, "ingest", path, "--site", "A", "--home", home)
    said = shown(capsys, "rejects", "--raw", "--home", home)
    assert not ACTS.search(said)
    assert f"{'':10}<1B>[2J 张\n" in said
    assert f"{'':10}... 100 signs more in --json" in said
    document = shown(capsys, "rejects", "--raw", "--home", home, "--json")
    assert not ACTS.search(document)
    first, second = json.loads(document)["rejects"]
    assert (first["raw"], base64.b64decode(first["raw_base64"])) == ("\x1b[2J 张", b"\x1b[2J \xd5\xc5")
    assert (second["raw"], second["raw_base64"]) == ("x" * 600, None)


def test_a_file_inside_an_archive_cannot_act_by_its_name(tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("p.ndjson", '{"resourceType": "Patient", "id": "1"}\n')
        archive.writestr(f"{ESCAPES}.bin", b"\x7fELF\0\1\2")
    assert main(["ingest", str(tmp_path / "a.zip"), "--site", "A", "--home", str(tmp_path / "home")]) == 3
    assert main(["sniff", str(tmp_path / "a.zip"), "--full"]) == 0
    said = "".join(capsys.readouterr())
    assert "<1B>[2J" in said
    assert not ACTS.search(said)

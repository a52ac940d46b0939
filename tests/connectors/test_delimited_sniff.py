"""`guantong sniff` and `guantong connectors` say what is there, in words and as one JSON document."""

import json

import pytest

from federation.cli import main


def said(capsys, *words: str) -> tuple[int, dict]:
    """Exit code and the one JSON document on stdout."""
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_front_page_is_recognised_with_its_layout(tmp_path, capsys):
    path = tmp_path / "page.csv"
    header = "P900,\tP3,\tP2,\tP22,\tP25,\tP321,\tP741,\tP782,\t姓名\r\n"
    path.write_bytes((header + ",\t".join("123456789") + "\r\n").encode("gb18030"))
    code, document = said(capsys, "sniff", str(path))
    (found,) = document["files"]
    assert code == 0
    facts = found["facts"]
    assert (found["kind"], found["profile"], facts["encoding"], facts["separator"]) == (
        "delimited", "hqms_v1", "gb18030", "comma+TAB",
    )  # fmt: skip
    assert (facts["columns"], found["records"], found["missing"]) == ("9", 1, [])


def test_an_unknown_table_names_the_nearest_profile_and_what_is_missing(tmp_path, capsys):
    path = tmp_path / "part.csv"
    path.write_text("USERNAME,BAH,ZYZD,JBDM\n1,2,3,4\n")
    _, document = said(capsys, "sniff", str(path))
    assert document["files"][0]["nearest"] == "wt4_1"
    assert document["files"][0]["missing"] == ["LYFS", "ZFY"]


def test_a_folder_is_looked_at_file_by_file_and_what_nobody_knows_is_said(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.bin").write_bytes(b"\x7fELF\0\0\1\2\3")
    (tmp_path / "c.csv").write_bytes(b"")
    code, document = said(capsys, "sniff", str(tmp_path))
    assert [each["kind"] for each in document["files"]] == ["delimited", "", ""]
    assert code == 3
    assert document["files"][2]["why"] == "The file is empty. Ask for the export again."


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04\x14\0", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Office"),
        (b'<?xml version="1.0"?><note/>', "HTML"),
        (b"%PDF-1.4", "PDF"),
        (b"\n\n \n", "blank lines only"),
        (b"\x1f\x8b\x08\0broken", "gzip"),
    ],
)
def test_what_people_send_by_mistake_is_called_by_its_name(tmp_path, capsys, content, why):
    (tmp_path / "a").write_bytes(content)
    code, document = said(capsys, "sniff", str(tmp_path / "a"))
    assert code == 3
    assert why in document["files"][0]["why"]


def test_no_value_of_a_record_is_shown(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("name,card\n欧阳某某,110105194912310021\n", encoding="gb18030")
    main(["sniff", str(path)])
    assert "欧阳" not in (shown := capsys.readouterr().out)
    assert "1101051949" not in shown


def test_a_path_that_is_not_there_is_a_wrong_use(tmp_path, capsys):
    assert main(["sniff", str(tmp_path / "nowhere.csv")]) == 2
    assert "Name files or folders that exist" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["hqms_v1", "hqms_v2", "tcm_168", "wt4_1"])
def test_connectors_lists_every_profile_with_what_it_is_found_by(capsys, name):
    code, document = said(capsys, "connectors")
    profile = next(each for each in document["profiles"] if each["name"] == name)
    assert code == 0
    assert profile["found_by"]
    assert "encounter" in profile["tables"]
    assert "delimited" in [each["kind"] for each in document["kinds"]]


def test_connectors_speaks_both_languages(capsys):
    main(["connectors"])
    assert "卫统4-1" in capsys.readouterr().out

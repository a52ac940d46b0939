"""`guantong sniff` tells what would be mapped and what not, for files, folders and archives; never a value."""

import json
import zipfile

import pytest

from connectors.connector import Context
from connectors.kinds import kinds
from connectors.looked import Fact, Looked, Looks
from federation.cli import main

VISITS = "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,visit_type_concept_id,ward\n"


def said(capsys, *words: str) -> tuple[int, dict]:
    """Exit code and the one JSON document on stdout."""
    code = main(["sniff", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_columns_that_are_mapped_and_those_that_are_not_are_named(tmp_path, capsys):
    (tmp_path / "v.csv").write_text(VISITS + "1,7,9201,2024-01-02,2024-01-09,1,secret-ward\n2,,9201,2024-01-02,,1,x\n")
    code, document = said(capsys, str(tmp_path / "v.csv"))
    (found,) = document["files"]
    assert (code, found["kind"], found["profile"], found["facts"]["CDM version"]) == (
        0,
        "omop",
        "visit_occurrence",
        "5.3/5.4",
    )
    assert found["mapped"]["visit_start_date"] == ["encounter.start_time"]
    assert "encounter.class_code" in found["mapped"]["visit_concept_id"]
    assert found["unmapped"] == ["visit_type_concept_id", "ward"]
    assert found["tried"]["records"] == 2
    assert found["tried"]["rejects"] == {"no-person": 1}
    assert "start_time" in found["tried"]["tables"]["encounter"]["columns"]
    assert "secret-ward" not in json.dumps(document)


def test_types_of_resources_with_a_table_and_without_one_are_named(tmp_path, capsys):
    lines = [
        '{"resourceType":"Patient","id":"1"}',
        '{"resourceType":"Basic","id":"2"}',
        '{"resourceType":"Patient","id":"3"}',
    ]
    (tmp_path / "a.ndjson").write_text("\n".join(lines))
    _, document = said(capsys, str(tmp_path))
    (found,) = document["files"]
    assert (found["mapped"], found["unmapped"], found["records"]) == ({"Patient": ["patient"]}, ["Basic"], 3)
    assert found["tried"]["rejects"]["no-shared-table"] == 1


def test_a_first_line_that_may_be_a_record_is_not_shown(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("甲某,110101194912310021,1949-12-31\n乙某,110101194912310022,1949-12-31\n")
    for words in (["--json"], ["--full"], []):
        main(["sniff", str(tmp_path / "a.csv"), *words])
        shown = capsys.readouterr().out
        assert "甲某" not in shown
        assert "110101" not in shown
    _, document = said(capsys, str(tmp_path / "a.csv"))
    assert (document["files"][0]["unnamed"], document["files"][0]["unmapped"]) == (3, [])


def test_a_folder_with_many_files_is_told_kind_by_kind(tmp_path, capsys):
    for n in range(20):
        (tmp_path / f"p{n}.ndjson").write_text('{"resourceType":"Patient","id":"1"}')
    (tmp_path / "x.rar").write_bytes(b"Rar!\x1a\x07")
    assert main(["sniff", str(tmp_path)]) == 3
    shown = capsys.readouterr().out
    assert "RAR archive" in shown
    assert "p3.ndjson" not in shown
    assert main(["sniff", str(tmp_path), "--full"]) == 3
    assert "p3.ndjson" in capsys.readouterr().out


def test_a_table_that_no_mapping_fits_leads_to_the_verb_that_proposes_one(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    for n in range(13):
        (tmp_path / "in" / f"t{n}.csv").write_text("编号,值,备注\n1,2,x\n")
    assert main(["sniff", str(tmp_path / "in" / "t1.csv")]) == 0
    assert f"guantong map {tmp_path / 'in' / 't1.csv'}" in capsys.readouterr().out
    assert main(["sniff", str(tmp_path / "in")]) == 0
    shown = capsys.readouterr().out
    assert "nothing yet" in shown
    assert "13 files reach no shared table. `guantong map PATH`" in shown


def test_formats_stand_beneath_their_kind_and_those_of_one_standard_together(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["connectors"]) == 0
    lines = capsys.readouterr().out.splitlines()
    kinds = [line.split()[0] for line in lines if line[:1].isalpha()]
    below = lines[next(n for n, line in enumerate(lines) if line.startswith("delimited")) :]
    assert any(line.startswith("    hqms_v1") for line in below[:10])
    assert next(line for line in lines if "hlht_" in line).split()[0] == "hlht_*"
    matrix = lines[next(n for n, line in enumerate(lines) if line.split()[:2] == ["cond", "cons"]) :]
    assert max(len(line) for line in matrix[:20]) <= 100
    assert {"workbook", "sql", "nhsa"} <= set(kinds)
    assert main(["connectors", "--full"]) == 0
    assert "hlht_zybcjl_zkjl" in capsys.readouterr().out


def test_an_archive_is_told_file_by_file(tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("v.csv", VISITS + "1,7,9201,2024-01-02,2024-01-09,1,x\n")
        archive.writestr("../out.csv", "a,b\n")
        archive.writestr("x.bin", b"\x7fELF\0\1")
    _, document = said(capsys, str(tmp_path / "a.zip"))
    parts = {part["name"]: part for part in document["files"][0]["parts"]}
    assert (parts["v.csv"]["profile"], parts["v.csv"]["records"]) == ("visit_occurrence", 1)
    assert (parts["../out.csv"]["kind"], parts["x.bin"]["kind"]) == ("", "")
    assert main(["sniff", str(tmp_path / "a.zip")]) == 0
    assert "visit_occurrence" in capsys.readouterr().out


def test_a_mapping_says_what_its_columns_would_be(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("number,name_of_it,other\n1,甲,x\n")
    columns = "uscc ws218_code nhsa_code org_class_code level_code grade_code tier ownership_code admin_div_code "
    columns += "parent_org_code emr_level interop_level valid_from valid_to"
    absent = "".join(f'{name} = {{ absent = "no" }}\n' for name in columns.split())
    (tmp_path / "m.toml").write_text(
        'source = "X"\nkey = ["number"]\ntarget = "organization"\n[columns]\norg_name = { from = "name_of_it" }\n'
        + absent
    )
    _, document = said(capsys, str(tmp_path / "a.csv"), "--mapping", str(tmp_path / "m.toml"))
    (found,) = document["files"]
    assert found["mapped"]["name_of_it"] == ["organization.org_name"]
    assert found["unmapped"] == ["other"]


def test_a_big_file_is_looked_at_and_not_read_through(tmp_path, capsys):
    with (tmp_path / "v.csv").open("w") as file:
        file.write(VISITS)
        for _ in range(40):
            file.write("1,7,9201,2024-01-02,2024-01-09,1,x\n" * 50_000)
    _, document = said(capsys, str(tmp_path / "v.csv"))
    (found,) = document["files"]
    assert found["tried"] is None
    assert 0 < found["records"] < 10_000
    assert not found["whole"]


def test_a_wrong_kind_is_a_wrong_use(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("a,b\n")
    assert main(["sniff", str(tmp_path / "a.csv"), "--kind", "nothing"]) == 2
    assert main(["sniff", str(tmp_path / "a.csv"), "--kind", "fhir_r4"]) == 3
    capsys.readouterr()


@pytest.mark.parametrize("name", list(kinds()))
def test_every_kind_that_reads_files_describes_them(name):
    connector = kinds()[name]
    assert isinstance(connector, Looks) or hasattr(connector, "feed")
    assert connector.means
    assert connector.zh


def test_what_is_looked_at_counts_the_columns_it_reaches():
    looked = Looked([Fact("a", "甲", "1")], mapped={"x": ["patient.name", "patient.phone"], "y": ["document"]})
    assert looked.fills() == {"document": 0, "patient": 2}


def test_a_trial_says_nobody_as_the_site():
    from federation.node.sniffing import NOBODY

    assert Context("trial", "trial", "trial") == NOBODY

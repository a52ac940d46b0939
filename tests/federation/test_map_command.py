"""`guantong map` as a newcomer uses it: propose, look, confirm, ingest."""

import json
import zipfile

import xlsxwriter

from federation.cli.main import main

CSV = "就诊号,病历号,姓名,性别,出生日期,就诊日期,诊断编码,收费员\nv1,p1,甲,男,1990-01-01,2024-03-01,I10.x00,丙\nv2,p2,乙,女,1991-01-01,2024-03-02,E11.900,丙\n"


def proposed(tmp_path, capsys, *more):
    (tmp_path / "mz.csv").write_text(CSV, "utf-8")
    code = main(["map", str(tmp_path / "mz.csv"), *more])
    return code, capsys.readouterr()


def test_the_proposal_is_told_column_by_column(tmp_path, capsys):
    code, said = proposed(tmp_path, capsys)
    assert code == 0
    assert "patient.birth_date" in said.out
    assert "7 of 8 columns are mapped" in said.err
    assert "待确认" in said.err.replace("\n", "")


def test_it_is_one_json_document(tmp_path, capsys):
    code, said = proposed(tmp_path, capsys, "--json")
    [table] = json.loads(said.out)["tables"]
    assert (code, table["kind"], table["key"], table["person"]) == (0, "visit", ["就诊号"], "病历号")
    assert [each["name"] for each in table["columns"] if not each["used"]] == ["收费员"]


def test_a_proposed_mapping_is_ingested_as_it_is(tmp_path, capsys):
    code, _ = proposed(tmp_path, capsys, "--out", str(tmp_path / "maps"))
    assert code == 0
    assert (
        main(
            [
                "ingest",
                str(tmp_path / "mz.csv"),
                "--site",
                "A",
                "--home",
                str(tmp_path / "home"),
                "--mapping",
                str(tmp_path / "maps"),
                "--dry-run",
                "--json",
            ]
        )
        == 0
    )
    report = json.loads(capsys.readouterr().out)
    assert (report["read"], report["accepted"]) == (2, 2)


def test_a_file_that_is_there_is_not_written_over_unless_it_is_kept(tmp_path, capsys):
    out = tmp_path / "mz.toml"
    assert proposed(tmp_path, capsys, "--out", str(out))[0] == 0
    out.write_text(
        out.read_text("utf-8").replace('class_code = { absent = "not decided yet" }', 'class_code = { value = "OP" }'),
        "utf-8",
    )
    assert proposed(tmp_path, capsys, "--out", str(out))[0] == 2
    assert proposed(tmp_path, capsys, "--out", str(out), "--update")[0] == 0
    assert 'class_code = { value = "OP" }' in out.read_text("utf-8")


def test_every_sheet_of_a_workbook_gets_a_file(tmp_path, capsys):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("门诊", "住院"):
            page = book.add_worksheet(name)
            for line, cells in enumerate(CSV.splitlines()):
                page.write_row(line, 0, cells.split(","))
    assert main(["map", str(tmp_path / "a.xlsx"), "--out", str(tmp_path / "maps"), "--json"]) == 0
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == ["a_住院.toml", "a_门诊.toml"]
    capsys.readouterr()


def test_what_is_no_table_is_one_sentence(tmp_path, capsys):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    assert main(["map", str(tmp_path / "a.pdf")]) == 3
    assert main(["map", str(tmp_path / "nowhere.csv")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def packed(tmp_path, **inside):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, content in inside.items():
            archive.writestr(f"{name}.csv" if "." not in name else name, content)
    return str(tmp_path / "x.zip")


def test_the_one_table_of_a_zip_is_proposed_for_and_the_zip_is_ingested_with_it(tmp_path, capsys):
    path = packed(
        tmp_path, 门诊=CSV, **{"说明.txt": "二零二四年导出\n", "death.csv": "person_id,death_date\np1,2024-01-01\n"}
    )
    assert main(["map", path, "--out", str(tmp_path / "mz.toml")]) == 0
    capsys.readouterr()
    words = ["--site", "A", "--home", str(tmp_path / "home"), "--mapping", str(tmp_path / "mz.toml"), "--dry-run"]
    main(["ingest", path, *words, "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (report["accepted"], report["reasons"]) == (3, {"no-mapping": 1})


def test_a_zip_of_several_tables_says_what_it_holds_and_maps_one_or_each(tmp_path, capsys):
    path = packed(tmp_path, 门诊=CSV, **{"b/门诊.csv": CSV.replace("v1", "v3")}, 住院=CSV)
    assert main(["map", path]) == 2
    said = capsys.readouterr().err.replace("\n", "")
    assert "门诊.csv" in said
    assert "住院.csv" in said
    assert "--member" in said
    assert main(["map", path, "--member", "住院.csv", "--json"]) == 0
    assert [each["source"] for each in json.loads(capsys.readouterr().out)["tables"]] == ["住院"]
    assert main(["map", path, "--out", str(tmp_path / "maps")]) == 0
    assert len(list((tmp_path / "maps").glob("*.toml"))) == 3
    assert main(["map", path, "--member", "none.csv"]) == 2


def test_a_zip_without_a_table_to_map_says_what_it_holds(tmp_path, capsys):
    path = packed(tmp_path, **{"death.csv": "person_id,death_date\np1,2024-01-01\n", "x.bin": b"\x7fELF\0"})
    assert main(["map", path]) == 3
    assert "death.csv (death)" in capsys.readouterr().err.replace("\n", "")

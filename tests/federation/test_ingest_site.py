"""A mistyped site makes no new one; what a home keeps is its owner's alone; UTF-16 is named."""

from federation.cli.main import main

FHIR = '{"resourceType": "Patient", "id": "p1"}\n'


def ingest(tmp_path, site, *more):
    path = tmp_path / "a.ndjson"
    path.write_text(FHIR)
    return main(["ingest", str(path), "--site", site, "--home", str(tmp_path / "home"), *more])


def test_a_second_site_must_be_said_to_be_new_and_a_near_name_is_offered(tmp_path, capsys):
    assert ingest(tmp_path, "east-clinic") == 0
    capsys.readouterr()
    assert ingest(tmp_path, "east-clinc") == 2
    assert "Did you mean `east-clinic`?" in capsys.readouterr().err
    assert not (tmp_path / "home" / "sites" / "east-clinc").exists()
    assert ingest(tmp_path, "west", "--register") == 0


def test_what_a_home_keeps_is_its_owners_alone(tmp_path):
    ingest(tmp_path, "A")
    home = tmp_path / "home"
    assert home.stat().st_mode & 0o777 == 0o700
    assert {name: (home / name).stat().st_mode & 0o777 for name in ("guantong.db", "ledger.checkpoint")} == {
        "guantong.db": 0o600,
        "ledger.checkpoint": 0o600,
    }


def test_hl7_in_two_bytes_a_sign_is_named_and_not_taken_for_columns(tmp_path, capsys):
    for name, encoding in (("a.hl7", "utf-16"), ("b.hl7", "utf-16-be"), ("c.hl7", "utf-16-le")):
        path = tmp_path / name
        path.write_bytes("MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.4\rPID|||1\r".encode(encoding))
        assert main(["sniff", str(path), "--json"]) == 3
        said = capsys.readouterr().out
        assert '"kind": "hl7v2"' in said
        assert "UTF-16" in said

"""A mapping that contradicts itself or the shared tables is refused when it is loaded, and says what to do."""

from pathlib import Path

import pytest

from connectors.delimited.fitting import fitted
from connectors.errors import BadMapping, UnknownFormat
from connectors.mapping import load
from connectors.profiles import profiles
from schemas.table import COMMON
from schemas.tables import table

HEAD = 'source = "LAB"\nkey = ["id"]\nperson = ["who"]\ntarget = "patient_identifier"\n'
COLUMNS = {
    "id_type_code": '{ value = "1" }',
    "id_value": '{ from = "card" }',
    "check_ok": '{ from = "card", read_as = "resident-id-ok" }',
    "assigner_org": '{ absent = "Not said." }',
    "first_seen": '{ from = "seen" }',
    "last_seen": '{ absent = "Not said." }',
}


def written(folder: Path, head: str = HEAD, **changes: str | None) -> Path:
    """A small mapping with some columns changed, or left out where None."""
    rules = {**COLUMNS, **changes}
    path = folder / "lab.toml"
    lines = [f"{name} = {rule}" for name, rule in rules.items() if rule is not None]
    path.write_text(head + "[columns]\n" + "\n".join(lines) + "\n", "utf-8")
    return path


def test_a_mapping_is_known_by_its_source_and_the_hash_of_its_text(tmp_path):
    first = load(written(tmp_path))
    again = load(written(tmp_path))
    changed = load(written(tmp_path, last_seen='{ absent = "The clinic does not say." }'))
    assert first.sources == ["id", "who", "card", "seen"]
    assert first.version == again.version != changed.version


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first_seen": None}, "lab.toml: column `first_seen`: has no rule. Name its source with `from`"),
        ({"first_seen": None, "last_seen": None}, "column `first_seen`: has no rule, nor have `last_seen`. Name"),
        (
            {"frist_seen": '{ from = "seen" }'},
            "`frist_seen`: is no column of `patient_identifier`. Did you mean `first_seen`?",
        ),
        ({"record_id": '{ from = "seen" }'}, "column `record_id`: fills itself"),
        (
            {"first_seen": '{ from = "seen", read_as = "datetme" }'},
            "there is no reader `datetme`. Did you mean `datetime`?",
        ),
        ({"first_seen": '{ from = "seen", read_as = "money" }'}, "`money` does not make Datetime"),
        ({"check_ok": '{ from = "card" }'}, "is yes or no, and the codes differ between exports"),
        ({"id_type_code": '{ from = "kind", codes = "kinds" }'}, "there is no code list `kinds`"),
        ({"id_type_code": "{ value = 1 }"}, "Input should be a valid string"),
        ({"id_type_code": '{ from = "kind", absent = "no" }'}, "say exactly one of"),
        ({"id_type_code": '{ from = "@kind" }'}, "`@kind` is no cell of `repeat`"),
        ({"id_type_code": '{ form = "kind" }'}, "Extra inputs are not permitted"),
        ({"first_seen": '{ from = ["a", "b"] }'}, "is read from several columns without a reader"),
    ],
)
def test_a_mapping_that_cannot_be_right_is_refused_when_loaded(tmp_path, changes, says):
    with pytest.raises(BadMapping) as refused:
        load(written(tmp_path, **changes))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source = 01", "is not TOML"),
        (HEAD.replace("patient_identifier", "patients"), "There is no shared table `patients`"),
        (HEAD.replace('key = ["id"]\n', ""), "`key`: Field required"),
        (HEAD.replace('["id"]', '"id"'), "`key`: Input should be a valid list"),
        ('source = "LAB"\nkey = ["a"]\nperson = ["b"]\n', "maps no shared table"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, says):
    (tmp_path / "lab.toml").write_text(text)
    with pytest.raises(BadMapping, match=says.replace("(", r"\(")):
        load(tmp_path / "lab.toml")


def test_a_missing_file_is_a_bad_mapping_too(tmp_path):
    with pytest.raises(BadMapping, match="cannot be read"):
        load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("name", list(profiles()))
def test_every_profile_says_where_every_column_of_its_tables_comes_from(name):
    for rows in profiles()[name].rows:
        own = [
            column for column in table(rows.table.name).columns if column not in COMMON and column != rows.table.person
        ]
        assert [column for column in own if column not in rows.rules] == []


# Those of the insurance platform's 45xx are reports, those of landing tables one table of many.
@pytest.mark.parametrize("name", [name for name in profiles() if not name.startswith(("nhsa_45", "hlht_"))])
def test_every_profile_makes_the_tables_of_a_front_page(name):
    tables = {rows.table.name for rows in profiles()[name].rows}
    assert tables == {"patient", "patient_identifier", "encounter", "condition", "procedure", "observation", "cost"}


def test_a_code_that_the_shared_list_does_not_have_is_refused_when_loaded(tmp_path):
    with pytest.raises(BadMapping, match="`11` is not in the shared code list"):
        load(written(tmp_path, id_type_code='{ from = "kind", codes = { "a" = "11" } }'))


def test_rows_of_a_person_need_to_know_whose_they_are(tmp_path):
    with pytest.raises(BadMapping, match="belong to a person"):
        load(written(tmp_path, HEAD.replace('person = ["who"]\n', "")))


VISITS = """
source = "{name}"
key = ["{key}"]
person = ["BRID"]
target = "encounter"
[columns]
class_code = {{ value = "OP" }}
start_time = {{ from = "{came}" }}
"""


def folder_of(tmp_path, *tables):
    """A folder of mapping files: each (name, key column, date column)."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    absent = "".join(
        f'{column} = {{ absent = "Not kept." }}\n'
        for column in table("encounter").columns
        if column not in COMMON and column not in ("class_code", "start_time", "person_id")
    )
    for name, key, came in tables:
        (folder / f"{name}.toml").write_text(VISITS.format(name=name, key=key, came=came) + absent)
    return folder


def test_of_a_folder_of_mappings_the_one_that_fits_the_header_is_taken(tmp_path):
    folder = folder_of(tmp_path, ("MZ", "MZH", "JZSJ"), ("ZY", "ZYH", "RYSJ"))
    export = tmp_path / "export.csv"
    export.write_text("ZYH,BRID,RYSJ\n1,a,2025-01-01\n")
    assert fitted(export, None, folder)[1].source == "ZY"


def test_a_file_that_no_mapping_of_the_folder_fits_names_the_nearest_and_what_it_lacks(tmp_path):
    folder = folder_of(tmp_path, ("MZ", "MZH", "JZSJ"), ("ZY", "ZYH", "RYSJ"))
    export = tmp_path / "export.csv"
    export.write_text("ZYH,BRID,CYSJ\n1,a,2025-01-01\n")
    with pytest.raises(UnknownFormat, match=r"nearest is `ZY`, without RYSJ"):
        fitted(export, None, folder)


def test_a_declared_separator_that_the_header_does_not_hold_is_another_exports(tmp_path):
    mapping = written(tmp_path, HEAD + 'separator = "TAB"\n')
    (tmp_path / "a.csv").write_text("id|who|card|seen\n1|2|3|2024-01-01\n", "utf-8")
    layout, _ = fitted(tmp_path / "a.csv", None, mapping)
    assert layout.header == ("id", "who", "card", "seen")

"""Exports: what another program is told about the shared tables is what they are."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest
import sqlglot
from jsonschema import Draft202012Validator
from sqlglot import exp

from schemas.code_system import code_system, names
from schemas.errors import NoSuchDialect
from schemas.exports.arrow import arrow_ipc, arrow_schema
from schemas.exports.ddl import DIALECTS, ddl
from schemas.exports.dictionary import dictionary
from schemas.exports.json_schema import document
from schemas.tables import TABLES
from schemas.version import SCHEMA_VERSION

ALL = list(TABLES.values())


@pytest.mark.parametrize("each", ALL, ids=list(TABLES))
def test_the_arrow_schema_has_the_columns_in_order_and_tells_their_meaning(each):
    schema = arrow_schema(each)
    assert schema.names == list(each.columns)
    assert schema.metadata[b"version"].decode() == SCHEMA_VERSION
    assert all(field.metadata[b"zh"].decode() == each.columns[field.name].zh for field in schema)


@pytest.mark.parametrize("each", ALL, ids=list(TABLES))
def test_rows_as_polars_makes_them_fit_the_arrow_schema(each):
    rows = each.schema().to_frame().to_arrow()
    assert rows.cast(arrow_schema(each)).schema.equals(arrow_schema(each))


def test_money_stays_decimal_and_time_stays_without_zone_in_arrow():
    cost = arrow_schema(TABLES["cost"])
    assert cost.field("amount").type == pa.decimal128(14, 2)
    assert cost.field("unit_price").type == pa.decimal128(14, 4)
    assert cost.field("charged_time").type == pa.timestamp("us")


def test_the_arrow_schema_survives_as_an_ipc_message():
    read = pa.ipc.read_schema(pa.py_buffer(arrow_ipc(TABLES["patient"])))
    assert read.equals(arrow_schema(TABLES["patient"]), check_metadata=True)


def test_the_json_schema_defines_every_column_and_is_json():
    told = json.loads(json.dumps(document(ALL), ensure_ascii=False))
    assert told["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {name: list(made["properties"]) for name, made in told["$defs"].items()} == {
        each.name: list(each.columns) for each in ALL
    }


@pytest.mark.parametrize(("column", "told"), [
    ("encounter.los_days", {"type": ["integer", "null"], "minimum": -(2**31), "maximum": 2**31 - 1}),
    ("encounter.trauma_flag", {"type": ["boolean", "null"]}),
    ("patient.birth_date", {"type": ["string", "null"], "format": "date"}),
    ("patient.gender_code", {"type": ["string", "null"], "enum": ["0", "1", "2", "9", None]}),
    ("cost.amount", {"type": ["string", "null"], "pattern": r"^-?\d{1,12}(\.\d{1,2})?$"}),
    ("observation.value_num", {"type": ["number", "null"]}),
])  # fmt: skip
def test_a_column_is_told_to_json_as_what_it_is(column: str, told: dict[str, object]):
    table, _, name = column.partition(".")
    made = document(ALL)["$defs"][table]["properties"][name]
    assert {key: made[key] for key in made if key not in {"description", "x-guantong"}} == told


def test_a_validator_takes_a_row_as_it_is_and_refuses_an_unknown_code_column_or_type():
    made = document(ALL)
    Draft202012Validator.check_schema(made)
    row = dict.fromkeys(TABLES["patient"].columns) | {"gender_code": "1", "birth_date": "1949-12-31", "sec_level": 4}
    ask = Draft202012Validator(made | {"$ref": "#/$defs/patient"})
    assert ask.is_valid(row)
    for wrong in ({"gender_code": "男"}, {"sec_level": "4"}, {"sec_level": 400}, {"nickname": "x"},
                  {"death_time": "2024-05-01"}):  # fmt: skip
        assert not ask.is_valid(row | wrong)


def test_a_long_code_list_is_named_not_spelled_out_in_json():
    made = document(ALL)["$defs"]["organization"]["properties"]["admin_div_code"]
    assert "enum" not in made
    assert made["x-guantong"]["codes"] == "division"


def test_duckdb_makes_the_tables_with_the_types_and_chinese_comments():
    with duckdb.connect() as database:
        database.execute(ddl(ALL, "duckdb"))
        made = {row[0] for row in database.execute("select table_name from duckdb_tables()").fetchall()}
        columns = database.execute("select column_name, data_type, comment from duckdb_columns() "
                                   "where table_name = 'cost' order by column_index").fetchall()  # fmt: skip
    assert made == set(TABLES)
    assert [name for name, _, _ in columns] == list(TABLES["cost"].columns)
    assert {name: kind for name, kind, _ in columns}["amount"] == "DECIMAL(14,2)"
    assert {name: kind for name, kind, _ in columns}["charged_time"] == "TIMESTAMP"
    assert {name: note for name, _, note in columns}["amount"].startswith("金额")


def test_duckdb_reads_rows_of_polars_into_the_table_it_made_and_refuses_the_same_row_twice():
    cost = TABLES["cost"]
    row = {"org_code": "A", "record_id": "hqms_v2|1", "amount": Decimal("12.50")}
    rows = pl.DataFrame([row], schema=cost.schema()).to_arrow()
    with duckdb.connect() as database:
        database.execute(ddl([cost], "duckdb"))
        database.register("rows", rows)
        database.execute("insert into cost select * from rows")
        assert str(database.execute("select sum(amount) from cost").fetchall()[0][0]) == "12.50"
        with pytest.raises(duckdb.ConstraintException):
            database.execute("insert into cost select * from rows")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_reads_back_the_tables_columns_and_comments(dialect: str):
    statements = [each for each in sqlglot.parse(ddl(ALL, dialect), read=dialect) if each]
    made = {each.find(exp.Table).name: [column.name for column in each.find_all(exp.ColumnDef)]
            for each in statements if isinstance(each, exp.Create)}  # fmt: skip
    assert {name: sorted(columns) for name, columns in made.items()} == {
        each.name: sorted(each.columns) for each in ALL
    }
    assert not any(isinstance(each, exp.Command) for each in statements)
    assert "金额" in ddl(ALL, dialect)


@pytest.mark.parametrize(("dialect", "types"), [
    ("postgres", {"amount": "DECIMAL(14, 2)", "charged_time": "TIMESTAMP", "quantity": "DOUBLE PRECISION",
                  "sec_level": "SMALLINT", "item_name": "TEXT"}),
    ("spark", {"amount": "DECIMAL(14, 2)", "charged_time": "TIMESTAMP_NTZ", "sec_level": "TINYINT",
               "item_name": "STRING"}),
    ("starrocks", {"record_id": "VARCHAR(255)", "charged_time": "DATETIME", "item_name": "STRING"}),
    ("doris", {"record_id": "VARCHAR(255)", "charged_time": "DATETIME(6)", "item_name": "STRING"}),
])  # fmt: skip
def test_types_are_those_of_the_dialect(dialect: str, types: dict[str, str]):
    [create] = [each for each in sqlglot.parse(ddl([TABLES["cost"]], dialect), read=dialect)
                if isinstance(each, exp.Create)]  # fmt: skip
    made = {column.name: column.args["kind"].sql(dialect) for column in create.find_all(exp.ColumnDef)}
    assert {name: made[name] for name in types} == types


@pytest.mark.parametrize("dialect", ["starrocks", "doris"])
def test_warehouses_get_the_key_first_and_a_distribution(dialect: str):
    sql = ddl([TABLES["encounter"]], dialect)
    [create] = sqlglot.parse(sql.strip().rstrip(";"), read=dialect)
    assert [column.name for column in create.find_all(exp.ColumnDef)][:2] == ["org_code", "record_id"]
    assert "UNIQUE KEY (`org_code`, `record_id`)" in sql
    assert "BUCKETS 64" in sql


def test_what_may_not_leave_a_site_can_be_left_out():
    sql = ddl([TABLES["patient"]], "duckdb", leaving=True)
    assert '"phone"' not in sql
    assert '"extra"' not in sql
    assert '"person_id"' in sql


def test_an_unknown_dialect_is_refused_with_those_there_are():
    with pytest.raises(NoSuchDialect, match="starrocks"):
        ddl(ALL, "oracle")


def test_the_data_dictionary_is_current(root: Path):
    written = (root / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    made = dictionary(ALL, [code_system(name) for name in names()])
    assert written == made, "Run `guantong export dictionary --out docs/data-dictionary.md`."


def test_every_row_of_the_dictionary_has_as_many_cells_as_its_head():
    rows = [line.replace("\\|", "") for line in dictionary(ALL, []).splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {12}


def guantong(*words: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from federation.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", code, "export", *words], capture_output=True, text=True,
                          encoding="utf-8", check=False)  # fmt: skip


def test_the_command_writes_what_the_functions_make(tmp_path: Path):
    assert guantong("ddl", "--dialect", "duckdb", "--table", "cost").stdout == ddl([TABLES["cost"]], "duckdb")
    assert json.loads(guantong("json-schema").stdout) == document(ALL)
    assert guantong("codes", "rc019").stdout == code_system("rc019").rows.write_csv()
    assert len(json.loads(guantong("codes", "--json").stdout)) == len(names())
    assert json.loads(guantong("arrow", "--table", "cost", "--json").stdout)["cost"]["amount"] == "decimal128(14, 2)"
    assert guantong("arrow", "--table", "cost", "--out", str(tmp_path)).returncode == 0
    assert pa.ipc.read_schema(pa.py_buffer((tmp_path / "cost.arrow").read_bytes())).equals(arrow_schema(TABLES["cost"]))


def test_the_command_says_what_changed_since_an_earlier_export(tmp_path: Path):
    earlier = document(ALL)
    del earlier["$defs"]["cost"]["properties"]["amount"]
    (tmp_path / "old.json").write_text(json.dumps(earlier), encoding="utf-8")
    answer = guantong("compare", str(tmp_path / "old.json"), "--json")
    assert (answer.returncode, json.loads(answer.stdout)["size"]) == (0, "minor")


@pytest.mark.parametrize(("words", "code"), [
    (("ddl", "--dialect", "oracle"), 2), (("arrow", "--table", "patients"), 2), (("codes", "rc19"), 2),
    (("compare", "nothing.json"), 2),
])  # fmt: skip
def test_a_wrong_question_is_answered_in_one_sentence(words: tuple[str, ...], code: int):
    answer = guantong(*words)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert answer.stderr.count("\n") == 1
    assert "Traceback" not in answer.stderr

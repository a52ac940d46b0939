"""What is true of every shared table, whoever adds the next one."""

from collections.abc import Callable

import polars as pl
import pytest

from schemas.code_system import code_system
from schemas.column import FLAT, Column
from schemas.errors import BadDeclaration, NoSuchTable
from schemas.reveals import Reveals
from schemas.table import COMMON, Table
from schemas.tables import TABLES, table

EACH = pytest.mark.parametrize("each", TABLES.values(), ids=list(TABLES))


def faulty(each: type[Table], question: Callable[[Column], bool]) -> list[str]:
    return [name for name, column in each.columns.items() if question(column)]


def test_there_are_the_fourteen_tables_of_the_design():
    assert list(TABLES) == [
        "condition", "consent", "cost", "document", "encounter", "followup", "medication", "observation",
        "organization", "patient", "patient_identifier", "procedure", "provenance", "quality_result",
    ]  # fmt: skip


@EACH
def test_every_column_says_what_it_means_in_both_languages(each: type[Table]):
    assert faulty(each, lambda column: not column.means.endswith(".")) == []
    assert faulty(each, lambda column: not any("\u4e00" <= character <= "\u9fff" for character in column.zh)) == []


@EACH
def test_every_column_is_flat(each: type[Table]):
    assert faulty(each, lambda column: not isinstance(column.dtype, FLAT)) == []
    assert faulty(each, lambda column: column.dtype.is_nested()) == []


@EACH
def test_every_list_a_column_names_is_shipped(each: type[Table]):
    assert faulty(each, lambda column: column.codes is not None and code_system(column.codes).rows.is_empty()) == []


@EACH
def test_every_reference_meets_a_column_of_the_same_type(each: type[Table]):
    for column in each.columns.values():
        if column.references:
            name, _, key = column.references.partition(".")
            assert table(name).columns[key].dtype == column.dtype


@EACH
def test_what_names_a_person_leaves_as_a_token_or_not_at_all(each: type[Table]):
    def in_clear(column: Column) -> bool:
        return column.reveals is Reveals.PERSON and not (column.token or column.site_only)

    assert faulty(each, in_clear) == []
    assert faulty(each, lambda column: column.token and column.site_only) == []


def test_names_addresses_and_phones_never_leave():
    assert not {"name", "address", "phone", "extra"} & set(TABLES["patient"].leaving())


def test_a_reference_to_a_person_or_visit_is_a_token_wherever_it_stands():
    clear = [
        f"{each.name}.{name}"
        for each in TABLES.values()
        for name, column in each.columns.items()
        if name in {"person_id", "encounter_id", "record_id", "source_pk", "id_value"} and not column.token
    ]
    assert clear == []


def test_every_table_holds_the_common_columns_last():
    for each in TABLES.values():
        assert list(each.columns)[-len(COMMON) :] == list(COMMON)


def test_times_are_wall_clock_and_money_is_decimal():
    times = {
        column.dtype
        for each in TABLES.values()
        for column in each.columns.values()
        if isinstance(column.dtype, pl.Datetime)
    }
    assert times == {pl.Datetime("us")}
    assert {TABLES["cost"].columns[name].dtype for name in ("amount", "self_pay", "own_pay", "fund_pay")} == {
        pl.Decimal(14, 2)
    }


def test_the_column_that_dates_a_row_is_a_date_or_time():
    assert all(
        isinstance(each.columns[each.when].dtype, (pl.Date, pl.Datetime)) for each in TABLES.values() if each.when
    )


def test_a_table_that_is_not_shared_is_refused_with_those_that_are():
    with pytest.raises(NoSuchTable, match="patient_identifier"):
        table("patients")


def test_a_nested_column_is_refused_when_it_is_declared():
    with pytest.raises(BadDeclaration, match="not flat"):
        Column(dtype=pl.List(pl.String), means="Staff.", zh="人员")


def test_a_table_whose_date_is_not_a_column_is_refused_when_it_is_declared():
    with pytest.raises(BadDeclaration, match="seen"):
        type("Ward", (Table,), {"__doc__": "One ward.", "zh": "病区", "when": "seen", "person": None})

"""What kinds say they can fill is what they do fill; every kind that reads by itself says it."""

import pytest

from connectors.connector import Context
from connectors.coverage import coverage, own_columns, together
from connectors.errors import ConnectorError
from connectors.kinds import kinds
from connectors.looked import Fills
from schemas.table import COMMON
from schemas.tables import TABLES

CODED = [name for name, each in kinds().items() if isinstance(each, Fills)]
SAMPLES = {"fhir_r4": "fhir", "hl7v2": "hl7v2", "cda": "cda", "omop": "omop"}


@pytest.mark.parametrize("name", CODED)
def test_what_is_declared_are_columns_of_shared_tables(name):
    for table, columns in kinds()[name].fills.items():
        assert set(columns) <= set(own_columns(table)), table


@pytest.mark.samples
@pytest.mark.parametrize("name", [name for name in CODED if name in SAMPLES])
def test_what_the_samples_fill_is_declared(name, samples):
    connector, more = kinds()[name], set()
    for path in sorted((samples / SAMPLES[name]).rglob("*")):
        if not path.is_file() or path.stat().st_size > 4 << 20 or connector.sniff(path) is None:
            continue
        try:
            for chunk in connector.open(path).chunks(Context("s", "b", "f")):
                for table, rows in chunk.tables.items():
                    filled = {
                        each for each in rows.columns if each not in COMMON and rows[each].null_count() < len(rows)
                    }
                    more |= {f"{table}.{each}" for each in filled - set(connector.fills.get(table, ()))}
        except ConnectorError:
            continue
    assert not more


def test_every_line_names_a_kind_and_every_table_that_comes_from_outside_can_be_filled():
    assert {each.kind for each in coverage()} <= set(kinds()) | {""}
    ours = {"provenance", "quality_result"}
    assert set(TABLES) - ours - {"followup"} <= set(together().fills)

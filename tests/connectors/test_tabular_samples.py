"""What came of every file of the tabular samples: read with a mapping of the fixtures, or refused with a reason."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.connector import Context
from connectors.errors import ConnectorError
from connectors.kinds import kinds
from federation.node.sources import Sources

pytestmark = pytest.mark.samples
MAPPINGS = Path(__file__).parent / "mappings"


def came_of(path):
    """Profile, records read and accepted, and rejects by reason; or the name of the error."""
    try:
        _, source = Sources(kinds(), None, None, MAPPINGS).open(path)
    except ConnectorError as error:
        told = path.name in str(error)
        return (type(error).__name__ if told else "a message without the file's name", 0, 0, {})
    read = accepted = 0
    why: Counter[str] = Counter()
    for chunk in source.chunks(Context("A", "b", "f")):
        chunk.check()
        read, accepted = read + chunk.read, accepted + chunk.records.height
        why.update(chunk.rejects["reason"].to_list())
    return (source.profile, read, accepted, dict(why))


TABLE = {
    "reportstream-csv/test/csv_test_files/expected/AZ-test-receiver-column-headers-only.csv": (
        "reportstream_lab",
        0,
        0,
        {},
    ),
    "reportstream-csv/test/csv_test_files/expected/AZ-test-receiver-happy-path.csv": ("reportstream_lab", 0, 0, {}),
    "reportstream-csv/test/csv_test_files/expected/federal-test-receiver-column-headers-only.csv": (
        "reportstream_lab",
        0,
        0,
        {},
    ),
    "reportstream-csv/test/csv_test_files/expected/federal-test-receiver-happy-path.csv": (
        "reportstream_lab",
        7,
        7,
        {"bad-date": 7},
    ),
    "reportstream-csv/test/csv_test_files/input/1001-lines.csv": ("reportstream_lab", 999, 999, {}),
    "reportstream-csv/test/csv_test_files/input/change-column-ordering.csv": ("reportstream_lab", 7, 7, {}),
    "reportstream-csv/test/csv_test_files/input/column-headers-only.csv": ("reportstream_lab", 0, 0, {}),
    "reportstream-csv/test/csv_test_files/input/happy-path.csv": ("reportstream_lab", 7, 7, {}),
    "reportstream-csv/test/csv_test_files/input/missing-data.csv": ("reportstream_lab", 1, 0, {"too-few-cells": 1}),
    "reportstream-csv/test/csv_test_files/input/quoted-strings-with-embedded-commas.csv": (
        "reportstream_lab",
        4,
        4,
        {},
    ),
    "reportstream-csv/test/csv_test_files/input/simplereport.csv": (
        "reportstream_primary",
        50,
        50,
        {"bad-date": 26, "unmapped-code": 20},
    ),
    "reportstream-csv/test/csv_test_files/input/too-much-data.csv": ("reportstream_lab", 1, 0, {"too-many-cells": 1}),
    "reportstream-csv/test/csv_test_files/input/weird-data.csv": ("reportstream_lab", 7, 7, {}),
    "reportstream-csv/test/csv_test_files/input/weird-dates.csv": ("reportstream_lab", 7, 7, {"bad-date": 6}),
    "reportstream-csv/test/csv_test_files/input/wrong-type-data.csv": ("reportstream_lab", 1, 1, {"bad-date": 1}),
    "reportstream-csv/test/unit_test_files/ak_test_file.csv": (
        "reportstream_primary",
        20,
        20,
        {"bad-date": 20, "unmapped-code": 9},
    ),
    "reportstream-csv/test/unit_test_files/ca_test_file.csv": (
        "reportstream_primary",
        5,
        5,
        {"bad-date": 5, "unmapped-code": 1},
    ),
    "reportstream-csv/test/unit_test_files/fake-pdi-covid-19.csv": (
        "reportstream_primary",
        40,
        40,
        {"bad-date": 40, "unmapped-code": 19},
    ),
    "reportstream-csv/test/unit_test_files/lab1-test_results-17-42-31.csv": ("reportstream_lab", 7, 7, {}),
    "reportstream-csv/test/unit_test_files/pdi-covid-19-wa-k12.csv": (
        "reportstream_primary",
        14,
        14,
        {"bad-date": 14, "unmapped-code": 9},
    ),
    "reportstream-csv/test/unit_test_files/vt_test_file.csv": (
        "reportstream_primary",
        6,
        6,
        {"bad-date": 6, "unmapped-code": 4},
    ),
    "reportstream-csv/testIntegration/resources/datatests/CSV_to_HL7/sample-batch-pdi-20210608-0001.csv": (
        "reportstream_primary",
        20,
        20,
        {"bad-date": 20, "unmapped-code": 9},
    ),
    "reportstream-csv/testIntegration/resources/datatests/CSV_to_HL7/sample-pdi-covid-19-nh.csv": (
        "reportstream_primary",
        1,
        1,
        {"bad-date": 1},
    ),
    "reportstream-csv/testIntegration/resources/datatests/CSV_to_HL7/sample-single-pdi-20210608-0002.csv": (
        "reportstream_primary",
        1,
        1,
        {"bad-date": 1},
    ),
    "reportstream-csv/testLoadJmeter/reportstreamfiles/202107141913_1_dynamic.csv": (
        "reportstream_pdi",
        1,
        1,
        {"bad-date": 1},
    ),
    "reportstream-csv/testLoadJmeter/reportstreamfiles/202107141914_200_dynamic.csv": (
        "reportstream_pdi",
        200,
        200,
        {"bad-date": 200},
    ),
    "tuva-seeds/eligibility.csv": ("tuva_eligibility", 0, 0, {}),
    "tuva-seeds/lab_result.csv": ("tuva_lab_result", 0, 0, {}),
    "tuva-seeds/observation.csv": ("tuva_observation", 0, 0, {}),
    "tuva-seeds/pharmacy_claim.csv": ("tuva_pharmacy_claim", 0, 0, {}),
}
REFUSED = 48  # lists, forms, dictionaries of other programs, an empty file: none has a header that a mapping fits


def test_every_tabular_sample_is_read_or_refused_as_the_table_says(samples):
    folder = samples / "tabular"
    found = {str(path.relative_to(folder)): came_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    read = {name: told for name, told in found.items() if told[0] != "UnknownFormat"}
    assert read == TABLE
    assert len(found) - len(read) == REFUSED

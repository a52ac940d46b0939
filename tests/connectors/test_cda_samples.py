"""The real samples: what came of each document, and columns against a plain xpath reading of the same elements."""

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.kinds.cda import CONNECTOR
from connectors.reason import REASONS
from schemas.table import COMMON
from schemas.tables import TABLES
from tests.connectors import cda_coverage

pytestmark = pytest.mark.samples
HERE = Context("A", "b1", "0" * 16)
N = {"h": "urn:hl7-org:v3", "x": "http://www.w3.org/2001/XMLSchema-instance"}
# folder: (read, accepted, rejects by reason, rows by table)
CAME_OF_IT = {
    "hl7-ccda-examples": (
        24, 19, {"bad-date": 17, "no-key": 4, "no-person": 1, "partial-date": 4},
        {"condition": 37, "document": 19, "encounter": 11, "medication": 17, "observation": 126, "patient": 19,
         "patient_identifier": 27, "procedure": 11},
    ),
    "ms-fhir-converter": (
        22, 22, {"bad-date": 18, "partial-date": 7},
        {"condition": 48, "document": 22, "encounter": 19, "medication": 34, "observation": 192, "patient": 22,
         "patient_identifier": 31, "procedure": 22},
    ),
}  # fmt: skip


def read(path: Path) -> list[Chunk]:
    chunks = list(CONNECTOR.open(path).chunks(HERE))
    for chunk in chunks:
        chunk.check()
    return chunks


def folder(samples: Path, name: str) -> list[tuple[Path, list[Chunk]]]:
    return [(path, read(path)) for path in sorted((samples / "cda" / name).iterdir())]


@pytest.mark.parametrize("name", CAME_OF_IT)
def test_what_came_of_each_folder(samples, name):
    chunks = [chunk for _, every in folder(samples, name) for chunk in every]
    rows = Counter[str]()
    for chunk in chunks:
        rows.update({table: frame.height for table, frame in chunk.tables.items()})
    reasons = Counter(reason for chunk in chunks for reason in chunk.rejects["reason"])
    read_, accepted = sum(chunk.read for chunk in chunks), sum(chunk.records.height for chunk in chunks)
    assert (read_, accepted, dict(sorted(reasons.items())), dict(sorted(rows.items()))) == CAME_OF_IT[name]


@pytest.mark.parametrize("name", CAME_OF_IT)
def test_rows_have_keys_and_reasons_are_known(samples, name):
    for path, chunks in folder(samples, name):
        assert CONNECTOR.sniff(path) is not None
        for chunk in chunks:
            assert all(
                REASONS[code].whole == whole for code, whole in chunk.rejects.select("reason", "whole").iter_rows()
            )
            for table, frame in chunk.tables.items():
                assert dict(frame.schema) == dict(TABLES[table].schema())
                assert frame["record_id"].is_unique().all()
                assert not frame["person_id"].null_count()


def said(element: "etree._Element", path: str) -> str | None:
    found = element.xpath(path, namespaces=N)
    return (str(found[0]).strip() or None) if found else None


@pytest.mark.parametrize("name", CAME_OF_IT)
def test_headers_equal_a_plain_reading(samples, name):
    for path, chunks in folder(samples, name):
        root = etree.parse(path).getroot()
        tables = {table: frame for chunk in chunks for table, frame in chunk.tables.items()}
        if "document" not in tables:
            continue
        [paper] = tables["document"].to_dicts()
        assert paper["doc_type_code"] == said(root, "h:code/@code")
        assert paper["title"] == " ".join((said(root, "h:title/text()") or "").split())
        assert paper["created_time"].year in (
            int(root.xpath("h:effectiveTime/@value", namespaces=N)[0][:4]) + n for n in (0, 1)
        )
        role = root.xpath("h:recordTarget/h:patientRole", namespaces=N)[0]
        [patient] = tables["patient"].to_dicts()
        family, given = (said(role, f"h:patient/h:name/h:{tag}/text()") or "" for tag in ("family", "given"))
        assert family in patient["name"]
        assert given in patient["name"]
        assert (
            patient["gender_code"]
            == {"M": "1", "F": "2"}[said(role, "h:patient/h:administrativeGenderCode/@code") or ""]
        )
        assert str(patient["birth_date"]).replace("-", "") == (said(role, "h:patient/h:birthTime/@value") or "")[:8]


RESULTS = ("//h:section[h:templateId/@root='2.16.840.1.113883.10.20.22.2.3.1' or "
           "h:templateId/@root='2.16.840.1.113883.10.20.22.2.4.1']//h:observation[@moodCode='EVN' or not(@moodCode)]")  # fmt: skip
PROBLEMS = (
    "//h:section[h:templateId/@root='2.16.840.1.113883.10.20.22.2.5.1']/h:entry/h:act[not(@negationInd='true')]"
    "/h:entryRelationship/h:observation[not(@negationInd='true')][h:value[@code or h:translation/@code]]"
)
DRUGS = (
    "//h:section[h:templateId/@root='2.16.840.1.113883.10.20.22.2.1.1']/h:entry/h:substanceAdministration"
    "[not(@negationInd='true')]"
)


@pytest.mark.parametrize("name", CAME_OF_IT)
def test_results_problems_and_drugs_equal_a_plain_reading(samples, name):
    found = Counter[str]()
    for path, chunks in folder(samples, name):
        root = etree.parse(path).getroot()
        tables = {table: frame for chunk in chunks for table, frame in chunk.tables.items()}
        if "document" not in tables:
            continue
        for element in root.xpath(RESULTS, namespaces=N):
            value = said(element, "h:value[@x:type='PQ' or @x:type='INT']/@value")
            if value is None or element.xpath("h:code/@nullFlavor", namespaces=N):
                continue
            wanted = {
                "item_code": said(element, "h:code/@code"),
                "value_num": float(value),
                "unit": said(element, "h:value/@unit"),
            }
            rows = tables["observation"].filter(item_code=wanted["item_code"], value_num=wanted["value_num"])
            assert wanted["unit"] in ["1", *rows["unit"].to_list()]
            found["results"] += 1
        for element in root.xpath(PROBLEMS, namespaces=N):
            codes = {str(code) for code in element.xpath("h:value/@code|h:value/h:translation/@code", namespaces=N)}
            started = said(element, "h:effectiveTime/h:low/@value")
            kept = tables["condition"].filter(pl.col("code").is_in(codes))
            assert kept.height
            if started and len(started) >= 8:
                assert started[:8] in [str(day).replace("-", "") for day in kept["onset_date"]]
            found["problems"] += 1
        for element in root.xpath(DRUGS, namespaces=N):
            code = said(element, "h:consumable/h:manufacturedProduct/h:manufacturedMaterial/h:code/@code")
            if code is None:
                continue
            kept = tables["medication"].filter(drug_code=code)
            dose = said(element, "h:doseQuantity/@value")
            assert (float(dose) if dose else None) in kept["dose"].to_list()
            assert said(element, "h:routeCode/@code") in kept["route_code"].to_list()
            found["drugs"] += 1
    assert min(found.values()) > 5


def test_every_value_of_wst_500_reaches_a_column_or_extra_and_the_page_says_how_many(samples):
    made = cda_coverage.table(samples)
    assert made in cda_coverage.PAGE.read_text("utf-8")
    assert ", 0 are lost." in made


def test_all_data_elements_of_the_list_are_known_as_they_are_written(samples):
    listed = {row["data_element"] for every in cda_coverage.rows(samples).values() for row in every}
    assert [each for each in sorted(listed) if cda_coverage.plain(each) is None] == ["DE05.01.044.NAME"]


def test_what_the_samples_fill_is_said_to_be_filled(samples):
    for name in CAME_OF_IT:
        for _, chunks in folder(samples, name):
            for table, frame in ((table, frame) for chunk in chunks for table, frame in chunk.tables.items()):
                filled = {column for column in frame.columns if frame[column].null_count() < frame.height}
                assert filled - set(COMMON) <= set(CONNECTOR.fills[table])

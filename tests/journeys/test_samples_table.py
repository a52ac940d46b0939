"""Every file of the real samples is ingested or rejected with a reason, and docs/samples.md says what came of it."""

import re

import pytest

from tests.journeys.samples_table import PAGE, folders, page, taken

pytestmark = pytest.mark.samples


@pytest.fixture(scope="module")
def found(samples):
    """What came of each folder."""
    return [taken(folder) for folder in folders(samples)]


def test_every_file_is_read_or_refused_for_a_reason(found):
    for each in found:
        told = each.told
        assert told.files + len(told.skipped) == each.files, each.name
        assert all(left.reason and left.message for left in [*told.unreadable, *told.skipped]), each.name


def test_every_record_is_accepted_rejected_or_a_duplicate(found):
    for each in found:
        told = each.told
        assert told.read == told.accepted + told.rejected + told.duplicate, each.name
        assert sum(each.whole.values()) == told.rejected, each.name
        assert sum(told.reasons.values()) == sum(each.whole.values()) + sum(each.values.values()), each.name
        assert each.balanced, each.name


def test_the_page_says_what_came_of_them(found):
    made, there = page(found), PAGE.read_text("utf-8")
    assert made == there, "docs/samples.md is stale. Run: python -m tests.journeys.samples_table"


def test_the_page_names_no_file():
    assert not re.search(r"\.(hl7|xml|ccda|csv|tsv|json|ndjson)\b", PAGE.read_text("utf-8"))

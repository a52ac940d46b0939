"""The page of one site: its own counts whole, of others nothing but where their scores lie."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from federation.quality.count import STATES
from federation.quality.dqd import asked_as
from federation.quality.library import OWN, all_checks
from federation.quality.omop.resolve import resolved
from federation.quality.standard import standard
from federation.report.both import Both
from federation.report.bulletin import Terms
from federation.report.paper import html
from federation.report.pictures.rows import Site
from federation.report.site_page import SitePage, site_page_of
from federation.report.site_paper import paper

CHECKS = [each for each in all_checks() if each.counts and each.table not in OWN]
TERMS = Terms(standard(), len(CHECKS), "0123456789ab", date(2026, 6, 20), "0.1.0")
Make = Callable[[int], SitePage]


@pytest.fixture
def page() -> Make:
    """The page of the first of so many hospitals; each is a little worse than the one before it."""

    def make(number: int) -> SitePage:
        sites = [Site(f"s{n}", Both(f"机构{n}", f"Site {n}"), "tertiary") for n in range(number)]
        rows = [
            (site.site, date(2026, 5 + month, 1), check.table, check.id, 1000 + 7 * place, 3 + place if at % 2 else 0)
            for place, site in enumerate(sites)
            for month in range(2)
            for at, check in enumerate(CHECKS)
        ]
        states = pl.DataFrame(rows, schema=STATES, orient="row")
        return site_page_of(states, sites[0], sites, None, "nhc", TERMS, CHECKS)

    return make


def test_own_counts_are_whole_and_of_others_there_are_neither_names_nor_counts(page: Make):
    found = page(6)
    text = html(paper(found))
    assert {each.finding.failed for each in found.losses} == {6}
    assert "机构0" in text
    assert not [n for n in range(1, 6) if f"机构{n}" in text or f"Site {n}" in text or f"s{n}<" in text]
    assert "同级 5 家有得分" in text
    assert text.count("<svg") == 2 * 4
    assert "<script" not in text
    assert html(paper(page(6))) == text


def test_too_few_peers_to_be_nameless_are_not_drawn(page: Make):
    found = page(3)
    assert all(each.others == () for each in found.dimensions)
    assert "不作比较" in html(paper(found))


def test_a_site_without_rows_has_no_evidence_and_no_full_score():
    site = Site("a", Both("甲", "A"), "primary")
    found = site_page_of(pl.DataFrame(schema=STATES), site, [site], None, "nhc", TERMS, CHECKS)
    text = html(paper(found))
    assert found.whole.own is None
    assert "100.00" not in text
    assert "无证据" in text


def test_what_fails_stands_by_what_it_costs_and_months_are_those_with_rows(page: Make):
    found = page(4)
    assert [each.cost for each in found.losses] == sorted((each.cost for each in found.losses), reverse=True)
    assert sorted(found.whole_trend) == [date(2026, 5, 1), date(2026, 6, 1)]
    assert found.months[-1] == date(2026, 6, 1)


def test_ids_that_the_export_keeps_are_ids_of_the_dashboard():
    known = {each.id for each in resolved()}
    assert {each.id for each in asked_as(CHECKS) if each.same} <= known

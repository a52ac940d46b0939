"""Decisions are those of decisions.md; and laws that hold for every decision."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.consent.case import carried
from federation.consent.contract import Contract
from federation.consent.decide import decide
from federation.consent.pooling import to_pool
from federation.consent.purpose import purposes
from federation.consent.request import Request
from schemas.reveals import Reveals
from schemas.tables import TABLES


def documented(place: int) -> list[list[str]]:
    """The rows of the table at this place of decisions.md, without its head."""
    text = (Path(__file__).parent / "decisions.md").read_text("utf-8")
    tables = [part for part in text.split("\n\n") if part.startswith("|")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in tables[place].splitlines()[2:]]


def contract(row: list[str]) -> Contract:
    name, site, effect, about, for_what, recipients, since, until = row
    tables: dict[str, list[str]] = defaultdict(list)
    for word in about.split():
        table, _, column = word.partition(".")
        tables[table].append(column or "*")
    words = {"id": name, "site": site, "effect": effect, "tables": dict(tables), "purposes": for_what.split()}
    days = {"from": date.fromisoformat(since), "until": date.fromisoformat(until)}
    return Contract(**words, **days, recipients=recipients.split(), signed_by="the director")


CONTRACTS = [contract(row) for row in documented(0)]


@pytest.mark.parametrize("row", documented(1), ids=" ".join)
def test_the_documented_cases_are_decided_as_documented(row: list[str]):
    site, table, columns, purpose, recipient, on, answer, go = row
    decision = decide(
        Request(site, table, tuple(columns.split()), purpose, recipient), CONTRACTS, date.fromisoformat(on)
    )
    assert (decision.allowed, decision.columns) == (answer == "allow", tuple(go.split()))
    assert decision.reasons


def test_the_document_shows_both_answers_many_times():
    answers = [row[6] for row in documented(1)]
    assert min(answers.count("allow"), answers.count("deny")) >= 8


REQUESTS = st.sampled_from(sorted(TABLES)).flatmap(
    lambda table: st.builds(
        Request,
        st.sampled_from(["east", "west"]),
        st.just(table),
        st.lists(st.sampled_from(sorted(TABLES[table].columns)), unique=True, max_size=6).map(tuple),
        st.sampled_from([*purposes(), "MADE_UP"]),
        st.sampled_from(["city-centre", "university"]),
    )
)
DAYS = st.integers(0, 400).map(lambda days: date(2025, 1, 1) + timedelta(days))


def some(site: str, effect: str, table: str, for_what: list[str], days: int) -> Contract:
    """A contract about all of one table, for everybody, from the first day of 2025 on."""
    first = date(2025, 1, 1)
    words = {"id": f"{site}-{effect}-{table}", "site": site, "effect": effect, "tables": {table: ["*"]}, "from": first}
    until = first + timedelta(days)
    return Contract(**words, purposes=for_what, recipients=["*"], until=until, signed_by="the director")


SOME = st.builds(
    some,
    st.sampled_from(["east", "west"]),
    st.sampled_from(["allow", "deny"]),
    st.sampled_from(sorted(TABLES)),
    st.lists(st.sampled_from(list(purposes())), min_size=1, unique=True),
    st.integers(0, 400),
)


@given(REQUESTS, st.lists(SOME, max_size=6), DAYS)
def test_nothing_that_names_a_person_or_stays_at_the_site_ever_goes(
    request_: Request, contracts: list[Contract], day: date
):
    declared = TABLES[request_.table].columns
    for name in decide(request_, contracts, day).columns:
        assert declared[name].leaves
        assert declared[name].token or declared[name].reveals is not Reveals.PERSON


@given(REQUESTS, st.lists(SOME, max_size=6), SOME, DAYS)
def test_another_contract_that_allows_never_takes_away_and_one_that_denies_never_gives(
    request_: Request, contracts: list[Contract], more: Contract, day: date
):
    before, after = (set(decide(request_, held, day).columns) for held in (contracts, [*contracts, more]))
    assert before <= after if more.effect == "allow" else after <= before


@given(REQUESTS, st.lists(SOME, max_size=6), DAYS)
def test_the_order_of_contracts_does_not_matter_and_no_contract_means_no(
    request_: Request, contracts: list[Contract], day: date
):
    assert decide(request_, contracts, day).columns == decide(request_, contracts[::-1], day).columns
    assert decide(request_, [], day).columns == ()


@given(REQUESTS, st.lists(SOME, max_size=6), DAYS)
def test_whatever_somebody_may_ask_for_may_be_pooled(request_: Request, contracts: list[Contract], day: date):
    granted = decide(request_, contracts, day).columns
    assert set(granted) <= set(to_pool(request_.site, request_.table, contracts, day).columns)


def test_only_what_a_contract_names_and_what_rows_carry_is_pooled():
    decision = to_pool("east", "condition", CONTRACTS, date(2025, 2, 1))
    assert set(decision.columns) == {"code", "rank", *carried("condition")}
    assert decision.contracts == ("C-2",)
    assert to_pool("east", "cost", CONTRACTS, date(2025, 2, 1)).columns == ()

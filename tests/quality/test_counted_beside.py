"""What is counted beside the checks: pairs and their likely culprits, shifts of distributions, settling times."""

from datetime import date, datetime, timedelta
from statistics import median

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.quality.arrival import KEY, arrivals_of, every_arrival
from federation.quality.count import count
from federation.quality.delay import count_delays, merge_delays, punctual
from federation.quality.library import OWN, all_checks
from federation.quality.pairs import PAIRS, count_pairs, culprits, merge_pairs
from federation.quality.settling import settled, settling
from federation.quality.shift import BINS, PAST, PEERS, count_bins, merge_bins, moves, shifts
from schemas.tables import TABLES
from schemas.tables.encounter import Encounter


def results(*pairs):
    schema = TABLES["observation"].schema()
    known = dict.fromkeys(schema) | {"org_code": "A", "deleted": False, "item_system": "local"}
    cells = [
        {"item_code": code, "item_name": name, "unit": unit} for code, name, unit, times in pairs for _ in range(times)
    ]
    return {"observation": pl.DataFrame([known | row for row in cells], schema=schema).lazy()}


def said(tables):
    columns = ["decides", "key", "value", "rows", "side", "expected"]
    return culprits(count_pairs(tables)).select(columns).rows()


def test_the_rare_name_of_a_code_is_the_culprit():
    tables = results(("K", "钾", "mmol/L", 40), ("K", "甲", "mmol/L", 1))
    assert said(tables) == [("item_name", "local + K", "甲", 1, "value", "钾")]


def test_a_name_that_belongs_to_another_code_says_that_the_code_is_wrong():
    tables = results(("K", "钾", "mmol/L", 40), ("NA", "钠", "mmol/L", 40), ("K", "钠", "mmol/L", 2))
    assert said(tables) == [("item_name", "local + K", "钠", 2, "key", "local + NA")]


def test_a_unit_that_is_rare_for_its_item_is_a_culprit_and_an_even_split_is_none():
    assert [row[0:3] for row in said(results(("K", "钾", "mmol/L", 30), ("K", "钾", "mg/dL", 1)))] == [
        ("unit", "local + K", "mg/dL")
    ]
    assert said(results(("K", "钾", "mmol/L", 10), ("K", "钾", "mg/dL", 9))) == []


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xyz"), st.integers(1, 9)), max_size=12),
    st.integers(0, 12),
)
def test_pairs_of_parts_add_up_to_those_of_the_whole(rows, cut):
    pairs = [(code, name, "u", times) for code, name, times in rows]
    parts = [count_pairs(results(*part)) for part in (pairs[:cut], pairs[cut:])]
    whole = count_pairs(results(*pairs))
    assert merge_pairs(parts).equals(whole)
    taken_back = parts[1].with_columns(-pl.col("rows"))
    assert merge_pairs([whole, taken_back]).equals(merge_pairs([parts[0]]))
    assert whole.schema == PAIRS


def bins(*rows):
    return pl.DataFrame(
        [
            (site, date.fromisoformat(f"{month}-01"), "encounter", "class_code", code, times)
            for site, month, code, times in rows
        ],
        schema=BINS,
        orient="row",
    )


def test_a_site_that_changes_its_codes_moved_against_its_past_and_its_peers():
    past = [("A", f"2025-{month:02d}", "OP", 200) for month in range(1, 7)]
    peers = [("B", "2025-07", "OP", 400), ("C", "2025-07", "OP", 400)]
    found = shifts(bins(*past, *peers, ("A", "2025-07", "IP", 200)), {"A": "t", "B": "t", "C": "t"})
    of_july = found.filter((pl.col("org_code") == "A") & (pl.col("month") == date(2025, 7, 1)))
    assert dict(of_july.select("against", "moved").rows()) == {PAST: True, PEERS: True}
    assert set(of_july["variation"]) == {1.0}


def test_the_same_mixture_did_not_move_and_few_rows_say_nothing():
    steady = bins(
        ("A", "2025-01", "OP", 90), ("A", "2025-01", "IP", 60), ("A", "2025-02", "OP", 91), ("A", "2025-02", "IP", 59)
    )
    assert shifts(steady, {})["moved"].to_list() == [False]
    assert shifts(bins(("A", "2025-01", "OP", 99), ("A", "2025-02", "IP", 500)), {}).is_empty()
    assert shifts(bins(), {"A": "t"}).is_empty()


def test_one_odd_peer_does_not_make_the_others_odd():
    mixed = [("A", "2025-07", "IP", 900), *((site, "2025-07", "OP", 200) for site in "BCDE")]
    found = shifts(bins(*mixed), dict.fromkeys("ABCDE", "t"), fewest=3)
    assert dict(found.select("org_code", "moved").rows()) == {site: site == "A" for site in "ABCDE"}
    assert shifts(bins(*mixed), dict.fromkeys("ABCDE", "t"), fewest=5).is_empty()


@given(st.lists(st.lists(st.integers(0, 300), min_size=3, max_size=3), min_size=2, max_size=6))
def test_what_peers_usually_have_is_the_middle_of_the_others(sites):
    counted = [
        (f"S{n}", "2025-07", code, times) for n, own in enumerate(sites) for code, times in zip("xyz", own, strict=True)
    ]
    made = bins(*[row for row in counted if row[3]])
    tiers = {f"S{n}": "t" for n in range(len(sites))}
    large = {n: own for n, own in enumerate(sites) if sum(own) >= 100}
    for org, code, then in moves(made, tiers).filter(against=PEERS).select("org_code", "bin", "share_then").iter_rows():
        others = [[one / sum(own) for one in own] for n, own in large.items() if org != f"S{n}"]
        middles = dict(zip("xyz", map(median, zip(*others, strict=True)), strict=True))
        assert then == pytest.approx(middles[code] / sum(middles.values()))


def test_values_are_counted_by_month_and_nothing_is_a_value_of_its_own(rows):
    tables = rows("2 encounter start_time=2025-03-01 + encounter class_code=OP start_time=2025-03-09 + encounter")
    found = count_bins(tables).filter(pl.col("column").is_in(["class_code", "discharge_way_code"]))
    assert found.select("month", "column", "bin", "rows").rows() == [
        (date(2025, 3, 1), "class_code", "IP", 2),
        (date(2025, 3, 1), "class_code", "OP", 1),
        (date(2025, 3, 1), "discharge_way_code", "", 3),
    ]
    assert merge_bins([count_bins(tables)]).equals(count_bins(tables))


def test_a_field_settles_when_it_last_changed():
    schema = Encounter.schema()
    known = dict.fromkeys(schema) | {"org_code": "A", "start_time": datetime.fromisoformat("2025-03-01T10:00")}
    versions = [
        known
        | {
            "record_id": f"E{number}",
            "updated_at": known["start_time"] + timedelta(days=after),
            "class_code": "IP",
            "discharge_way_code": way,
        }
        for number in range(30)
        for after, way in ((1, None), (6 if number < 28 else 20, "1"))
    ]
    counts = settled(pl.DataFrame(versions, schema=schema).lazy(), Encounter)
    found = {column: (p50, p90) for _, _, column, _, p50, p90 in settling(counts).rows()}
    assert found["class_code"] == (1, 1)
    assert found["discharge_way_code"] == (6, 6)
    assert settling(counts.filter(pl.col("days") > 7)).is_empty()


def test_records_that_come_within_the_days_asked_are_counted_in_time(rows):
    came = [f"encounter end_time=2025-03-01 updated_at=2025-03-{day:02d}" for day in (1, 2, 5, 9)]
    counts = count_delays(rows(" + ".join([*came, "encounter end_time=2025-03-04 updated_at=2025-03-01", "encounter"])))
    assert counts.select("days", "records").rows() == [(0, 2), (1, 1), (4, 1), (8, 1)]
    [row] = punctual(counts, {"encounter": 4}).rows()
    assert row == ("A", "encounter", 5, 1, 8, 4, 4)
    [row] = punctual(merge_delays([counts, counts]), {}).rows()
    assert row == ("A", "encounter", 10, 1, 8, None, None)


def test_every_dated_table_is_asked_about_the_keys_of_its_rows():
    ids = {each.id for each in all_checks()}
    assert {name + KEY for name in TABLES if TABLES[name].when is not None and name not in OWN} <= ids


def test_what_a_batch_adds_is_what_its_counts_say(rows, as_of):
    states = count(rows("2 encounter start_time=2025-03-01 + encounter start_time=2025-04-01 + encounter"), as_of)
    found = arrivals_of(states, "b1", date(2025, 5, 2))
    assert found.sort("month").select("table", "month", "day", "batch", "rows").rows() == [
        ("encounter", date(2025, 3, 1), date(2025, 5, 2), "b1", 2),
        ("encounter", date(2025, 4, 1), date(2025, 5, 2), "b1", 1),
    ]
    taken_back = arrivals_of(states.with_columns(-pl.col("asked", "failed")), "b2", date(2025, 5, 3))
    assert taken_back.filter("answers").is_empty()
    assert every_arrival([taken_back, found]).equals(every_arrival([found, taken_back]))

"""The monthly bulletin: its numbers are the counts, nothing small is in it, and it needs nothing but itself."""

import io
import json
import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from federation.quality.count import STATES
from federation.quality.library import OWN, all_checks
from federation.quality.standard import standard
from federation.report.both import Both
from federation.report.bulletin import ARRIVED, Bulletin, Terms, months_before
from federation.report.bulletin_paper import paper
from federation.report.gather_bulletin import DATED, bulletin_of
from federation.report.paper import html, sheets
from federation.report.pictures import dots, places
from federation.report.pictures.delivered import short
from federation.report.pictures.grid import ON_A_PAGE, pages
from federation.report.pictures.rows import Site, in_order
from federation.report.sheets import workbook
from federation.report.small import SMALLEST_TOLD, asked_of, failed_of, told

MONTH = date(2026, 5, 1)
CHECKS = [each for each in all_checks() if each.counts and each.table not in OWN]
UNIQUE = {each.table: each.id for each in CHECKS if each.id == f"{each.table}.record_id.unique"}
SECRET = 3  # a count that must not be told


def city(number: int, names: str = "机构") -> list[Site]:
    tiers = ("tertiary", "secondary", "primary", "primary")
    return in_order([Site(f"s{n:02}", Both(f"{names}{n:02}", f"Site {n:02}"), tiers[n % 4]) for n in range(number)])


def states(sites: list[Site], rows: int = 1000, wrong: int = 7, last: int = 12) -> pl.DataFrame:
    """Every site but the last is asked every third check of all months; the first one worse and worse."""
    made = []
    for place, site in enumerate(sites[:-1] if len(sites) > 1 else sites):
        for back in range(last):
            month = months_before(MONTH, back)
            for number, check in enumerate(CHECKS):
                dated = check.table in DATED
                if check.id == UNIQUE[check.table]:
                    made.append((site.site, month if dated else None, check.table, check.id, rows, 0))
                elif number % 3 == place % 3 and (dated or back == 0):
                    failed = wrong * (1 + (place == 0) * (last - back)) if number % 2 else 0
                    made.append((site.site, month if dated else None, check.table, check.id, rows, min(failed, rows)))
    return pl.DataFrame(made, schema=STATES, orient="row")


def terms() -> Terms:
    return Terms(standard(), len(CHECKS), "0123456789ab", date(2026, 6, 20), "0.1.0")


def bulletin(number: int = 9, counts: pl.DataFrame | None = None, sites: list[Site] | None = None) -> Bulletin:
    sites = city(number) if sites is None else sites
    counts = states(sites) if counts is None else counts
    came = [(each.site, date(2026, 6, 1), date(2026, 6, 12), 2) for each in sites[:-1]]
    arrived = pl.DataFrame(came, schema=ARRIVED, orient="row")
    return bulletin_of(counts, sites, MONTH, "nhc", terms(), CHECKS, arrived)


@pytest.fixture(scope="module")
def made() -> Bulletin:
    """Nine sites, of which the last sent nothing."""
    return bulletin()


@pytest.fixture(scope="module")
def text(made: Bulletin) -> str:
    """Its page."""
    return html(paper(made))


def section(text: str, name: str) -> str:
    return text.split(f'<section id="{name}">')[1].split("</section>", 1)[0]


def chinese(text: str) -> list[list[str]]:
    """The cells of all tables of a section, as the Chinese reader sees them."""
    text = re.sub(r'<span lang="en">.*?</span>', "", text)
    rows = re.findall(r"<tr>(.*?)</tr>", text, flags=re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row, flags=re.DOTALL)] for row in rows]


def test_every_picture_is_drawn_with_letters_in_both_languages(text: str):
    for name, label in (
        ("delivered", "手术操作"),
        ("kinds", "唯一"),
        ("dots", "合计"),
        ("moving", "机构00"),
        ("failing", "家"),
    ):
        drawn = "".join(re.findall(r"<svg.*?</svg>", section(text, name), flags=re.DOTALL))
        assert re.search(f">[^<]*{label}[^<]*</text>", drawn), name
    assert "Tertiary hospitals</text>" in text


def test_the_page_is_alone_and_has_no_script(text: str):
    addresses = set(re.findall(r"https?://[^\"'\s<>]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "<script" not in text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_equal_counts_give_equal_pages_in_any_order(made: Bulletin, text: str):
    sites = city(9)
    again = bulletin(counts=states(sites).sample(fraction=1.0, shuffle=True, seed=1), sites=sites)
    assert html(paper(again)) == text


def test_delivered_rows_are_the_rows_and_what_is_missing_is_told_from_what_never_came(made: Bulletin):
    came = made.delivered.filter(pl.col("site") == "s00")
    assert set(came["rows"]) == {1000}
    away = made.delivered.filter(pl.col("site") == made.sites[-1].site)
    assert set(away["rows"]) == {0}
    assert not away["ever"].any()
    sites = city(2)
    gone = states(sites).filter(~((pl.col("table") == "cost") & (pl.col("month") == MONTH)))
    [cost] = (
        bulletin(counts=gone, sites=sites)
        .delivered.filter((pl.col("site") == "s00") & (pl.col("table") == "cost"))
        .to_dicts()
    )
    assert (cost["rows"], cost["ever"], cost["usual"]) == (0, True, 1000.0)


def test_scores_and_counts_are_those_of_score_month(made: Bulletin):
    from federation.quality.score import score
    from federation.quality.scorecard import scorecard

    cards = scorecard(states(city(9)), "nhc", monthly=True, checks=CHECKS)
    wanted = {
        (card.org_code, str(card.dimension)): one.value
        for card in cards
        if card.month == MONTH and (one := score(card, standard())) is not None
    }
    shown = {
        (site, dimension): value
        for site, dimension, value in made.scores.drop_nulls("score").select("site", "dimension", "score").rows()
    }
    assert shown == pytest.approx(wanted)
    counted = states(city(9)).filter((pl.col("month") == MONTH) & (pl.col("org_code") == "s00"))
    assert made.kinds.filter(pl.col("site") == "s00")["asked"].sum() == counted["asked"].sum()


def test_a_site_that_sent_nothing_is_named_and_has_no_score(made: Bulletin, text: str):
    away = made.sites[-1]
    assert away.name.zh in section(text, "delivered").split("<figure")[0]
    [row] = [cells for cells in chinese(section(text, "places")) if cells and cells[0] == away.name.zh]
    assert row[1] == "无证据"
    assert "100.00" not in row


def test_a_site_that_got_worse_is_down_on_the_checks_asked_in_both_months(made: Bulletin):
    worse = next(one for one in made.league if one.org_code == made.sites[0].site)
    assert worse.change is not None
    assert worse.change < 0
    assert places.change(worse) is not None
    first = made.months.filter(pl.col("site") == worse.org_code).sort("month")["score"]
    assert first[0] > first[-1]


@pytest.mark.parametrize("side", ["failed", "right", "asked"])
def test_nothing_small_is_told_anywhere(side: str):
    sites = city(6)
    counts = states(sites, rows=1000, wrong=0)
    rows, wrong = {"failed": (787, SECRET), "right": (787, 787 - SECRET), "asked": (SECRET, SECRET)}[side]
    secret = (pl.col("org_code") == "s01") & (pl.col("check") != pl.col("table") + ".record_id.unique")
    counts = counts.with_columns(
        pl.when(secret).then(rows).otherwise("asked").alias("asked"),
        pl.when(secret).then(wrong).otherwise("failed").alias("failed"),
    ).cast(dict(STATES))
    made = bulletin(counts=counts, sites=sites)
    told_of = made.failures.filter(pl.col("site") == "s01")
    assert told_of.height > 0
    assert told_of["failed"].null_count() == told_of.height
    assert told_of["cost"].null_count() == told_of.height
    for cells in chinese(section(html(paper(made)), "orders")):
        if cells and cells[1] == "机构01":
            failed, asked = cells[6].split(" / ")
            assert failed == ("&gt;782" if side == "right" else "&lt;5")
            assert asked == ("&lt;5" if side == "asked" else "787")


def test_a_month_of_few_rows_has_no_score_and_no_point_in_its_trend():
    sites = city(4)
    counts = pl.concat([states(sites), states([Site("s03", sites[-1].name, sites[-1].tier)], rows=SECRET, wrong=1)])
    sites = [*[site for site in sites if site.site != "s03"], Site("s03", Both("少", "few"), "primary")]
    made = bulletin(counts=counts.filter((pl.col("org_code") != "s03") | (pl.col("asked") == SECRET)), sites=sites)
    assert made.few == {"s03"}
    assert made.months.filter(pl.col("site") == "s03").is_empty()
    assert made.scores.filter(pl.col("site") == "s03")["score"].null_count() == 4
    [row] = [cells for cells in chinese(section(html(paper(made)), "places")) if cells and cells[0] == "少"]
    assert row[1:3] == ["&lt;5", "&lt;5"]
    assert set(made.delivered.filter(pl.col("site") == "s03")["rows"]) <= {None, 0}


@given(st.integers(0, 60), st.data())
def test_counts_are_hidden_exactly_when_one_of_them_is_small(asked: int, data: st.DataObject):
    failed = data.draw(st.integers(0, asked))
    [row] = told(pl.DataFrame({"asked": [asked], "failed": [failed]})).to_dicts()
    is_small = any(0 < each < SMALLEST_TOLD for each in (asked, failed, asked - failed))
    assert row["small"] == is_small
    assert isinstance(failed_of(row), Both) == is_small
    assert (row["failed"] is None) == is_small
    if 0 < asked < SMALLEST_TOLD:
        assert isinstance(asked_of(row), Both)
    if row["most"]:
        assert asked - failed < SMALLEST_TOLD <= failed


def test_what_is_hidden_is_in_no_sum():
    sites = city(5)
    counts = states(sites, wrong=50).filter(pl.col("month") == MONTH)
    check = counts.filter(pl.col("failed") > 0)["check"][0]
    hide = (pl.col("org_code") == sites[0].site) & (pl.col("check") == check)
    counts = counts.with_columns(pl.when(hide).then(SECRET).otherwise("failed").alias("failed")).cast(dict(STATES))
    made = bulletin(counts=counts, sites=sites)
    shown = counts.filter((pl.col("check") == check) & ~hide)["failed"].sum()
    whole = next(each for each in sheets(paper(made)) if each.name == "共性问题")
    [row] = [row for row in whole.rows if row[1] == check]
    assert (row[5], row[4]) == (shown or "<5", 1)


def test_a_row_without_its_date_is_told_among_all_rows_and_patients_stand_as_they_are():
    sites = city(2)
    undated = pl.DataFrame(
        [
            ("s00", None, "encounter", "encounter.start_time.filled", 9, 9),
            ("s00", MONTH, "encounter", "encounter.start_time.filled", 991, 0),
            ("s00", None, "encounter", "encounter.person_id.refers", 9, 9),
            ("s00", None, "patient", "patient.gender_code.filled", 500, 20),
        ],
        schema=STATES,
        orient="row",
    )
    made = bulletin(counts=undated, sites=sites)
    told_of = {row["check"]: (row["failed"], row["asked"], row["dated"]) for row in made.failures.to_dicts()}
    assert told_of == {
        "encounter.start_time.filled": (9, 1000, False),
        "patient.gender_code.filled": (20, 500, False),
    }


def test_the_workbook_holds_every_finding_and_nothing_live(made: Bulletin):
    names = "=cmd|'/c calc'!A0"
    sites = city(9, names)
    found = bulletin(sites=sites)
    content = workbook(sheets(paper(found)), "t")
    book = load_workbook(io.BytesIO(content))
    rows = book.get_sheet_by_name("整改清单").to_python()
    assert len(rows) - 2 == found.failures.height > 5 * 8
    assert rows[2][1].startswith("=cmd")
    assert b"<f>" not in content
    assert {"报送情况", "三级医院", "问题分布", "各维度得分", "逐月得分", "共性问题"} <= set(book.sheet_names)


def test_names_are_escaped(made: Bulletin):
    text = html(paper(bulletin(sites=city(3, "<script>x</script>"))))
    assert "<script" not in text


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_small_city_is_told_too(number: int):
    made = bulletin(number, counts=None if number else pl.DataFrame(schema=STATES))
    text = html(paper(made))
    assert "健康数据质量通报（2026年5月）" in text


def test_a_month_in_which_nothing_came_is_no_full_score():
    text = html(paper(bulletin(counts=pl.DataFrame(schema=STATES))))
    assert "9 家机构中 0 家报送了" in text
    assert "100.00" not in text.split("<main>")[1].split("</main>")[0]


@given(st.integers(0, 300))
def test_pages_hold_every_site_once_and_none_is_too_long(number: int):
    sites = city(number)
    cut = pages(sites)
    assert [site for page in cut for site in page] == sites
    assert all(0 < len(page) <= ON_A_PAGE for page in cut)


@given(st.integers(0, 10**12))
def test_a_number_made_short_is_never_more_than_it_is(number: int):
    said = short(number)
    scale = {"k": 10**3, "M": 10**6, "G": 10**9}.get(said[-1], 1)
    assert float(said.rstrip("kMG").replace(",", "")) * scale <= number + 1e-3


@given(st.floats(0, 1))
def test_only_all_right_reads_a_hundred(share: float):
    assert (places.points(share) == 100.0) == (share == 1)


def test_the_scale_begins_below_every_score():
    assert dots.floor_of([0.9991, 1.0]) == 0.99
    assert dots.floor_of([0.3]) == 0.0
    assert dots.floor_of([]) == 0.99


def test_months_are_counted_over_the_new_year():
    assert [months_before(date(2026, 2, 1), back) for back in (0, 2, 14, -11)] == [
        date(2026, 2, 1), date(2025, 12, 1), date(2024, 12, 1), date(2027, 1, 1),
    ]  # fmt: skip


def test_json_of_a_bulletin_holds_no_small_count(made: Bulletin):
    from federation.cli.score.bulletin import document

    found = json.loads(json.dumps(document(made), default=str))
    assert [each["site"] for each in found["sites"]] == [site.site for site in made.sites]
    assert {each["level"] for each in found["league"] if each["score"] is None} == {None}
    hidden = [each for name in ("failures", "kinds") for each in found[name] if each["small"]]
    assert all(each["failed"] is None for each in hidden)

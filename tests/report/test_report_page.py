"""What the page says, and that it needs nothing but itself."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hatchling.builders.wheel import WheelBuilder
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Unavailable
from federation.report.both import Both, count, rate
from federation.report.facts import COVERAGE, Answer, Facts
from federation.report.page import PICTURES, both, page, render
from federation.report.pictures import flow, heat

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def text(facts: Facts) -> str:
    """The made-up city's page."""
    return page(facts)


def svgs(text: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)


def cells(text: str, name: str) -> list[list[str]]:
    """The table twin of a picture, as its Chinese reader sees it."""
    section = text.split(f'<section id="{name}">')[1].split("</section>", 1)[0]
    body = section.split("<tbody>")[1].split("</tbody>")[0]
    body = re.sub(r'<span lang="en">.*?</span>', "", body)
    rows = re.findall(r"<tr>(.*?)</tr>", body, flags=re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]


def test_every_picture_is_drawn_in_both_languages(text: str):
    assert len(svgs(text)) == 2 * len(PICTURES)


@pytest.mark.parametrize(
    "label", ["市第一人民医院", "春风社区卫生服务中心", "一致性", "及时性", "无证据", "接收 86,952 (98.1%)"]
)
def test_chinese_labels_are_text_in_the_svg(text: str, label: str):
    assert any(f">{label}<" in svg for svg in svgs(text))


@pytest.mark.parametrize("label", ["Dongcheng Hospital", "completeness", "no evidence", "pooled", "Tertiary hospitals"])
def test_english_labels_are_text_in_the_svg(text: str, label: str):
    assert any(f">{label}<" in svg for svg in svgs(text))


def test_every_font_list_ends_in_a_generic_family(text: str):
    families = set(re.findall(r'font-family="([^"]+)"', text))
    assert families
    assert all(family.endswith("sans-serif") for family in families)


def test_the_page_names_no_address_but_the_svg_namespaces(text: str):
    addresses = set(re.findall(r"https?://[^\"'\s<>]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_the_page_is_html_from_its_first_letter(text: str):
    assert text.lstrip().startswith("<!doctype html>")


def test_a_refused_question_is_shown_with_its_reason_and_no_table(facts: Facts):
    refused = Answer(Both("问", "Asked"), "SELECT 1", pl.DataFrame(), Both("已拒绝", "Refused: too few."))
    text = page(replace(facts, answers=(refused,)))
    assert "Refused: too few." in text
    assert "0 of 1 example questions were answered" in text


def test_rows_dated_in_the_future_do_not_push_the_true_months_out(facts: Facts):
    wrong = pl.DataFrame([("C1", date(2066, 1, 1), 5)], schema=COVERAGE, orient="row")
    text = page(replace(facts, coverage=pl.concat([facts.coverage, wrong])))
    assert "Rows date from 2023-01 to 2025-06. 5 rows are dated in the future." in text


def test_the_page_has_no_script(text: str):
    assert "<script" not in text
    assert not re.search(r"\son[a-z]+=", text)


def test_no_two_elements_share_an_id(text: str):
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_equal_facts_give_equal_pages(facts: Facts, text: str):
    assert page(facts) == text


def test_the_head_holds_the_sums_of_the_sites(facts: Facts, text: str):
    head = text.split("<header>")[1].split("</header>", 1)[0]
    for column in ("read", "accepted", "rejected", "duplicate"):
        assert f"<b>{int(facts.flow[column].sum()):,}</b>" in head


def test_the_flow_table_equals_the_facts_and_adds_up(facts: Facts, text: str):
    rows = [[int(cell.replace(",", "")) for cell in row[2:]] for row in cells(text, "flow")]
    *sites, total = rows
    wanted = facts.flow.select("read", "accepted", "rejected", "duplicate", "pooled", "withheld")
    assert sites == [list(row) for row in wanted.rows()]
    assert total == [sum(column) for column in zip(*sites, strict=True)]
    assert all(read == accepted + rejected + duplicate for read, accepted, rejected, duplicate, *_ in rows)


def test_the_heat_table_has_a_row_for_each_site_and_dimension(facts: Facts, text: str):
    rows = cells(text, "heat")
    assert len(rows) == 7 * 7
    assert [row[5] for row in rows].count("无证据") == 8
    assert {(row[3], row[4]) for row in rows if row[0] == "市中医医院" and row[2] == "一致性"} == {("83,700", "597")}


def test_bands_keep_their_width_from_the_sites_to_the_pool(facts: Facts):
    drawing = flow.draw(facts, "zh")
    assert drawing is not None
    leaving = sum(ribbon.thickness for ribbon in drawing.ribbons if ribbon.x2 == flow.MIDDLE)
    assert leaving == pytest.approx(flow.TALL, rel=0.03)  # hairs are drawn thicker than they are, to be seen


def test_a_sum_that_does_not_hold_is_said_aloud(facts: Facts):
    broken = Facts(flow=facts.flow.with_columns(accepted=pl.col("accepted") - 1))
    assert "对不上" in flow.identity(broken).zh
    assert "does NOT add up" in page(broken)
    assert 'class="identity broken"' in page(broken)


def test_an_empty_home_shows_no_evidence_everywhere():
    text = page(Facts())
    shown = [picture for picture in PICTURES if picture.name != "truth"]
    assert text.count('<p class="none">') == len(shown)
    assert not svgs(text)
    assert "100.0%" not in text.split("<main>")[1].split("</main>")[0]


def test_a_site_that_sent_nothing_is_no_evidence_and_never_a_full_score(facts: Facts):
    drawing = heat.draw(facts, "en")
    assert drawing is not None
    tips = [box.tip for box in drawing.boxes if box.tip.startswith("Nanshan")]
    assert len(tips) == 7
    assert all(tip.endswith("no evidence") for tip in tips)


def test_names_are_escaped(facts: Facts):
    nasty = facts.flow.with_columns(name_zh=pl.lit("<script>1</script>&\"'"), name=pl.lit("<b>x</b>"))
    text = page(Facts(flow=nasty, heat=facts.heat))
    assert "<script" not in text
    assert "<b>x" not in text
    assert "&lt;script&gt;" in text


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path: Path):
    target = tmp_path / "report.html"
    (target / "folder").mkdir(parents=True)
    with pytest.raises(Unavailable, match=r"report\.html cannot be written"):
        render(Facts(), target)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_wrong_facts_are_refused_when_they_are_made(facts: Facts):
    with pytest.raises(TypeError, match="flow"):
        Facts(flow=facts.flow.drop("tier"))


def test_the_wheel_carries_the_templates():
    carried = {included.distribution_path for included in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {"federation/report/templates/report.html", "federation/report/templates/report.css"} <= carried


@given(st.integers(1, 10**12), st.data())
def test_only_all_is_100_percent_and_only_none_is_0(whole: int, data: st.DataObject):
    part = data.draw(st.integers(0, whole))
    assert (rate(part, whole) == "100.0%") == (part == whole)
    assert (rate(part, whole) == "0.0%") == (part == 0)


@given(st.integers(2, 10**6), st.data())
def test_more_failures_are_never_drawn_lighter(asked: int, data: st.DataObject):
    failed = data.draw(st.integers(0, asked - 1))
    fills = [fill for _, fill, _ in heat.STEPS]
    assert fills.index(heat.shade(failed, asked)) <= fills.index(heat.shade(failed + 1, asked))


def test_words_are_said_once_where_both_languages_agree():
    assert both(Both("Kahn", "Kahn")) == "Kahn"
    assert count(1234567) == "1,234,567"

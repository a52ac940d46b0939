"""How scorecards are shown: each dimension with its counts, score, interval and level, and the total beneath them."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from federation.quality.score import Score
    from federation.quality.scorecard import Scorecard
    from federation.quality.standard import Standard

KEPT_WHOLE = ("dimension", "rate", "score", "95 %", "verdict", "level")  # columns that are unreadable when broken
FOOT = (
    "* passed/failed/no evidence  通过/不通过/无证据.  The score is the mean over checks, the rate counts answers."
    "  得分为各规则合格率的加权平均。\n"
    "--failed lists those that failed and what to do; --check ID --explain the rows.  "
    "--failed 列出不合格规则与处理办法；--check 规则 --explain 列出记录。"
)


def show_cards(cards: "Sequence[Scorecard]", scheme: str, by: "Standard", as_json: bool) -> None:
    """Cards in the order of `scorecard`, with a total after those of each site (and month)."""
    from federation.cli.output import answer, show_json

    if as_json:
        return show_json(_document(cards, scheme, by))
    table = table_of(
        "site\n机构", "dimension\n维度", "right\n合格", "asked\n应查", "rate\n合格率", "score\n得分", "95 %\n区间",
        "level\n等级", "checks*\n规则",
    )  # fmt: skip
    for row in _rows(cards, scheme, by):
        table.add_row(*row)
    answer.print(table)
    return answer.print(FOOT, soft_wrap=True)


def _document(cards: "Sequence[Scorecard]", scheme: str, by: "Standard") -> dict[str, Any]:
    from federation.quality.score import score, total

    return {
        "scheme": scheme,
        "standard": by.version,
        "scores": [_card(each) | scored(score(each, by), by) for each in cards],
        "totals": [
            {"site": site, "month": month} | scored(total(own, scheme, by), by)
            for (site, month), own in groupby(cards, key=lambda each: (each.org_code, month_of(each)))
        ],
    }


def _rows(cards: "Sequence[Scorecard]", scheme: str, by: "Standard") -> Iterable[list[str]]:
    from federation.quality.finding import Verdict, percent
    from federation.quality.kind import zh
    from federation.quality.score import score, total

    for site, group in groupby(cards, key=lambda each: each.org_code):
        own = list(group)
        for each in own:
            counts = [f"{each.numerator:,}", f"{each.denominator:,}", percent(each.numerator, each.denominator)]
            checks = "/".join(str(each.having(verdict)) for verdict in Verdict)
            yield [site, f"{each.dimension} {zh(each.dimension)}", *counts, *score_text(score(each, by), by), checks]
        yield [site, "total 合计", "", "", "", *score_text(total(own, scheme, by), by), ""]


def score_text(score: "Score | None", by: "Standard") -> tuple[str, str, str]:
    """Score, interval and level as three cells, in points of a hundred."""
    from federation.quality.score import level_text

    if score is None:
        return "no evidence", "", ""
    return points(score.value), f"{points(score.interval.low)}-{points(score.interval.high)}", level_text(score, by)[1]


def points(share: float) -> str:
    """A share in points of a hundred, cut as everywhere: what is not all of it never reads 100.00."""
    from federation.quality.score import points as cut

    return f"{cut(share):.2f}"


def scored(score: "Score | None", by: "Standard") -> dict[str, Any]:
    """A score for other programs; everything None where there is no evidence."""
    if score is None:
        return {"score": None, "score_low": None, "score_high": None, "level": None, "evidence": 0}
    return {
        "score": score.value,
        "score_low": score.interval.low,
        "score_high": score.interval.high,
        "level": by.level(score.value).id,
        "evidence": score.evidence,
    }


def month_of(card: "Scorecard") -> str | None:
    """The card's month as text, YYYY-MM."""
    return card.month.strftime("%Y-%m") if card.month else None


def _card(card: "Scorecard") -> dict[str, Any]:
    from federation.quality.finding import Verdict
    from federation.quality.kind import zh

    return {
        "site": card.org_code,
        "month": month_of(card),
        "dimension": card.dimension,
        "zh": zh(card.dimension),
        "numerator": card.numerator,
        "denominator": card.denominator,
        "rate": card.rate,
        "low": card.interval.low if card.interval else None,
        "high": card.interval.high if card.interval else None,
        "checks": {verdict.name.lower(): card.having(verdict) for verdict in Verdict},
    }


def table_of(*headings: str) -> "Table":
    """A table without lines; headings in two languages, one above the other."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading.startswith(KEPT_WHOLE))
    return table

"""Which months are there? Rows by site and month, dark where a site was busy, dashed where a month is missing."""

from datetime import date

import polars as pl

from federation.report.both import NO_EVIDENCE, Both, Lang, count
from federation.report.drawing import EMPTY, LINE, SOFT, Box, Drawing, Words
from federation.report.facts import Facts
from federation.report.pictures.picture import Picture, Twin
from federation.report.pictures.rows import LEFT, Site, names, placed, side, sites
from federation.report.pictures.rows import height as rows_height

WIDTH, TOP, ROW, LEGEND = 1000, 46, 28, 34
RIGHTS = (WIDTH - 118, WIDTH - 62, WIDTH - 2)
LATEST = 36  # months drawn; what is older is summed in one column, and stands month by month in the table
# Share of the site's own busiest month, so that a small clinic's gap is as visible as a large hospital's.
STEPS: tuple[tuple[float, str, str], ...] = (
    (0.10, "#dbe9f6", "≤10%"),
    (0.25, "#b9d6ea", "≤25%"),
    (0.50, "#7ab6d9", "≤50%"),
    (0.75, "#3d8dc4", "≤75%"),
    (1.00, "#0b4d94", "≤100%"),
)


def months(first: date, last: date) -> list[date]:
    """Every first of a month from `first` to `last`, so that a month nobody sent has a column too."""
    ordinals = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(ordinal // 12, ordinal % 12 + 1, 1) for ordinal in ordinals]


def _dated(facts: Facts) -> pl.DataFrame:
    """Rows of months up to the report's own."""
    return facts.coverage.filter((pl.col("month") <= _until(facts)) & (pl.col("rows") > 0))


def _later(facts: Facts) -> int:
    return int(facts.coverage.filter(pl.col("month") > _until(facts))["rows"].sum())


def _until(facts: Facts) -> date:
    """The month of the report; what is dated later is a wrong date, and would push the true months out of sight."""
    return (facts.made.date() if facts.made else date.max).replace(day=1)


def _span(dated: pl.DataFrame) -> tuple[date, date]:
    """First and last month of rows that all carry one."""
    known: list[date] = sorted(dated["month"].unique())
    return known[0], known[-1]


def _shown(facts: Facts) -> list[date]:
    dated = _dated(facts)
    return [] if dated.is_empty() else months(*_span(dated))[-LATEST:]


def _counts(facts: Facts) -> dict[tuple[str, date | None], int]:
    summed = facts.coverage.group_by("site", "month").agg(pl.col("rows").sum())
    return {(site, month): rows for site, month, rows in summed.iter_rows()}


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """Sites down, months across; None where no row carries a date."""
    shown = _shown(facts)
    if not shown or not sites(facts):
        return None
    counts, width = _counts(facts), (WIDTH - LEFT - 190) / len(shown)
    boxes, words = [], side(facts, lang, TOP, ROW) + _heads(shown, width, lang)
    for at, y in placed(facts, TOP, ROW):
        if isinstance(at, Site):
            own = [counts.get((at.site, month), 0) for month in shown]
            for place, (month, rows) in enumerate(zip(shown, own, strict=True)):
                boxes.append(_cell(at.name.of(lang), month, rows, max(own), LEFT + place * width, y, width, lang))
            words += _outside(counts, at.site, shown, y)
    bottom = TOP + rows_height(facts, ROW)
    legend_boxes, legend_words = _legend(bottom, lang)
    about = Both("各机构逐月行数", "Rows by site and month").of(lang)
    return Drawing(WIDTH, bottom + LEGEND, boxes + legend_boxes, (), words + legend_words, about)


def _outside(counts: dict[tuple[str, date | None], int], site: str, shown: list[date], y: float) -> list[Words]:
    """Rows before and after the months drawn, and without a month, in three columns on the right."""
    own = {month: rows for (of, month), rows in counts.items() if of == site}
    sums = (
        sum(rows for month, rows in own.items() if month and month < shown[0]),
        sum(rows for month, rows in own.items() if month and month > shown[-1]),
        own.get(None, 0),
    )
    return [
        Words(right, y + ROW / 2, count(rows) if rows else "–", "right", 12, SOFT)
        for right, rows in zip(RIGHTS, sums, strict=True)
    ]


def _cell(name: str, month: date, rows: int, busiest: int, left: float, y: float, width: float, lang: Lang) -> Box:
    tip = f"{name} {month:%Y-%m}: "
    if not rows:
        return Box(left + 1, y + 2, width - 2, ROW - 4, EMPTY, tip + NO_EVIDENCE.of(lang), LINE, dashed=True)
    fill = next(fill for limit, fill, _ in STEPS if rows <= limit * busiest)
    return Box(left + 0.5, y + 1, width - 1, ROW - 2, fill, tip + count(rows))


def _heads(shown: list[date], width: float, lang: Lang) -> list[Words]:
    """The year at its first column; the month's number over a column, every third where columns are narrow."""
    words, step = [], 1 if width >= 18 else 3
    for place, month in enumerate(shown):
        left = LEFT + place * width
        if place == 0 or month.month == 1:
            words.append(Words(left + 1, 14, str(month.year), size=12, bold=True, fill=SOFT))
        if (month.month - 1) % step == 0:
            words.append(Words(left + width / 2, 34, str(month.month), "center", 11, SOFT))
    heads = (Both("更早", "earlier"), Both("未来", "future"), Both("无日期", "no date"))
    words += [Words(x, 34, head.of(lang), "right", 11, SOFT) for x, head in zip(RIGHTS, heads, strict=True)]
    return words


def _legend(top: float, lang: Lang) -> tuple[list[Box], list[Words]]:
    says = Both("与本机构最多的月份相比", "Compared with the site's busiest month").of(lang)
    boxes, words = [], [Words(LEFT, top + 20, says, size=12, fill=SOFT)]
    for place, (_, fill, label) in enumerate(STEPS):
        boxes.append(Box(LEFT + 240 + place * 84, top + 13, 22, 14, fill))
        words.append(Words(LEFT + 268 + place * 84, top + 20, label, size=12, fill=SOFT))
    left = LEFT + 240 + len(STEPS) * 84
    boxes.append(Box(left, top + 13, 22, 14, EMPTY, "", LINE, dashed=True))
    words.append(Words(left + 28, top + 20, NO_EVIDENCE.of(lang), size=12, fill=SOFT))
    return boxes, words


def _gaps(facts: Facts) -> list[tuple[str, int]]:
    """Sites and how many months they miss between their own first and last month, most first."""
    missing = []
    for key, part in _dated(facts).group_by("site"):
        missing.append((str(key[0]), len(months(*_span(part))) - part["month"].n_unique()))
    return sorted((gap for gap in missing if gap[1]), key=lambda gap: (-gap[1], gap[0]))


def reading(facts: Facts) -> Both:
    """From when to when, and which sites miss months in between."""
    dated = _dated(facts)
    if dated.is_empty():
        return Both("没有带日期的行。", "No row carries a date.")
    (first, last), gaps = _span(dated), _gaps(facts)
    says = Both(f"数据覆盖 {first:%Y-%m} 至 {last:%Y-%m}。", f"Rows date from {first:%Y-%m} to {last:%Y-%m}.")
    if later := _later(facts):
        says += Both(f"{count(later)} 行的日期在未来。", f"{count(later)} rows are dated in the future.")
    if not gaps:
        return says + Both("各机构在首末月份之间无缺月。", "No site misses a month between its first and last.")
    worst = names(facts).get(gaps[0][0], Both(gaps[0][0], gaps[0][0]))
    return says + Both(
        f"{len(gaps)} 个机构中间有缺月，最多的是{worst.zh}（{gaps[0][1]} 个月）。",
        f"{len(gaps)} sites miss months in between, most of all {worst.en} ({gaps[0][1]} months).",
    )


def twin(facts: Facts) -> Twin:
    """A row for each site and year (or without date): the sum and the months that have rows."""
    heads = (
        Both("机构", "Site"),
        Both("年份", "Year"),
        Both("行数", "Rows"),
        Both("有数据的月份", "Months present"),
    )
    known = names(facts)
    yearly = (
        facts.coverage.filter(pl.col("rows") > 0)
        .with_columns(year=pl.col("month").dt.year())
        .group_by("site", "year")
        .agg(pl.col("rows").sum(), pl.col("month").n_unique().alias("months"))
        .sort("site", "year", descending=[False, True], nulls_last=True)
    )
    place = {site.site: number for number, site in enumerate(sites(facts))}
    years = sorted(yearly.iter_rows(), key=lambda row: place.get(row[0], len(place)))
    return Twin(
        heads,
        [
            (
                known.get(site, Both(site, site)),
                Both("无日期", "no date") if year is None else str(year),
                number,
                None if year is None else months,
            )
            for site, year, number, months in years
        ],
        right=2,
    )


PICTURE = Picture(
    name="coverage",
    title=Both("逐月覆盖", "Coverage by month"),
    question=Both("哪些月份有数据，哪些缺？", "Which months are there, and which are missing?"),
    draw=draw,
    reading=reading,
    twin=twin,
)

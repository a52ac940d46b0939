"""How did the scores move? A small chart for each site over twelve months, with the middle of its tier behind it.

Months of few rows, or without evidence, are gaps and not zeros.
"""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from statistics import median

from federation.quality.score import points
from federation.report.both import LANGS, NO_EVIDENCE, Both, Lang, cut
from federation.report.bulletin import SHOWN_MONTHS, Bulletin, last_months, month_text
from federation.report.drawing import EMPTY, LINE, SOFT, Box, Drawing, Words
from federation.report.paper import Part, Titled
from federation.report.pictures.dots import FEWEST, HUE, TICK, floor_of
from federation.report.pictures.grid import HEADING, WIDTH
from federation.report.pictures.picture import Cell, Twin
from federation.report.pictures.rows import Site, tier_name
from federation.report.strokes import Dot, Line

ACROSS, TALL, GAP, HEAD, ON_A_PAGE = 4, 74, 16, 18, 9  # panels in a row, their height; rows of panels on a page

Series = dict[date, float]


def part(bulletin: Bulletin) -> Part:
    """The chapter."""
    series = series_of(bulletin)
    middles = middles_of(bulletin.sites, series)
    months = last_months(bulletin.month, SHOWN_MONTHS)
    drawn = {lang: _draw(bulletin.sites, series, middles, months, lang) for lang in LANGS}
    first, last = month_text(months[0]), month_text(months[-1])
    return Part(
        "moving",
        Both("五、趋势", "5. Month by month"),
        Both(
            f"{first.zh}至{last.zh}的合计得分；蓝线为本机构，橙色虚线为同级中位。",
            f"Totals from {first.en} to {last.en}; blue is the site, dashed orange the middle of its tier.",
        ),
        _reading(bulletin, middles, months),
        drawn if series else dict.fromkeys(LANGS, ()),
        [Titled(_twin(bulletin, series, months), Both("逐月得分", "Month by month"), is_open=False)],
    )


def series_of(bulletin: Bulletin) -> dict[str, Series]:
    """Site -> month -> total."""
    found: dict[str, Series] = {}
    for site, month, score in bulletin.months.iter_rows():
        found.setdefault(site, {})[month] = score
    return found


def middles_of(sites: Sequence[Site], series: dict[str, Series]) -> dict[str, Series]:
    """Tier -> month -> middle of its sites, where enough of them have a score."""
    found: dict[str, dict[date, list[float]]] = {}
    for site in sites:
        for month, score in series.get(site.site, {}).items():
            found.setdefault(site.tier, {}).setdefault(month, []).append(score)
    return {
        tier: {month: median(known) for month, known in months.items() if len(known) >= FEWEST}
        for tier, months in found.items()
    }


def _draw(
    sites: Sequence[Site], series: dict[str, Series], middles: dict[str, Series], months: Sequence[date], lang: Lang
) -> list[Drawing]:
    floor = floor_of([score for one in series.values() for score in one.values()])
    bands: list[Sequence[Site]] = [
        group[start : start + ACROSS]
        for _, alike in groupby(sites, key=lambda site: site.tier)
        for group in [list(alike)]
        for start in range(0, len(group), ACROSS)
    ]
    return [
        _page(bands[start : start + ON_A_PAGE], series, middles, months, floor, lang)
        for start in range(0, len(bands), ON_A_PAGE)
    ]


def _page(
    bands: Sequence[Sequence[Site]], series: dict[str, Series], middles: dict[str, Series], months: Sequence[date],
    floor: float, lang: Lang,
) -> Drawing:  # fmt: skip
    words: list[Words] = []
    charts: list[Chart] = []
    wide, y, tier = (WIDTH - GAP * (ACROSS - 1)) / ACROSS, 0.0, None
    for band in bands:
        if band[0].tier != tier:
            tier = band[0].tier
            words.append(Words(0, y + HEADING / 2, tier_name(tier).of(lang), fill=SOFT, size=12, bold=True))
            y += HEADING
        for place, site in enumerate(band):
            chart = Chart(place * (wide + GAP), y, wide, TALL, floor, months)
            chart.draw(site.name.of(lang), series.get(site.site, {}), middles.get(site.tier, {}), lang)
            charts.append(chart)
        y += TALL + HEAD + GAP
    about = Both("各机构逐月得分", "Scores of each site month by month").of(lang)
    return drawing(charts, y, about, words)


class Chart:
    """One small chart with its frame; `draw` fills boxes, words, lines and dots."""

    def __init__(self, x: float, y: float, wide: float, tall: float, floor: float, months: Sequence[date]) -> None:
        self.x, self.y, self.wide, self.tall, self.floor, self.months = x, y + HEAD, wide, tall, floor, months
        self.boxes: list[Box] = []
        self.words: list[Words] = []
        self.lines: list[Line] = []
        self.dots: list[Dot] = []

    def at(self, month: date, score: float) -> tuple[float, float]:
        """Where a score stands."""
        step = (self.wide - 40) / max(len(self.months) - 1, 1)
        share = (max(score, self.floor) - self.floor) / (1 - self.floor)
        return self.x + 28 + self.months.index(month) * step, self.y + (1 - share) * (self.tall - 22) + 4

    def draw(self, name: str, own: Series, middle: Series, lang: Lang, last: bool = True) -> None:
        """The site's line on its tier's, its last score in words."""
        self._frame(name)
        for dashed, colour, series in ((True, TICK, middle), (False, HUE, own)):
            self.lines += [
                Line([self.at(month, series[month]) for month in run], colour, 1 if dashed else 2, dashed)
                for run in runs(self.months, series)
                if len(run) > 1
            ]
        self.dots += [
            Dot(*self.at(month, own[month]), 2.5, HUE, f"{month:%Y-%m}: {points(own[month]):.2f}")
            for month in self.months
            if month in own
        ]
        if not own:
            middle_y = self.y + self.tall / 2 - 8
            self.words.append(Words(self.x + self.wide / 2, middle_y, NO_EVIDENCE.of(lang), "center", 11, SOFT))
        elif last and self.months[-1] in own:
            said = f"{points(own[self.months[-1]]):.2f}"
            self.words.append(Words(self.x + self.wide, self.y - HEAD / 2, said, "right", 12, HUE, bold=True))

    def _frame(self, name: str) -> None:
        foot = self.y + self.tall - 18
        self.words.append(Words(self.x, self.y - HEAD / 2, cut(name, self.wide - 46, 12), size=12))
        for score, colour in ((1.0, LINE), (self.floor, LINE), ((1 + self.floor) / 2, EMPTY)):
            _, y = self.at(self.months[0], score)
            self.boxes.append(Box(self.x + 24, y - 0.3, self.wide - 24, 0.6, colour))
            if colour == LINE:
                self.words.append(Words(self.x + 21, y, f"{100 * score:g}", "right", 10, SOFT))
        for month in (self.months[0], self.months[-1]):
            x, _ = self.at(month, 1.0)
            self.words.append(Words(x, foot + 11, f"{month:%y-%m}", "center", 10, SOFT))


def drawing(charts: Sequence[Chart], tall: float, about: str, words: Sequence[Words] = ()) -> Drawing:
    """Charts and other words on one sheet; dashed lines lie beneath the others."""
    lines = sorted((line for one in charts for line in one.lines), key=lambda line: not line.dashed)
    boxes = [box for one in charts for box in one.boxes]
    every = [*words, *(word for one in charts for word in one.words)]
    return Drawing(WIDTH, tall, boxes, (), every, about, lines, [dot for one in charts for dot in one.dots])


def runs(months: Sequence[date], series: Series) -> list[list[date]]:
    """Months that follow each other without a gap."""
    found: list[list[date]] = []
    for is_there, run in groupby(months, key=lambda month: month in series):
        if is_there:
            found.append(list(run))
    return found


def _reading(bulletin: Bulletin, middles: dict[str, Series], months: Sequence[date]) -> Both:
    says = Both("", "")
    for tier in bulletin.tiers:
        known = [(month, middles.get(tier, {}).get(month)) for month in months]
        there = [(month, score) for month, score in known if score is not None]
        if len(there) > 1:
            (first, old), (last, new) = there[0], there[-1]
            name = tier_name(tier)
            says += Both(
                f"{name.zh}中位由 {first:%Y-%m} 的 {points(old):.2f} 变为 {last:%Y-%m} 的 {points(new):.2f}。",
                f"{name.en}: middle {points(old):.2f} in {first:%Y-%m}, {points(new):.2f} in {last:%Y-%m}.",
            )
    fewer = Both("各级机构不足三家或月份不足，暂无同级中位。", "Too few sites or months for the middle of a tier.")
    return says if says.zh else fewer


def _twin(bulletin: Bulletin, series: dict[str, Series], months: Sequence[date]) -> Twin:
    heads = [Both("机构", "Site"), *(Both(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in months)]
    rows: list[tuple[Cell, ...]] = [
        (site.name, *(points(score) if (score := series.get(site.site, {}).get(month)) is not None else None
                      for month in months))
        for site in bulletin.sites
    ]  # fmt: skip
    return Twin(heads, rows, right=len(months))

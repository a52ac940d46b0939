"""How does each site compare, dimension by dimension? A dot on its interval, a tick for the middle of its tier.

Read better than a radar for every site: one scale for all, and a site is compared down the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from federation.quality.kind import SCHEMES, zh
from federation.quality.score import points
from federation.report.both import LANGS, NO_EVIDENCE, Both, Lang, cut
from federation.report.bulletin import Bulletin
from federation.report.drawing import EMPTY, LINE, SOFT, Box, Drawing, Words
from federation.report.paper import Part, Titled
from federation.report.pictures.grid import LEFT, ROW, WIDTH, deep, down, pages, side
from federation.report.pictures.picture import Cell, Twin
from federation.report.pictures.rows import Site
from federation.report.small import FEW
from federation.report.strokes import Dot

TOP, GAP = 46, 22
HUE, BAND, TICK = "#0072b2", "#b9d6ea", "#d55e00"
FLOORS = (0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0.0)  # where the scale may begin; the first one below every score
FEWEST = 3  # sites of a tier that make a middle


@dataclass(frozen=True)
class Panel:
    """One dimension: its name and the score, low and high of each site that has them."""

    name: Both
    scores: dict[str, tuple[float, float, float]]


def part(bulletin: Bulletin) -> Part:
    """The chapter."""
    panels = _panels(bulletin)
    drawn = {lang: _draw(bulletin.sites, panels, lang) for lang in LANGS}
    return Part(
        "dots",
        Both("四、各机构画像", "4. Each site by dimension"),
        Both(
            "圆点为得分，浅色带为95%区间（超出刻度处截断），橙色短线为同级中位。",
            "A dot is the score, the band its 95 % interval (cut at the scale's end), the tick the middle of its tier.",
        ),
        _reading(bulletin, panels),
        drawn if any(panel.scores for panel in panels) else dict.fromkeys(LANGS, ()),
        [Titled(_twin(bulletin, panels), Both("各维度得分", "Scores by dimension"), is_open=False)],
    )


def _panels(bulletin: Bulletin) -> list[Panel]:
    shown = bulletin.scores.drop_nulls("score")
    whole = {
        one.org_code: (one.raw.value, one.raw.interval.low, one.raw.interval.high)
        for one in bulletin.league
        if one.raw is not None and one.org_code not in bulletin.few
    }
    found = [Panel(Both("合计", "total"), whole)]
    for dimension in SCHEMES[bulletin.scheme]:
        rows = shown.filter(shown["dimension"] == str(dimension)).select("site", "score", "low", "high").rows()
        if rows:
            found.append(Panel(Both(zh(dimension), str(dimension)), {row[0]: (row[1], row[2], row[3]) for row in rows}))
    return found


def floor_of(scores: Sequence[float]) -> float:
    """Where the scale begins: at a round number below all scores."""
    lowest = min(scores, default=1.0)
    return next(each for each in FLOORS if each < lowest or each == 0)


def _draw(sites: Sequence[Site], panels: Sequence[Panel], lang: Lang) -> list[Drawing]:
    floor = floor_of([score for panel in panels for score, _, _ in panel.scores.values()])
    middles = [_middles(sites, panel) for panel in panels]
    return [_page(page, panels, middles, floor, lang) for page in pages(sites)]


def _middles(sites: Sequence[Site], panel: Panel) -> dict[str, float]:
    tiers: dict[str, list[float]] = {}
    for site in sites:
        if site.site in panel.scores:
            tiers.setdefault(site.tier, []).append(panel.scores[site.site][0])
    return {tier: median(known) for tier, known in tiers.items() if len(known) >= FEWEST}


def _page(
    sites: Sequence[Site], panels: Sequence[Panel], middles: Sequence[dict[str, float]], floor: float, lang: Lang
) -> Drawing:
    wide = (WIDTH - LEFT) / len(panels)
    scale = (wide - GAP) / (1 - floor)
    boxes: list[Box] = []
    dots: list[Dot] = []
    words: list[Words] = []
    bottom = TOP + deep(sites)
    for place, panel in enumerate(panels):
        left = LEFT + place * wide + GAP / 2
        words.append(Words(left + (wide - GAP) / 2, 12, cut(panel.name.of(lang), wide, 12), "center", 12, bold=True))
        for end in (floor, (1 + floor) / 2, 1.0):
            x = left + (end - floor) * scale
            boxes.append(Box(x - 0.3, TOP - 6, 0.6, bottom - TOP + 6, LINE if end in {floor, 1.0} else EMPTY))
            words.append(Words(x, TOP - 14, f"{100 * end:g}", "center", 10, SOFT))
    for at, y in down(sites):
        words.append(side(at, TOP + y, lang))
        if isinstance(at, str):
            continue
        for place, panel in enumerate(panels):
            left = LEFT + place * wide + GAP / 2
            known = panel.scores.get(at.site)
            if known is None:
                says = cut(NO_EVIDENCE.of(lang), wide - 6, 10)
                words.append(Words(left + (wide - GAP) / 2, TOP + y + ROW / 2, says, "center", 10, SOFT))
                continue
            _mark(boxes, dots, at, panel, known, middles[place].get(at.tier), left, TOP + y, floor, scale, lang)
    about = Both("各机构各维度得分", "Scores of each site by dimension").of(lang)
    return Drawing(WIDTH, bottom + 6, boxes, (), words, about, dots=dots)


def _mark(  # noqa: PLR0917 -- one mark's whole place
    boxes: list[Box], dots: list[Dot], site: Site, panel: Panel, known: tuple[float, float, float],
    middle: float | None, left: float, y: float, floor: float, scale: float, lang: Lang,
) -> None:  # fmt: skip
    score, low, high = (max(each, floor) for each in known)
    tip = (
        f"{site.name.of(lang)} · {panel.name.of(lang)}: {points(known[0]):.2f} "
        f"({points(known[1]):.2f}-{points(known[2]):.2f})"
    )
    boxes.append(Box(left + (low - floor) * scale, y + ROW / 2 - 3, max((high - low) * scale, 1), 6, BAND, tip))
    if middle is not None:
        boxes.append(Box(left + (max(middle, floor) - floor) * scale - 1, y + 5, 2, ROW - 10, TICK))
    dots.append(Dot(left + (score - floor) * scale, y + ROW / 2, 4, HUE, tip))


def _reading(bulletin: Bulletin, panels: Sequence[Panel]) -> Both:
    lowest = [(min(panel.scores.items(), key=lambda each: each[1][0]), panel.name) for panel in panels if panel.scores]
    weakest = [((site, scores), name) for (site, scores), name in lowest if scores[0] < 1]
    if lowest and not weakest:
        return Both("已检查的内容全部合格。", "All that was asked is right.")
    if not weakest:
        return Both("本月无可评分的数据。", "Nothing of the month can be scored.")
    says = [_lowest(name, bulletin.names[site], points(score)) for (site, (score, _, _)), name in weakest]
    return Both("；".join(each.zh for each in says) + "。", "Lowest: " + "; ".join(each.en for each in says) + ".")


def _lowest(dimension: Both, site: Both, score: float) -> Both:
    return Both(f"{dimension.zh}最低 {site.zh} {score:.2f}", f"{dimension.en} {score:.2f} at {site.en}")


def _twin(bulletin: Bulletin, panels: Sequence[Panel]) -> Twin:
    heads = [Both("机构", "Site"), *(head for panel in panels for head in _heads(panel.name))]
    rows: list[tuple[Cell, ...]] = []
    for site in bulletin.sites:
        cells: list[Cell] = []
        for panel in panels:
            known = panel.scores.get(site.site)
            nothing = FEW if site.site in bulletin.few else NO_EVIDENCE
            cells += [nothing, None, None] if known is None else [points(each) for each in known]
        rows.append((site.name, *cells))
    return Twin(heads, rows, right=3 * len(panels))


def _heads(name: Both) -> tuple[Both, Both, Both]:
    return name, name + Both("下限", "low"), name + Both("上限", "high")

"""Where is it bad? One cell for each site and dimension, dark where much failed, empty where nothing was asked."""

from itertools import accumulate, pairwise

import polars as pl

from federation.quality.finding import percent
from federation.report.both import NO_EVIDENCE, Both, Lang, count, cut, rate
from federation.report.drawing import EMPTY, INK, LINE, SOFT, Box, Drawing, Words
from federation.report.facts import SCHEMES, Facts
from federation.report.pictures.picture import Cell, Picture, Twin
from federation.report.pictures.rows import LEFT, ROW, Site, names, placed, side, sites
from federation.report.pictures.rows import height as rows_height

WIDTH, TOP, GAP, LEGEND = 1000, 52, 14, 34
# One hue from light to dark: readable in black and white and without seeing red or green.
# Fixed steps, so that the same shade means the same in every month and city.
STEPS: tuple[tuple[float, str, str], ...] = (
    (0.0, "#f7fbff", "0"),
    (0.001, "#deebf7", "≤0.1%"),
    (0.01, "#b9d6ea", "≤1%"),
    (0.05, "#6baed6", "≤5%"),
    (0.20, "#2878b5", "≤20%"),
    (1.0, "#08306b", ">20%"),
)


def shade(failed: int, asked: int) -> str:
    """The fill of a cell: the darker, the more of what was asked failed."""
    return next(fill for limit, fill, _ in STEPS if failed <= limit * asked)


def _columns(facts: Facts) -> list[tuple[str, str, str]]:
    """(scheme, dimension, its Chinese name), schemes in the order of SCHEMES, dimensions as given."""
    order = {scheme: place for place, scheme in enumerate(SCHEMES)}
    given = facts.heat.select("scheme", "dimension", "dimension_zh").unique(maintain_order=True).rows()
    return sorted(given, key=lambda column: order.get(column[0], len(order)))


def _cells(facts: Facts) -> dict[tuple[str, str, str], dict[str, object]]:
    return {(row["site"], row["scheme"], row["dimension"]): row for row in facts.heat.iter_rows(named=True)}


def _lefts(columns: list[tuple[str, str, str]]) -> tuple[list[float], float]:
    """The left edge of every column and the width of one; a gap stands between two schemes."""
    schemes = [scheme for scheme, _, _ in columns]
    changes = [0, *(int(one != other) for one, other in pairwise(schemes))]
    gaps = list(accumulate(changes))
    width = (WIDTH - LEFT - GAP * gaps[-1]) / len(columns)
    return [LEFT + place * width + GAP * gap for place, gap in enumerate(gaps)], width


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """The heat map; None where no site has been scored."""
    columns, cells = _columns(facts), _cells(facts)
    if not columns or not sites(facts):
        return None
    lefts, width = _lefts(columns)
    boxes: list[Box] = []
    words = side(facts, lang, TOP) + _heads(columns, lefts, width, lang)
    for at, y in placed(facts, TOP):
        if isinstance(at, Site):
            for (scheme, dimension, zh), left in zip(columns, lefts, strict=True):
                box, lines = _cell(cells.get((at.site, scheme, dimension)), left, y, width, lang)
                tip = f"{at.name.of(lang)} · {Both(zh, dimension).of(lang)}: {box.tip}"
                boxes.append(Box(box.x, box.y, box.width, box.height, box.fill, tip, box.edge, box.dashed))
                words += lines
    bottom = TOP + rows_height(facts)
    legend_boxes, legend_words = _legend(bottom, lang)
    about = Both("机构与质量维度热力图", "Heat map of sites and quality dimensions").of(lang)
    return Drawing(WIDTH, bottom + LEGEND, boxes + legend_boxes, (), words + legend_words, about)


def _heads(columns: list[tuple[str, str, str]], lefts: list[float], width: float, lang: Lang) -> list[Words]:
    words = [
        Words(left + width / 2, TOP - 8, cut(Both(zh, dimension).of(lang), width - 4, 13), anchor="center", bold=True)
        for (_, dimension, zh), left in zip(columns, lefts, strict=True)
    ]
    firsts = {scheme: left for (scheme, _, _), left in reversed(list(zip(columns, lefts, strict=True)))}
    schemes = [
        Words(left + 2, 12, SCHEMES.get(scheme, Both(scheme, scheme)).of(lang), fill=SOFT, size=12)
        for scheme, left in firsts.items()
    ]
    return words + schemes


def _cell(row: dict[str, object] | None, left: float, y: float, width: float, lang: Lang) -> tuple[Box, list[Words]]:
    middle = left + width / 2
    asked, failed = (int(str(row["asked"])), int(str(row["failed"]))) if row else (0, 0)
    if not asked:
        box = Box(left + 2, y + 2, width - 4, ROW - 4, EMPTY, NO_EVIDENCE.of(lang), LINE, dashed=True)
        return box, [Words(middle, y + ROW / 2, NO_EVIDENCE.of(lang), "center", 11, SOFT)]
    fill = shade(failed, asked)
    ink = "#ffffff" if fill in (STEPS[-1][1], STEPS[-2][1]) else INK
    passed = Both(f"{count(asked)} 项中 {count(failed)} 项不合格", f"{count(failed)} of {count(asked)} failed")
    box = Box(left + 1, y + 1, width - 2, ROW - 2, fill, f"{percent(asked - failed, asked)} ({passed.of(lang)})")
    return box, [Words(middle, y + ROW / 2, percent(asked - failed, asked), "center", 14, ink)]


def _legend(top: float, lang: Lang) -> tuple[list[Box], list[Words]]:
    says = Both("不合格占比", "Share that failed").of(lang)
    boxes, words = [], [Words(LEFT, top + 20, says, size=12, fill=SOFT)]
    for place, (_, fill, label) in enumerate(STEPS):
        left = LEFT + 120 + place * 84
        boxes.append(Box(left, top + 13, 22, 14, fill, "", LINE))
        words.append(Words(left + 28, top + 20, label, size=12, fill=SOFT))
    left = LEFT + 120 + len(STEPS) * 84
    boxes.append(Box(left, top + 13, 22, 14, EMPTY, "", LINE, dashed=True))
    words.append(Words(left + 28, top + 20, NO_EVIDENCE.of(lang), size=12, fill=SOFT))
    return boxes, words


def reading(facts: Facts) -> Both:
    """Which cell failed most, and how many cells have nothing to say."""
    asked = facts.heat.filter(pl.col("asked") > 0)
    if asked.is_empty():
        return Both("尚无评分，无法判断质量。", "Nothing has been scored, so nothing is known about quality.")
    worst = asked.sort(pl.col("failed") / pl.col("asked"), descending=True).row(0, named=True)
    name = names(facts).get(worst["site"], Both(worst["site"], worst["site"]))
    empty = len(sites(facts)) * len(_columns(facts)) - asked.height
    part, whole = count(worst["failed"]), count(worst["asked"])
    share = rate(worst["failed"], worst["asked"])
    return Both(
        f"最需改进：{name.zh}的{worst['dimension_zh']}，{whole} 项中 {part} 项不合格（{share}）；"
        f"{empty} 个格子无证据，不计满分。",
        f"Weakest: {worst['dimension']} at {name.en}, where {part} of {whole} answers failed ({share}); "
        f"{empty} cells have no evidence, which is not a full score.",
    )


def twin(facts: Facts) -> Twin:
    """Every cell with numerator, denominator and interval."""
    heads = (
        Both("机构", "Site"),
        Both("体系", "Scheme"),
        Both("维度", "Dimension"),
        Both("检查数", "Asked"),
        Both("不合格", "Failed"),
        Both("合格率", "Passed"),
        Both("区间下限", "Low"),
        Both("区间上限", "High"),
    )
    cells, rows = _cells(facts), []
    for site in sites(facts):
        for scheme, dimension, zh in _columns(facts):
            row = cells.get((site.site, scheme, dimension))
            start = (site.name, SCHEMES.get(scheme, Both(scheme, scheme)), Both(zh, dimension))
            rows.append((*start, *_numbers(row)))
    return Twin(heads, rows, right=5)


def _numbers(row: dict[str, object] | None) -> tuple[Cell, ...]:
    if not row or not row["asked"]:
        return 0, 0, NO_EVIDENCE, None, None
    asked, failed = int(str(row["asked"])), int(str(row["failed"]))
    bounds = [f"{100 * float(str(end)):.1f}%" if end is not None else None for end in (row["low"], row["high"])]
    return asked, failed, percent(asked - failed, asked), *bounds


PICTURE = Picture(
    name="heat",
    title=Both("各机构数据质量", "Quality of each site's data"),
    question=Both("哪里差？格内为合格率。", "Where is it bad? A cell holds the share that passed."),
    draw=draw,
    reading=reading,
    twin=twin,
)

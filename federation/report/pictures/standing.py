"""Where does one site stand? A radar of its dimensions, and its dot among nameless dots of its peers.

Of others nothing is drawn but where their scores lie; no tip names or counts them.
"""

from collections.abc import Sequence
from math import cos, pi, sin
from statistics import median

from federation.quality.score import points
from federation.report.both import NO_EVIDENCE, Both, Lang
from federation.report.drawing import EMPTY, LINE, SOFT, Box, Drawing, Words
from federation.report.pictures.dots import BAND, HUE, TICK, floor_of
from federation.report.site_page import Dimension
from federation.report.strokes import Dot, Line

WIDTH, RADAR, MARGIN, ROW, LEFT = 860, 300, 62, 44, 130
PEER = "#b4bac5"


def radar(dimensions: Sequence[Dimension], lang: Lang) -> Drawing | None:
    """The dimensions as axes from one floor to a hundred; None where fewer than three have a score."""
    known = [each for each in dimensions if each.own is not None]
    if len(known) < 3:
        return None
    middles = {each.name: median(each.others) for each in known if each.others}
    floor = floor_of([each.own.value for each in known if each.own] + list(middles.values()))
    middle, radius = (WIDTH / 2, RADAR / 2 + 10), RADAR / 2 - MARGIN + 30

    def at(place: int, value: float) -> tuple[float, float]:
        turn = 2 * pi * place / len(known) - pi / 2
        reach = radius * (max(value, floor) - floor) / (1 - floor)
        return middle[0] + reach * cos(turn), middle[1] + reach * sin(turn)

    rings = [(floor + (1 - floor) * step / 4) for step in range(1, 5)]
    lines = [
        Line([*(at(place, ring) for place in range(len(known))), at(0, ring)], EMPTY if ring < 1 else LINE, 1)
        for ring in rings
    ]
    lines += [Line([middle, at(place, 1.0)], EMPTY, 1) for place in range(len(known))]
    if len(middles) == len(known):
        shape = [at(place, middles[each.name]) for place, each in enumerate(known)]
        lines.append(Line([*shape, shape[0]], TICK, 1.5, dashed=True))
    own = [at(place, each.own.value) for place, each in enumerate(known) if each.own]
    lines.append(Line([*own, own[0]], HUE, 2, fill=BAND))
    dots = [
        Dot(x, y, 4, HUE, f"{each.name.of(lang)}: {points(each.own.value):.2f}")
        for (x, y), each in zip(own, known, strict=True)
        if each.own
    ]
    words = [_label(each, at(place, 1.0), middle, lang) for place, each in enumerate(known)]
    words.append(Words(middle[0] + 4, middle[1] + 10, f"{100 * floor:g}", size=10, fill=SOFT))
    about = Both("各维度得分雷达图", "Radar of the dimensions").of(lang)
    return Drawing(WIDTH, RADAR + 20, (), (), words, about, lines, dots)


def _label(one: Dimension, end: tuple[float, float], middle: tuple[float, float], lang: Lang) -> Words:
    x, y = end[0] - middle[0], end[1] - middle[1]
    score = f"{points(one.own.value):.2f}" if one.own else ""
    anchor = "center" if abs(x) < 1 else "left" if x > 0 else "right"
    gap = 12 if anchor == "center" else 4
    down = (1 if y > 0 else -1) * (gap if anchor == "center" else 0)
    across = 0 if anchor == "center" else (8 if x > 0 else -8)
    return Words(end[0] + across, end[1] + down, f"{one.name.of(lang)} {score}", anchor, 13, bold=True)  # type: ignore[arg-type]


def strip(dimensions: Sequence[Dimension], lang: Lang) -> Drawing | None:
    """A line for each dimension: the site's dot on its interval among grey dots; None where nothing has a score."""
    if all(each.own is None for each in dimensions):
        return None
    floor = floor_of(
        [value for each in dimensions for value in (*each.others, *([each.own.value] if each.own else ()))]
    )
    scale = (WIDTH - LEFT - 90) / (1 - floor)

    def at(value: float) -> float:
        return LEFT + (max(value, floor) - floor) * scale

    boxes: list[Box] = []
    dots: list[Dot] = []
    words: list[Words] = []
    top = 26.0
    for end in (floor, (1 + floor) / 2, 1.0):
        boxes.append(
            Box(at(end) - 0.3, top - 6, 0.6, len(dimensions) * ROW + 6, LINE if end in {floor, 1.0} else EMPTY)
        )
        words.append(Words(at(end), 10, f"{100 * end:g}", "center", 11, SOFT))
    for place, each in enumerate(dimensions):
        y = top + (place + 0.5) * ROW
        words.append(Words(LEFT - 14, y, each.name.of(lang), "right", 13, bold=True))
        if each.own is None:
            words.append(Words(LEFT + 12, y, NO_EVIDENCE.of(lang), size=12, fill=SOFT))
            continue
        low, high = at(each.own.interval.low), at(each.own.interval.high)
        boxes.append(Box(low, y - 4, max(high - low, 1), 8, BAND))
        if each.others:
            boxes.append(Box(at(median(each.others)) - 1.25, y - 14, 2.5, 28, TICK))
        dots += [Dot(at(value), y + 11, 4, PEER, "", "#ffffff") for value in each.others]
        tip = f"{each.name.of(lang)}: {points(each.own.value):.2f}"
        dots.append(Dot(at(each.own.value), y, 6, HUE, tip, "#ffffff"))
        words.append(Words(WIDTH, y, f"{points(each.own.value):.2f}", "right", 13, HUE, bold=True))
    about = Both("与同级比较", "Among its peers").of(lang)
    return Drawing(WIDTH, top + len(dimensions) * ROW + 6, boxes, (), words, about, dots=dots)

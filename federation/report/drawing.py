"""A picture as boxes, ribbons and words in pixels, turned into one Vega-Lite document by Altair.

Places are worked out here and in pictures/, so that labels cannot overlap by chance; Altair and Vega only draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from federation.report.strokes import Dot, Line, dots, lines, pixels

# The generic family comes last: a PC without either font still shows the words.
FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, SimHei, PingFang SC, sans-serif"
INK, SOFT, PAPER, EMPTY, LINE = "#1d2433", "#586174", "#ffffff", "#eceef1", "#9aa3b2"
STEPS = 24  # points along the edge of a ribbon

Anchor = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Box:
    """A filled rectangle. `tip` is shown when the mouse rests on it, and read out by a screen reader."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    tip: str = ""
    edge: str = ""  # colour of a thin edge; empty for none
    dashed: bool = False


@dataclass(frozen=True)
class Words:
    """One line of text, centred on `y`."""

    x: float
    y: float
    text: str
    anchor: Anchor = "left"
    size: int = 13
    fill: str = INK
    bold: bool = False


@dataclass(frozen=True)
class Ribbon:
    """A band of one thickness that flows from (x, y) on its left to (x2, y2) on its right; y is its upper edge."""

    x: float
    y: float
    x2: float
    y2: float
    thickness: float
    fill: str
    tip: str = ""


@dataclass(frozen=True)
class Drawing:
    """Marks in the order in which they are painted. Sizes are in CSS pixels."""

    width: float
    height: float
    boxes: Sequence[Box] = ()
    ribbons: Sequence[Ribbon] = ()
    words: Sequence[Words] = ()
    about: str = ""
    lines: Sequence[Line] = ()
    dots: Sequence[Dot] = ()

    def spec(self) -> dict[str, Any]:
        """The Vega-Lite document; data are inline, nothing is fetched."""
        import altair as alt

        layers = [
            _ribbons(self.ribbons), *_boxes(self.boxes), *lines(self.lines), *dots(self.dots), *_words(self.words),
        ]  # fmt: skip
        chart = alt.layer(*[layer for layer in layers if layer is not None] or [_nothing()])
        chart = chart.properties(width=self.width, height=self.height, padding=0, description=self.about)
        chart = chart.configure(font=FONTS, background=PAPER, view=alt.ViewConfig(stroke="transparent"))
        return chart.to_dict(validate=False)  # type: ignore[no-any-return]


def _nothing() -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=[{}])).mark_point(opacity=0)


def _boxes(boxes: Sequence[Box]) -> list[Any]:
    import altair as alt

    layers = []
    for dashed in (False, True):
        rows = [
            {
                "x": b.x,
                "y": b.y,
                "x2": b.x + b.width,
                "y2": b.y + b.height,
                "fill": b.fill,
                "edge": b.edge or b.fill,
                "tip": b.tip,
            }
            for b in boxes
            if b.dashed is dashed and b.width > 0 and b.height > 0
        ]
        if rows:
            mark = alt.Chart(alt.InlineData(values=rows)).mark_rect(
                strokeDash=[3, 3] if dashed else [1, 0], strokeWidth=1 if dashed else 0.5
            )
            layers.append(
                mark.encode(
                    **pixels(alt, x="x", y="y", x2="x2", y2="y2"),
                    fill=alt.Fill("fill:N", scale=None),
                    stroke=alt.Stroke("edge:N", scale=None),
                    description="tip:N",
                )
            )
    return layers


def _ribbons(ribbons: Sequence[Ribbon]) -> Any:
    import altair as alt

    if not ribbons:
        return None
    rows = [point for number, ribbon in enumerate(ribbons) for point in _points(number, ribbon)]
    mark = alt.Chart(alt.InlineData(values=rows)).mark_area(opacity=0.55, interpolate="monotone", line=False)
    return mark.encode(
        **pixels(alt, x="x", y="y", y2="y2"),
        detail="ribbon:N",
        fill=alt.Fill("fill:N", scale=None),
        description="tip:N",
    )


def _points(number: int, ribbon: Ribbon) -> list[dict[str, Any]]:
    def at(step: int) -> dict[str, Any]:
        along = step / STEPS
        bend = along * along * (3 - 2 * along)  # smoothstep: level at both ends
        top = ribbon.y + (ribbon.y2 - ribbon.y) * bend
        return {
            "ribbon": number,
            "x": ribbon.x + (ribbon.x2 - ribbon.x) * along,
            "y": top,
            "y2": top + ribbon.thickness,
            "fill": ribbon.fill,
            "tip": ribbon.tip,
        }

    return [at(step) for step in range(STEPS + 1)]


def _words(words: Sequence[Words]) -> list[Any]:
    """Alignment and weight are properties of a Vega-Lite mark, not of a row: one layer for each combination."""
    import altair as alt

    def style(line: Words) -> tuple[Anchor, int, bool]:
        return line.anchor, line.size, line.bold

    layers = []
    for (anchor, size, bold), alike in groupby(sorted(words, key=style), key=style):
        rows = [{"x": line.x, "y": line.y, "text": line.text, "fill": line.fill} for line in alike]
        mark = alt.Chart(alt.InlineData(values=rows)).mark_text(
            align=anchor, baseline="middle", fontSize=size, fontWeight="bold" if bold else "normal", font=FONTS
        )
        layers.append(mark.encode(**pixels(alt, x="x", y="y"), text="text:N", color=alt.Color("fill:N", scale=None)))
    return layers

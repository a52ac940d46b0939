"""Lines and dots in pixels, as layers of a Vega-Lite document. They say nothing that the words beside do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any


@dataclass(frozen=True)
class Line:
    """Straight from point to point; a closed one comes back to its first and may be filled."""

    points: Sequence[tuple[float, float]]
    colour: str
    width: float = 1.5
    dashed: bool = False
    fill: str = ""  # of a closed line; drawn at a quarter of its strength


@dataclass(frozen=True)
class Dot:
    """A filled circle around (x, y)."""

    x: float
    y: float
    radius: float
    fill: str
    tip: str = ""
    edge: str = ""


def pixels(alt: Any, **names: str) -> dict[str, Any]:
    """Encodings that pass pixels through: no scale, no axis."""
    shapes = {"x": alt.X, "y": alt.Y}
    return {
        channel: shapes[channel](f"{name}:Q", scale=None, axis=None) if channel in shapes else f"{name}:Q"
        for channel, name in names.items()
    }


def lines(drawn: Sequence[Line]) -> list[Any]:
    """One layer for each width, dash and filling, in the order in which they first come."""
    import altair as alt

    def style(line: Line) -> tuple[str, float, bool]:
        return line.fill, line.width, line.dashed

    layers = []
    for (fill, width, dashed), alike in groupby(drawn, key=style):
        rows = [
            {"line": number, "at": at, "x": x, "y": y, "colour": line.colour}
            for number, line in enumerate(alike)
            for at, (x, y) in enumerate(line.points)
        ]
        if not rows:
            continue
        filled: dict[str, Any] = {"fill": fill, "fillOpacity": 0.25} if fill else {}
        mark = alt.Chart(alt.InlineData(values=rows)).mark_line(
            strokeWidth=width, strokeDash=[4, 3] if dashed else [1, 0], strokeJoin="round", **filled
        )
        layers.append(
            mark.encode(
                **pixels(alt, x="x", y="y"),
                order="at:Q",
                detail="line:N",
                stroke=alt.Stroke("colour:N", scale=None),
            )
        )
    return layers


def dots(drawn: Sequence[Dot]) -> list[Any]:
    """All dots in one layer."""
    import altair as alt

    if not drawn:
        return []
    rows = [
        {"x": d.x, "y": d.y, "size": 3.1416 * d.radius**2, "fill": d.fill, "edge": d.edge or d.fill, "tip": d.tip}
        for d in drawn
    ]
    mark = alt.Chart(alt.InlineData(values=rows)).mark_circle(opacity=1, strokeWidth=1)
    return [
        mark.encode(
            **pixels(alt, x="x", y="y"),
            size=alt.Size("size:Q", scale=None),
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("edge:N", scale=None),
            description="tip:N",
        )
    ]

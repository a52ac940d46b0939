"""Horizontal bars with their label on the left and their number at the end: no axis to read off."""

from collections.abc import Iterable
from dataclasses import dataclass

from federation.report.both import cut
from federation.report.drawing import SOFT, Box, Drawing, Words
from federation.report.pictures.rows import LEFT

WIDTH, ROW, HEADING, SPACE = 1000, 24, 30, 10


@dataclass(frozen=True)
class Bar:
    """Parts lie end to end: (size, fill, tip). `note` stands behind the bar."""

    label: str
    parts: tuple[tuple[float, str, str], ...]
    note: str


@dataclass(frozen=True)
class Group:
    """Bars under one heading; `heading` may be empty."""

    heading: str
    bars: tuple[Bar, ...]


def bars(
    groups: Iterable[Group],
    about: str,
    left: int = 380,
    right: int = 190,
    full: float | None = None,
    beside: bool = False,
) -> Drawing:
    """All groups on one scale: `full` (or the longest bar) fills the space between `left` and WIDTH - `right`.

    With `beside` a heading stands to the left of its first bar, not above it.
    """
    groups = tuple(groups)
    sizes = [sum(size for size, _, _ in bar.parts) for group in groups for bar in group.bars]
    scale = (WIDTH - left - right) / (full or max(sizes, default=0) or 1)
    boxes: list[Box] = []
    words: list[Words] = []
    y = 4.0
    for group in groups:
        if group.heading:
            words.append(
                Words(
                    0,
                    y + (ROW if beside else HEADING) / 2,
                    _fit(group.heading, beside),
                    size=12 if beside else 13,
                    bold=not beside,
                )
            )
            y += 0 if beside else HEADING
        for bar in group.bars:
            end = _one(bar, y, left, scale, boxes)
            words.append(
                Words(left - 10, y + ROW / 2, cut(bar.label, left - (LEFT if beside else 0) - 14, 13), "right")
            )
            words.append(Words(end + 6, y + ROW / 2, bar.note, size=12, fill=SOFT))
            y += ROW
        y += SPACE
    return Drawing(WIDTH, y, boxes, (), words, about)


def _fit(heading: str, beside: bool) -> str:
    return cut(heading, LEFT, 12) if beside else cut(heading, WIDTH, 13)


def _one(bar: Bar, y: float, left: float, scale: float, boxes: list[Box]) -> float:
    """Adds the parts of one bar to `boxes`; a part that is not empty is at least a hair wide. Returns its end."""
    for size, fill, tip in bar.parts:
        if size > 0:
            wide = max(size * scale, 1.5)
            boxes.append(Box(left, y + 4, wide, ROW - 8, fill, tip))
            left += wide
    return left

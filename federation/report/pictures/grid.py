"""A grid: a row for each site under its tier, a column for each thing asked. Cut into pages that print whole.

What stands in a cell is the caller's; the grid only places it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from federation.report.both import Both, Lang, cut, text_width
from federation.report.drawing import INK, LINE, SOFT, Box, Drawing, Words
from federation.report.pictures import rows
from federation.report.pictures.rows import Site, tier_name

WIDTH, LEFT, TOP, ROW, HEADING, LEGEND = 860, 190, 34, 25, 22, 30
ON_A_PAGE = 34  # rows; with heads and legend they fit an A4 page

Shade = tuple[str, Both]  # a fill, and what it means


@dataclass(frozen=True)
class Cell:
    """`text` in a filled box; a dashed edge says that there is no evidence."""

    text: str
    fill: str
    tip: Both
    ink: str = INK
    dashed: bool = False


def grid(
    sites: Sequence[Site],
    columns: Sequence[Both],
    cell: Callable[[Site, int], Cell],
    lang: Lang,
    about: Both,
    legend: Sequence[Shade] = (),
) -> list[Drawing]:
    """The drawings, in order; none without sites."""
    return [_page(page, columns, cell, lang, about, legend) for page in pages(sites)]


def pages(sites: Sequence[Site], most: int = ON_A_PAGE) -> list[Sequence[Site]]:
    """The sites in parts of about one size, none longer than `most`."""
    number = -(-len(sites) // most)
    size = -(-len(sites) // number) if number else 0
    return [sites[start : start + size] for start in range(0, len(sites), size or 1)]


def down(sites: Sequence[Site], row: float = ROW) -> Iterator[tuple[Site | str, float]]:
    """Walks down a page's rows, which are nearer to each other than those of the report."""
    return rows.down(sites, row, HEADING)


def deep(sites: Sequence[Site], row: float = ROW) -> float:
    """Pixels that `down` walks."""
    return rows.deep(sites, row, HEADING)


def _page(
    sites: Sequence[Site], columns: Sequence[Both], cell: Callable[[Site, int], Cell], lang: Lang, about: Both,
    legend: Sequence[Shade],
) -> Drawing:  # fmt: skip
    width = (WIDTH - LEFT) / max(len(columns), 1)
    words = [
        Words(LEFT + (place + 0.5) * width, y, line, "center", 12, bold=True)
        for place, head in enumerate(columns)
        for line, y in _head(head.of(lang), width)
    ]
    boxes: list[Box] = []
    for at, y in down(sites):
        words.append(side(at, TOP + y, lang))
        if isinstance(at, Site):
            for place in range(len(columns)):
                box, line = _cell(cell(at, place), LEFT + place * width, TOP + y, width, at, columns[place], lang)
                boxes.append(box)
                words.append(line)
    bottom = TOP + deep(sites)
    more_boxes, more_words = _legend(legend, bottom, lang)
    height = bottom + (LEGEND if legend else 4)
    return Drawing(WIDTH, height, boxes + more_boxes, (), words + more_words, about.of(lang))


def _head(text: str, width: float) -> list[tuple[str, float]]:
    """The heading of a column, on two lines where one does not hold it."""
    if text_width(text, 12) <= width or (text.isascii() and " " not in text):
        return [(text, TOP - 12)]
    half = text.rfind(" ", 0, len(text) // 2 + 3) if " " in text else -(-len(text) // 2)
    return [(cut(text[:half].strip(), width, 12), TOP - 26), (cut(text[half:].strip(), width, 12), TOP - 11)]


def side(at: Site | str, y: float, lang: Lang, row: float = ROW) -> Words:
    """The heading of a tier, or the name of a site at the left of its row."""
    if isinstance(at, str):
        return Words(0, y + HEADING / 2, tier_name(at).of(lang), fill=SOFT, size=12, bold=True)
    return Words(LEFT - 8, y + row / 2, cut(at.name.of(lang), LEFT - 10, 12), "right", 12)


def _cell(cell: Cell, x: float, y: float, width: float, site: Site, column: Both, lang: Lang) -> tuple[Box, Words]:
    inset = 2 if cell.dashed else 1
    tip = f"{site.name.of(lang)} · {column.of(lang)}: {cell.tip.of(lang)}"
    edge = LINE if cell.dashed else ""
    box = Box(x + inset, y + inset, width - 2 * inset, ROW - 2 * inset, cell.fill, tip, edge, cell.dashed)
    return box, Words(x + width / 2, y + ROW / 2, cell.text, "center", 12, cell.ink)


def _legend(legend: Sequence[Shade], top: float, lang: Lang) -> tuple[list[Box], list[Words]]:
    wide = (WIDTH - LEFT) / max(len(legend), 1)
    boxes = [Box(LEFT + place * wide, top + 11, 16, 12, fill, "", LINE) for place, (fill, _) in enumerate(legend)]
    words = [
        Words(LEFT + place * wide + 21, top + 17, cut(says.of(lang), wide - 22, 11), size=11, fill=SOFT)
        for place, (_, says) in enumerate(legend)
    ]
    return boxes, words

"""A paper: parts with words, drawings and tables, as one HTML file that needs nothing else, and as sheets.

No script, no address, no other file; Chinese first, English at a switch. It prints on A4 as it stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from federation.report.both import LANGS, NO_EVIDENCE, Both, Lang
from federation.report.drawing import Drawing
from federation.report.page import environment
from federation.report.pictures.picture import Cell, Twin
from federation.report.sheets import Cell as Plain
from federation.report.sheets import Sheet
from federation.report.svg import draw


@dataclass(frozen=True)
class Titled:
    """A table of a part. One that is not `open` is there for whoever wants to read the picture's numbers.

    `whole` is what the workbook gets where the page shows only the first rows of it.
    """

    twin: Twin
    title: Both | None = None
    is_open: bool = True
    whole: Twin | None = None


@dataclass(frozen=True)
class Part:
    """One chapter. Where `drawn` holds an empty list there is no evidence, and the page says so in words."""

    name: str
    title: Both
    question: Both
    reading: Both
    drawn: Mapping[Lang, Sequence[Drawing]] | None = None
    tables: Sequence[Titled] = ()


@dataclass(frozen=True)
class Paper:
    """All of it. `figures` stand in boxes at its head, `terms` at its foot: by which rules it was made."""

    title: Both
    under: Both
    parts: Sequence[Part]
    figures: Sequence[tuple[Both, str]] = ()
    terms: Sequence[Both] = ()
    notes: Sequence[Both] = field(default_factory=tuple)


def html(paper: Paper) -> str:
    """The page; equal papers give equal text. Raises Unavailable where pictures cannot be drawn."""
    drawings = {
        f"{part.name}-{number}-{lang}": drawing
        for part in paper.parts
        for lang in LANGS
        for number, drawing in enumerate((part.drawn or {}).get(lang, ()))
    }
    svgs = {name: Markup(svg) for name, svg in draw(drawings).items()}  # noqa: S704 -- made by svg.py, escaped there
    pictures = {
        part.name: [(lang, svg) for lang in LANGS for name, svg in svgs.items() if _is_of(name, part.name, lang)]
        for part in paper.parts
    }
    template = environment().get_template("paper.html")
    return template.render(paper=paper, pictures=pictures, no_evidence=NO_EVIDENCE)


def _is_of(name: str, part: str, lang: Lang) -> bool:
    before, _, spoken = name.rpartition("-")
    return spoken == lang and before.rpartition("-")[0] == part


def sheets(paper: Paper) -> list[Sheet]:
    """A sheet for every table, with heads in both languages and cells in Chinese."""
    return [
        _sheet(part, each, (each.whole or each.twin))
        for part in paper.parts
        for each in part.tables
        if (each.whole or each.twin).heads
    ]


def _sheet(part: Part, table: Titled, twin: Twin) -> Sheet:
    title = part.title if table.title is None else table.title
    heads = [head.zh if head.zh == head.en else f"{head.zh}\n{head.en}" for head in twin.heads]
    rows = [[_plain(cell) for cell in row] for row in twin.rows]
    return Sheet(title.zh, heads, rows, note=part.reading.zh, right=twin.right)


def _plain(cell: Cell) -> Plain:
    return cell.zh if isinstance(cell, Both) else cell

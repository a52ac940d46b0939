"""The page: facts in, one HTML file out that needs nothing else — no script, no address, no other file.

Both languages are in it; a pair of radio buttons hides one of them, and printing keeps the one that is shown.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from federation.report.both import LANGS, NO_EVIDENCE, Both, count
from federation.report.facts import Facts
from federation.report.pictures import answers, checks, coverage, flow, heat, reasons, truth
from federation.report.pictures.picture import Picture
from federation.report.svg import draw
from federation.report.written import write

# The order of the page: what is here, where it went, how good it is, what to mend, what it is good for.
PICTURES: tuple[Picture, ...] = (
    flow.PICTURE,
    heat.PICTURE,
    coverage.PICTURE,
    checks.PICTURE,
    reasons.PICTURE,
    truth.PICTURE,
    answers.PICTURE,
)
TEMPLATES = Path(__file__).with_name("templates")


def render(facts: Facts, path: Path) -> Path:
    """Writes the page to `path` (replaced as a whole, or not at all) and returns it. Raises Unavailable."""
    return write(path, page(facts).encode())


def page(facts: Facts) -> str:
    """The whole page as text; equal facts give equal text."""
    pictures = [picture for picture in PICTURES if picture.shown(facts)]
    drawings = {
        f"{picture.name}-{lang}": drawing
        for picture in pictures
        for lang in LANGS
        if (drawing := picture.draw(facts, lang)) is not None
    }
    svgs = {name: Markup(svg) for name, svg in draw(drawings).items()}  # noqa: S704 -- made by svg.py, escaped there
    template = environment().get_template("report.html")
    return template.render(
        facts=facts,
        pictures=pictures,
        svgs=svgs,
        langs=LANGS,
        figures=figures(facts),
        identity=flow.identity(facts),
        no_evidence=NO_EVIDENCE,
        table_of=answers.table_of,
    )


def figures(facts: Facts) -> list[tuple[Both, str]]:
    """The numbers at the head of the page."""
    known: list[tuple[Both, str]] = [
        (Both("机构", "Sites"), count(facts.flow.height)),
        (Both("读入记录", "Records read"), count(facts.total("read"))),
        (Both("接收", "Accepted"), count(facts.total("accepted"))),
        (Both("退回", "Rejected"), count(facts.total("rejected"))),
        (Both("重复", "Duplicate"), count(facts.total("duplicate"))),
        (Both("入池行数", "Pooled rows"), count(facts.pooled_rows)),
        (Both("入池人数", "Persons"), count(facts.persons)),
    ]
    if facts.seconds is not None:
        known.append((Both("用时（秒）", "Seconds"), f"{facts.seconds:,.1f}"))
    return known


def environment() -> Environment:
    """Everything is escaped unless svg.py made it; a name the template misspells is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {"both": both, "cell": cell}
    made.filters.update(filters)
    return made


def both(words: Both | str) -> Markup:
    """A text in both languages; the style sheet shows one of them."""
    if isinstance(words, str):
        return Markup("{}").format(words)
    if words.zh == words.en:
        return Markup("{}").format(words.zh)
    return Markup('<span lang="zh-CN">{}</span><span lang="en">{}</span>').format(words.zh, words.en)


def cell(value: object) -> Markup:
    """A table's cell: numbers with thousands separators, nothing as a dash."""
    if value is None:
        return Markup("–")
    if isinstance(value, int):
        return Markup("{}").format(count(value))
    if isinstance(value, float):
        return Markup("{}").format(f"{value:,.2f}")
    return both(value if isinstance(value, Both) else str(value))

"""What every picture offers to the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from federation.report.both import Both, Lang
from federation.report.drawing import Drawing
from federation.report.facts import Facts

Cell = str | int | float | Both | None


@dataclass(frozen=True)
class Twin:
    """The picture's numbers as a table. `right` counts the columns, from the right, that hold numbers."""

    heads: Sequence[Both]
    rows: Sequence[Sequence[Cell]]
    right: int = 0


@dataclass(frozen=True)
class Picture:
    """`draw` answers None where the facts hold no evidence; then the page says so in words."""

    name: str
    title: Both
    question: Both
    draw: Callable[[Facts, Lang], Drawing | None]
    reading: Callable[[Facts], Both]
    twin: Callable[[Facts], Twin]
    shown: Callable[[Facts], bool] = lambda _: True

"""Progress of long work on stderr: one bar a step, only where somebody looks at a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[int, int], None]  # done, all; 0 where all is not known
Bar = Callable[[str], Tell]  # what the step is called -> its teller


@contextmanager
def bar() -> Iterator[Bar]:
    """A maker of bars; each is done when it was told so, and nothing is drawn when stderr is a file."""
    if not sys.stderr.isatty():
        yield lambda _title: lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def begin(title: str) -> Tell:
            task = progress.add_task(title, total=None)
            return lambda done, whole: progress.update(task, completed=done, total=whole or None)

        yield begin


def later(begin: Bar, title: str) -> Tell:
    """A teller whose bar is drawn once there is something to tell."""
    began: list[Tell] = []

    def tell(done: int, whole: int) -> None:
        if not began:
            began.append(begin(title))
        began[0](done, whole)

    return tell

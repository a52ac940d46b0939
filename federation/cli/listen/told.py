"""What the verbs of `guantong listen` share: whose journal, when, and how a line is said."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.output import answer, talk

if TYPE_CHECKING:
    from federation.node.listen.places import Places

Site = Annotated[str, typer.Option("--site", help="Id of the site whose journal it is. 机构")]
MB = 1 << 20


def journal_of(home: Path, site: str) -> "Places":
    """The journal of a site. Raises Usage for what is no id."""
    from federation.errors import Usage
    from federation.node.listen.places import ID, places

    if not ID.fullmatch(site):
        raise Usage("A site's id has letters, digits, `.`, `_` and `-` only, and starts with a letter or digit.")
    return places(home, site)


def when(seconds: float) -> str:
    """A time as the city's clock shows it."""
    from datetime import datetime

    from federation.cli.clock import CITY

    return datetime.fromtimestamp(seconds, CITY).strftime("%Y-%m-%d %H:%M:%S")


def tell(line: str) -> None:
    """A line on stderr."""
    talk.print(line, markup=False, soft_wrap=True)


def say(line: str) -> None:
    """A line on stdout."""
    answer.print(line, markup=False, soft_wrap=True)

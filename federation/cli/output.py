"""What every verb prints: talk on stderr, answers on stdout, one JSON document and nothing else under `--json`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.errors import BadMapping, ConnectorError, NoSuchKind, Unreachable
from federation.cli.visible import Screen, escaped
from federation.errors import FederationError
from schemas.errors import SchemaError

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
Home = Annotated[Path, typer.Option("--home", envvar="GUANTONG_HOME", help="The home folder.")]
HOME = Path("guantong-home")

talk = Screen(stderr=True)
WIDE = 160  # columns where nobody looks: a table in a file must not be cut to an old terminal's 80
answer = Screen(width=None if sys.stdout.isatty() else WIDE)


def show_json(document: Any) -> None:
    """One JSON document on stdout; dates and decimals as text, Chinese as it is, what acts on a terminal escaped."""
    text = json.dumps(document, ensure_ascii=False, default=str)
    sys.stdout.write(escaped(text) + "\n")


def exit_code(error: Exception) -> int | None:
    """The exit code of a known error; None for a bug, which keeps its traceback."""
    if isinstance(error, FederationError):
        return error.exit_code
    if isinstance(error, (BadMapping, NoSuchKind, SchemaError)):
        return 2
    if isinstance(error, Unreachable):
        return 4
    return 3 if isinstance(error, ConnectorError) else None


def tell(error: Exception) -> None:
    """The error as one sentence on stderr."""
    talk.print(f"guantong: {error}", markup=False, style="red", soft_wrap=True)

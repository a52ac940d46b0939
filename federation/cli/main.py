"""Finds the verb, runs it, and turns every known error into one sentence and an exit code.

Exit codes: 0 ok, 1 refused or falls short, 2 usage, 3 bad input, 4 unavailable.
"""

import sys
from importlib import import_module
from typing import Any

import typer
from typer import _click
from typer.core import TyperGroup
from typer.main import get_command

from federation.cli.verbs import VERBS

SUMMARIES = {verb: f"{means}  {zh}" for verb, means, zh in VERBS}


class Verbs(TyperGroup):
    """Lists every verb from VERBS and imports a verb's module only when it is called."""

    def get_command(self, ctx: _click.Context, cmd_name: str) -> _click.Command | None:  # noqa: ARG002
        if cmd_name not in SUMMARIES:
            return None
        module: Any = import_module(f"federation.cli.{cmd_name}")
        if hasattr(module, "app"):
            return get_command(module.app)
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name=cmd_name)(module.command)
        return get_command(app)


def _stubs() -> dict[str, _click.Command]:
    return {verb: _click.Command(verb, help=summary, short_help=summary) for verb, summary in SUMMARIES.items()}


def main(argv: list[str] | None = None) -> int:
    """Runs one command line and returns its exit code; the console script passes it to sys.exit."""
    group = Verbs(name="guantong", commands=_stubs(), rich_markup_mode=None, no_args_is_help=True,
                  help="Joins up a city's health data. 贯通：把一座城市的健康数据真正连起来。")
    try:
        answer = group.main(args=argv, prog_name="guantong", standalone_mode=False)
    except _click.exceptions.UsageError as error:
        error.show(file=sys.stderr)
        return 2
    except (_click.exceptions.Abort, KeyboardInterrupt):
        print("Stopped. Run the same command again to go on.", file=sys.stderr)  # noqa: T201
        return 4
    except Exception as error:
        return _told(error)
    return answer if isinstance(answer, int) else 0


def _told(error: Exception) -> int:
    from federation.cli.output import exit_code, tell

    code = exit_code(error)
    if code is None:
        raise error
    tell(error)
    return code

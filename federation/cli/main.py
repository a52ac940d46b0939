"""Finds the verb, runs it, and turns every known error into one sentence and an exit code.

Exit codes: 0 ok, 1 refused or falls short, 2 usage, 3 bad input, 4 unavailable.
"""

import difflib
import io
import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any

from federation.cli.verbs import VERBS

UNAVAILABLE = 4
# Polars' allocator gives memory back after a tenth of a second; by default it keeps it. Arrow shares that of NumPy: its
# own keeps another 25 MB. Read when the libraries are loaded.
ALLOCATORS = {
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:100,muzzy_decay_ms:0",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def main(argv: list[str] | None = None) -> int:
    """Runs one command line and returns its exit code; the console script passes it to sys.exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese gets escapes, not a traceback
    verb, *rest = (sys.argv[1:] if argv is None else argv) or ["--help"]
    if verb in ("--help", "-h", "help"):
        sys.stdout.write(overview())
        return 0
    if verb in ("--version", "-V"):
        sys.stdout.write(f"guantong {version('guantong')}\n")
        return 0
    if verb not in {known for known, *_ in VERBS}:
        sys.stderr.write(_unknown(verb))
        return 2
    return _run(verb, rest)


def overview() -> str:
    """Every verb with its meaning in both languages, and how a session begins."""
    width = max(len(verb) for verb, *_ in VERBS)
    lines = [f"  {verb:<{width}}  {means} {zh}" for verb, means, zh in VERBS]
    return "\n".join(
        (
            "guantong VERB [...]    joins up a city's health data    贯通：把一座城市的健康数据真正连起来",
            "",
            "Begin with:  guantong demo        Then:  guantong ingest EXPORTS --site ID",
            "",
            *lines,
            "",
            "Every verb has --help, and --json for one JSON document on stdout.",
            "Exit: 0 ok, 1 refused or falls short, 2 usage, 3 bad input, 4 unavailable.",
            "",
        )
    )


def _unknown(verb: str) -> str:
    near = difflib.get_close_matches(verb, [known for known, *_ in VERBS], n=1)
    return (
        f"guantong: there is no verb `{verb}`." + (f" Did you mean `{near[0]}`?" if near else " See `guantong`.") + "\n"
    )


def under(verb: str) -> list[str]:
    """The verbs that a verb has of its own, in their order."""
    return list(getattr(_command(verb), "commands", {}))


def _command(verb: str) -> Any:
    import typer

    module = import_module(f"federation.cli.{verb}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name=verb)(module.command)
    return typer.main.get_command(app)


def _run(verb: str, rest: list[str]) -> int:
    for name, value in ALLOCATORS.items():
        os.environ.setdefault(name, value)
    try:
        _command(verb).main(args=rest, prog_name=f"guantong {verb}")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. Run the same command again to go on.\n")
        return UNAVAILABLE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; nothing more to say
        return 0
    except Exception as error:  # noqa: BLE001  (known errors become one sentence; a bug keeps its traceback)
        return _told(error)
    return 0


def _told(error: Exception) -> int:
    from federation.cli.output import exit_code, tell

    code = exit_code(error)
    if code is None:
        raise error
    tell(error)
    return code

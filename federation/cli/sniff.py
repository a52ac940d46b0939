"""`guantong sniff`: what files look like, and why; the nearest profile and what is missing where none fits.

It reads the head of each file only, shows names of columns and never a value.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import Json, answer, show_json

if TYPE_CHECKING:
    from connectors.connector import Sniffed


def command(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files. 文件或文件夹")],
    as_json: Json = False,
) -> None:
    """Say what a file looks like, and why.  识别文件格式"""
    found = [_looked_at(path) for path in _files(paths)]
    if as_json:
        show_json({"files": found})
    else:
        for each in found:
            _show(each)
    if any(not each["kind"] for each in found):
        raise typer.Exit(3)


def _files(paths: list[Path]) -> Iterator[Path]:
    from federation.errors import Usage

    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
        elif path.is_file():
            yield path
        else:
            raise Usage(f"There is no file {path}. Check the path.")


def _looked_at(path: Path) -> dict[str, Any]:
    from connectors.kinds import kinds
    from connectors.stranger import stranger
    from federation.node.name import spoken

    guesses = [guess for kind in kinds().values() if (guess := kind.sniff(path)) is not None]
    best = max(guesses, key=lambda guess: guess.sure, default=None)
    if best is None:
        why, zh = stranger(path)
        return {"file": spoken(path), "kind": "", "profile": "", "sure": 0.0, "why": why, "why_zh": zh}
    return {"file": spoken(path), **_told(best), **(_delimited(path) if best.kind == "delimited" else {})}


def _told(guess: "Sniffed") -> dict[str, Any]:
    return {"kind": guess.kind, "profile": guess.profile, "sure": guess.sure, "why": guess.why, "why_zh": guess.why_zh}


def _delimited(path: Path) -> dict[str, Any]:
    from connectors.delimited.layout import SPOKEN, look
    from connectors.delimited.scan import records_in_head
    from connectors.profiles import best, near

    layout, head = look(path)
    nearest, missing = near(layout.header)
    fits = best(layout.header)
    return {
        "encoding": layout.encoding.label, "separator": SPOKEN[layout.separator], "columns": len(layout.header),
        "records_in_head": records_in_head(head, layout),
        "nearest": fits.name if fits else nearest, "missing": [] if fits else missing,
    }  # fmt: skip


def _show(each: dict[str, Any]) -> None:
    kind = " / ".join(part for part in (each["kind"], each["profile"]) if part) or "unknown 未知"
    answer.print(f"{each['file']}: {kind}  ({each['sure']:.0%})", markup=False, soft_wrap=True)
    answer.print(f"  {each['why']}\n  {each['why_zh']}", markup=False, soft_wrap=True)
    if "records_in_head" in each:
        answer.print(f"  records in the head 首部记录数: {each['records_in_head']}", markup=False, soft_wrap=True)

"""`guantong sniff`: what files are, and what of them would reach the shared tables; the nearest profile if none fits.

It reads the head of each file only, shows names of columns and never a value.
"""

import shlex
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import Json, answer, show_json

if TYPE_CHECKING:
    from connectors.looked import Looked, Part
    from federation.node.collect import Collected
    from federation.node.sniffing import Found

MANY = 12  # files above which a folder is told kind by kind
SHOWN = 12  # names in one line
MAPPED = ("delimited", "workbook", "dbf", "archive")  # kinds for whose tables `guantong map` proposes
NOTHING = "nothing yet, see `guantong map` 尚无映射"


def command(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of files. 文件或文件夹")],
    mapping: Annotated[Path | None, typer.Option(help="A mapping, or a folder of them, to look with. 映射")] = None,
    kind: Annotated[str | None, typer.Option(help="Look with this kind of source. 类型")] = None,
    full: Annotated[bool, typer.Option("--full", help="Every file and every name, however many. 全部列出")] = False,
    as_json: Json = False,
) -> None:
    """Say what a file is, and what of it would be mapped.  识别文件格式及可映射内容"""
    from connectors.kinds import kind as named
    from connectors.kinds import kinds
    from federation.node.sniffing import sniff
    from federation.node.sources import Sources

    offered = kinds() if kind is None else {kind: named(kind)}
    collected, looking = sniff(paths, Sources(offered, mapping=mapping))
    found = list(looking)
    if as_json:
        show_json({"files": [_document(each) for each in found], **_left(collected)})
    else:
        _show(found, collected, full)
    if any(not each.kind or each.trouble for each in found):
        raise typer.Exit(3)


def _document(each: "Found") -> dict[str, Any]:
    from federation.node.name import spoken

    return {
        "file": spoken(each.path), "kind": each.kind, "profile": each.profile, "sure": each.sure,
        "why": each.why, "why_zh": each.why_zh, "trouble": spoken(each.trouble), **_looked(each.looked),
        "tried": None if each.tried is None else {
            "records": each.tried.records, "whole": each.tried.whole, "rejects": dict(each.tried.rejects),
            "tables": {name: {"rows": rows, "columns": list(columns)}
                       for name, (rows, columns) in each.tried.tables.items()},
        },
    }  # fmt: skip


def _looked(looked: "Looked") -> dict[str, Any]:
    return {
        "facts": {fact.name: fact.value for fact in looked.facts}, "records": looked.records, "whole": looked.whole,
        "mapped": {name: list(targets) for name, targets in looked.mapped.items()},
        "unmapped": list(looked.unmapped), "unnamed": looked.unnamed, "fills": looked.fills(),
        "nearest": looked.nearest, "missing": list(looked.missing),
        "parts": [{"name": part.name, "kind": part.kind, "profile": part.profile, "why": part.why,
                   "why_zh": part.why_zh, **_looked(part.looked)} for part in looked.parts],
    }  # fmt: skip


def _left(collected: "Collected") -> dict[str, Any]:
    return {
        "passed_over": [vars(left) for left in collected.skipped],
        "refused": [vars(left) for left in collected.refused],
    }


def _show(found: list["Found"], collected: "Collected", full: bool) -> None:
    summed = len(found) > MANY and not full
    if summed:
        _show_kinds(found)
    for each in found:
        if not summed or not each.kind or each.trouble:
            _show_file(each, full)
    for title, lefts in (("passed over 跳过", collected.skipped), ("refused 拒绝", collected.refused)):
        for reason, count in Counter(left.reason for left in lefts).items():
            _say(f"{title}: {count} {reason}")
    if summed:
        _say("--full shows every file by itself, --json all there is.  用 --full 逐个列出")


def _show_kinds(found: list["Found"]) -> None:
    from rich.table import Table

    from federation.node.name import spoken

    table = Table(
        "kind 类型", "profile 规范", "files 文件", "records 记录", "reaches 进入", title=f"{len(found)} files"
    )
    for kind, profile in dict.fromkeys((each.kind, each.profile) for each in found):
        same = [each for each in found if (each.kind, each.profile) == (kind, profile)]
        tables = sorted({name for each in same for name in [*each.looked.fills(), *(each.tried or _Nothing).tables]})
        counted = [_records(each) for each in same]
        more = "" if all(whole for _, whole in counted) else "+"
        reaches = ", ".join(tables) or (NOTHING if kind in MAPPED else "nothing 不进入")
        table.add_row(kind or "unknown 未知", profile, str(len(same)), f"{sum(n for n, _ in counted)}{more}", reaches)
    answer.print(table)
    if names := [spoken(each.path) for each in found if _reaches_nothing(each)]:
        _say(f"{len(names)} files reach no shared table. `guantong map PATH` proposes a mapping for each. "
             f"以下文件尚无映射，可用 guantong map 生成: {_names(names, False)}")  # fmt: skip


def _reaches_nothing(each: "Found") -> bool:
    """A table of which nothing would be mapped, and for which a mapping can be proposed."""
    told = {*each.looked.fills(), *(each.tried or _Nothing).tables}
    return each.kind in MAPPED and not told and not any(part.looked.fills() for part in each.looked.parts)


class _Nothing:
    """A file that was not tried."""

    tables: dict[str, Any] = {}  # noqa: RUF012 - never written


def _records(each: "Found") -> tuple[int, bool]:
    if each.tried is not None:
        return each.tried.records, each.tried.whole
    return each.looked.records or 0, each.looked.whole


def _show_file(each: "Found", full: bool) -> None:
    from federation.node.name import spoken

    kind = " / ".join(part for part in (each.kind, each.profile) if part) or "unknown 未知"
    answer.print(f"[bold]{_escaped(spoken(each.path))}[/bold]: {_escaped(kind)}  ({each.sure:.0%})", soft_wrap=True)
    _say(f"  {each.why}\n  {each.why_zh}")
    _show_looked(each.looked, "  ", full)
    if each.tried is not None:
        head = "all 全部" if each.tried.whole else "in the first piece 首段"
        _say(f"  records 记录 {each.tried.records} ({head})")
        for name, (rows, columns) in each.tried.tables.items():
            _say(f"    -> {name:20} {rows:>8} rows, {len(columns)} columns filled 有值")
        for reason, count in each.tried.rejects.items():
            _say(f"    reject 退回 {reason:20} {count:>8}")
    if each.trouble:
        _say(f"  {spoken(each.trouble)}")
    if _reaches_nothing(each):
        _say("  Nothing of it reaches the shared tables yet 尚无映射. To have a mapping proposed 生成映射建议:")
        _say(f"    guantong map {shlex.quote(spoken(each.path))}")


def _show_looked(looked: "Looked", indent: str, full: bool) -> None:
    if looked.facts:
        _say(indent + " · ".join(f"{fact.name} {fact.zh} {fact.value}" for fact in looked.facts))
    if looked.mapped:
        targets = ", ".join(f"{name} ({count})" if count else name for name, count in looked.fills().items())
        _say(f"{indent}mapped 可映射 {len(looked.mapped)}: {_names(looked.mapped, full)}  ->  {targets}")
    if looked.unmapped:
        _say(f"{indent}not mapped 未映射 {len(looked.unmapped)}: {_names(looked.unmapped, full)}")
    if looked.unnamed:
        _say(f"{indent}{looked.unnamed} columns without a known name 列名未知: not shown, it may be a patient's record")
    if looked.parts:
        _show_parts(looked)
        for part in looked.parts if full else ():
            _say(f"{indent}- {part.name}: {part.why} {part.why_zh}")
            _show_looked(part.looked, indent + "    ", full)


def _show_parts(looked: "Looked") -> None:
    """Sheets or members, one a line; a `+` says that records were counted in the head."""
    from rich.table import Table

    table = Table("inside 内含", "kind 类型", "records 记录", "reaches 进入", box=None, padding=(0, 1))
    for part in looked.parts:
        kind = " / ".join(name for name in (part.kind, part.profile) if name) or "not read 不读"
        count = "" if part.looked.records is None else f"{part.looked.records}{'' if part.looked.whole else '+'}"
        reaches = ", ".join(f"{name} ({n})" if n else name for name, n in part.looked.fills().items())
        table.add_row(*map(_escaped, (part.name, kind, count, reaches or _why_not(part))))
    answer.print(table)


def _why_not(part: "Part") -> str:
    return part.why if not part.kind else NOTHING if part.kind in MAPPED else "-"


def _names(names: Any, full: bool) -> str:
    every = list(names)
    return ", ".join(every if full else every[:SHOWN]) + (" …" if len(every) > SHOWN and not full else "")


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _say(line: str) -> None:
    answer.print(line, markup=False, soft_wrap=True)

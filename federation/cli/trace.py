"""`guantong trace`: from a pooled row back to file, position and raw text; the text only for the owner of the home."""

from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json
from federation.cli.visible import lines as visible_lines

if TYPE_CHECKING:
    from federation.node.trace import Traced

TEXT = "text 原文      "


def command(
    record: Annotated[
        str, typer.Argument(metavar="RECORD_ID", help="Of a pooled row, or of a row at its site. 记录标识")
    ],
    home: Home = HOME,
    raw: Annotated[bool, typer.Option("--raw/--no-raw", help="With the text, for the owner of the home only.")] = True,
    as_json: Json = False,
) -> None:
    """From a pooled row back to file, position and raw text.  追溯来源"""
    from federation.node.home import open_home
    from federation.node.trace import trace

    opened = open_home(home)
    found = trace(opened, record, raw=raw and opened.is_mine)
    if as_json:
        show_json({"record_id": record, "records": [each.as_dict() for each in found]})
        return
    for each in found:
        _show(each, asked=raw)


def _show(each: "Traced", asked: bool) -> None:
    lines = [
        f"site 机构      {each.site}",
        f"batch 批次     {each.batch}, {each.at}: {each.standing}",
        f"read as 规范   {each.reading}",
        f"file 文件      {each.path}",
        f"digest 摘要    {each.digest}, {'the file is unchanged' if each.unchanged else 'THE FILE IS GONE OR CHANGED'}",
        f"place 位置     record {each.position}, {each.place or _bytes(each)}",
        *(f"rows 共享表    {table}: {', '.join(ids)}" for table, ids in each.rows.items()),
        *(
            f"ledger 台账    {entry['seq']} {entry['at']} {entry['kind']} {entry.get('table', '')}"
            for entry in each.ledger
        ),
    ]
    if asked:
        lines += _text(each.raw)
    for line in lines:
        answer.print(line, markup=False, soft_wrap=True)


def _text(raw: str | None) -> list[str]:
    """The record's text; one of several lines (the segments of an HL7 v2 message) has them below."""
    if raw is None:
        return [f"{TEXT}(only for the owner, from the unchanged file)"]
    first, *rest = visible_lines(raw)
    return [f"{TEXT}{first}"] if not rest else [TEXT.rstrip(), *(f"  {line}" for line in (first, *rest))]


def _bytes(each: "Traced") -> str:
    return f"line {each.line}, bytes {each.offset} to {each.offset + each.length}"

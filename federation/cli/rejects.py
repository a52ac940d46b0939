"""`guantong rejects`: what did not conform, where, how often, and what to do. Text only for the owner of the home."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json, talk
from federation.cli.visible import lines as visible_lines

if TYPE_CHECKING:
    import polars as pl

SHOWN = 50
IN_JSON = 100_000
LETTERS = 500  # of a raw text on a terminal; --json has it as it is, up to 64 KiB


def command(  # noqa: PLR0917 - typer hands its options over by name
    home: Home = HOME,
    site: Annotated[str | None, typer.Option(help="One site only. 机构")] = None,
    batch: Annotated[str | None, typer.Option(help="One batch only. 批次")] = None,
    file: Annotated[str | None, typer.Option(help="One file: the end of its path, or its mark. 文件")] = None,
    reason: Annotated[str | None, typer.Option(help="One reason only. 原因")] = None,
    by: Annotated[str | None, typer.Option(help="Count by reason, file or column. 汇总")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="With the text, for the owner of the home only. 原文")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help=f"At most so many; {SHOWN}, or {IN_JSON} in JSON.")] = None,
    as_json: Json = False,
) -> None:
    """What did not conform: reason, file, position, column, count.  退回明细"""
    from federation.errors import Usage
    from federation.node.home import open_home
    from federation.node.raw import must_own
    from federation.node.rejects import BY, grouped, rejects, unreadable

    if by is not None and by not in BY:
        raise Usage(f"Cannot count by `{by}`. Use one of {', '.join(BY)}.")
    if raw and by is not None:
        raise Usage("--raw shows single rejects; leave out --by.")
    opened = open_home(home)
    if raw:
        must_own(opened)
    most = limit or (IN_JSON if as_json else SHOWN)
    groups = grouped(rejects(opened, site=site, batch=batch, file=file, reason=reason), by)
    groups = groups if raw else groups.drop("raw")
    rows = groups.head(most).collect(engine="streaming")
    total = int(groups.select("count").sum().collect(engine="streaming").item() or 0)
    broken = [{"file": row.path, "message": row.message} for row in unreadable(opened, site, batch)]
    if as_json:
        show_json({"total": total, "shown": int(rows["count"].sum()), "rejects": _told(rows), "unreadable": broken})
        return
    _show(_told(rows), total, int(rows["count"].sum()))
    for each in broken:
        answer.print(f"unreadable {each['message']}", markup=False, soft_wrap=True)


def _told(rows: "pl.DataFrame") -> list[dict[str, Any]]:
    from connectors.reason import REASONS
    from federation.node.raw import decoded, exact

    told = []
    for row in rows.to_dicts():
        reason = REASONS[row["reason"]]
        said = {"reason": reason.code, "means": reason.means, "zh": reason.zh, "todo": reason.todo}
        row = {"file" if name == "path" else name: value for name, value in row.items()}  # noqa: PLW2901
        if "raw" in row:
            kept = row["raw"]
            row |= {"raw": None if kept is None else decoded(kept), "raw_base64": None if kept is None else exact(kept)}
        told.append(said | row)
    return told


def _show(told: list[dict[str, Any]], total: int, shown: int) -> None:
    for row in told:
        place = " ".join(f"{name} {row[name]}" for name in ("file", "position", "line", "column") if row.get(name))
        answer.print(f"{row['count']:>8}  {row['reason']:18} {place}", markup=False, soft_wrap=True)
        if row.get("raw") is not None:
            for line in _text(row["raw"]):
                answer.print(f"{'':10}{line}", markup=False, soft_wrap=True)
    for code, words in {row["reason"]: f"{row['means']} {row['zh']}。 {row['todo']}" for row in told}.items():
        answer.print(f"{code}: {words}", markup=False, soft_wrap=True)
    talk.print(f"{shown} of {total} rejects shown.", markup=False)


def _text(raw: str) -> list[str]:
    cut = [f"... {len(raw) - LETTERS} signs more in --json"] if len(raw) > LETTERS else []
    return [*visible_lines(raw[:LETTERS]), *cut]

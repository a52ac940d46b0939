"""`guantong score settling`: how long after an event a field still changes, so from which day a month can be used.

Days and counts only; no value is read out.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.bar import bar
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    import polars as pl

WATCHED = 30
BARS = "▁▂▃▄▅▆▇█"


def settling(
    home: Home = HOME,
    site: Annotated[str | None, typer.Option("--site", help="One site only. 机构")] = None,
    table: Annotated[str | None, typer.Option("--table", help="One shared table only. 共享表")] = None,
    watched: Annotated[
        int, typer.Option("--watched", min=0, help="Only events at least so many days before the last batch. 观察天数")
    ] = WATCHED,
    columns: Annotated[bool, typer.Option("--columns", help="Every column, not whole records alone. 各字段")] = False,
    as_json: Json = False,
) -> None:
    """Days after an event until a record changes no more.  数据稳定时间"""
    from federation.cli.score.scope import batches_and_sites, tables_named
    from federation.node.beside import settled_of
    from federation.node.home import open_home
    from federation.quality.settling import WHOLE, curves
    from federation.quality.settling import settling as settles

    chosen = tables_named(table)
    opened = open_home(home)
    recorded, sites = batches_and_sites(opened, site)
    with bar() as begin:
        counts = settled_of(opened, recorded, chosen, watched, begin("following versions"))
    found, by_day = settles(counts), curves(counts)
    if as_json:
        away = [each for each in sites if each not in set(found["org_code"])]
        return show_json({"watched": watched, "settling": found.to_dicts(), "curves": by_day.to_dicts(),
                          "no_evidence": away})  # fmt: skip
    shown = found if columns else found.filter(found["column"] == WHOLE)
    return _show(shown, by_day, sites, watched)


def _show(found: "pl.DataFrame", by_day: "pl.DataFrame", sites: Sequence[str], watched: int) -> None:
    from federation.cli.score.cards import table_of
    from federation.cli.score.scope import nothing_of
    from federation.quality.settling import DAYS, LEAST, SCOPE, WHOLE

    if found.height:
        table = table_of(
            "site\n机构", "table\n共享表", "column\n字段", "records\n条数", "half by day\n半数", "9 in 10 by day\n九成",
            f"settled by day {DAYS[0]} to {DAYS[-1]}\n逐日稳定",
        )  # fmt: skip
        lines = {key: _line(rows) for key, rows in by_day.group_by(SCOPE, maintain_order=True)}
        for org, name, column, records, p50, p90 in found.iter_rows():
            whole = "whole record 整条" if column == WHOLE else column
            table.add_row(org, name, whole, f"{records:,}", f"{p50}", f"{p90}", lines[org, name, column])
        answer.print(table)
    if away := nothing_of(sites, found["org_code"]):
        answer.print(away, markup=False, soft_wrap=True)
    answer.print(
        f"Of events at least {watched} days before the last batch, {LEAST} records or more; days from the event until "
        f"the value stood that stands now.\n仅计最近一批之前至少 {watched} 天的记录，且不少于 {LEAST} 条；"
        "自发生至取得现值的天数。",
        soft_wrap=True,
    )


def _line(rows: "pl.DataFrame") -> str:
    """Shares settled as bars of eight heights."""
    shares = (settled / records for settled, records in rows.select("settled", "records").iter_rows())
    return "".join(BARS[min(len(BARS) - 1, int(each * len(BARS)))] for each in shares)

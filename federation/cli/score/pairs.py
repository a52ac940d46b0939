"""`guantong score pairs`: names and units that contradict what their code nearly always goes with, and which is wrong.

Shows counts; codes and names only to the owner of the home under --raw.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.bar import bar
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    import polars as pl

    from federation.report.both import Both

SHOWN = 50
FOOT = (
    "Likely wrong: what contradicts at least 80 % of the rows of its code.  与该代码八成以上记录不一致者为可疑。\n"
    "--raw shows the codes and names to the home's owner.  --raw 向主目录所有者显示代码与名称。"
)
SIDES = {"value": "name or unit 名称或单位", "key": "code 代码"}


def pairs(
    home: Home = HOME,
    site: Annotated[str | None, typer.Option("--site", help="One site only. 机构")] = None,
    table: Annotated[str | None, typer.Option("--table", help="One shared table only. 共享表")] = None,
    limit: Annotated[int, typer.Option(min=1, help="With --raw: at most so many, the surest first.")] = SHOWN,
    raw: Annotated[bool, typer.Option("--raw", help="Codes and names too, for the home's owner only. 含原值")] = False,
    as_json: Json = False,
) -> None:
    """Codes whose name, unit or specimen is not theirs, and which side is wrong.  代码与名称矛盾"""
    from federation.cli.score.scope import batches_and_sites, tables_named
    from federation.node.beside import pairs_of
    from federation.node.home import open_home
    from federation.node.raw import must_own
    from federation.quality.pairs import contradictions, culprits

    chosen = tables_named(table)
    opened = open_home(home)
    if raw:
        must_own(opened, "Codes and names are shown to the owner of the home only; leave --raw out.")
    recorded, sites = batches_and_sites(opened, site)
    with bar() as begin:
        counted = pairs_of(opened, recorded, chosen, begin("pairing codes and names"))
    if raw:
        return _show_culprits(culprits(counted), limit, as_json)
    return _show(contradictions(counted), sites, as_json)


def _show(found: "pl.DataFrame", sites: Sequence[str], as_json: bool) -> None:
    """Per site and pair of columns how many rows contradict; what is small is not told."""
    from federation.cli.score.cards import table_of
    from federation.cli.score.scope import nothing_of
    from federation.quality.finding import percent
    from federation.report.small import asked_of, failed_of, is_told, told

    shown = told(found).to_dicts()
    for row in shown:
        if row["small"] or not is_told(row["failed"], row["of_key"]):
            row["of_key"] = None
    away = nothing_of(sites, found["org_code"])
    if as_json:
        return show_json(
            {"pairs": shown, "no_evidence": [site for site in sites if site not in set(found["org_code"])]}
        )
    table = table_of(
        "site\n机构", "table\n共享表", "code decides\n代码决定", "contradict\n矛盾", "rows\n条数", "share\n占比",
        "code likely wrong\n代码可疑",
    )  # fmt: skip
    for row in shown:
        failed, asked = failed_of(row), asked_of(row)
        table.add_row(
            row["org_code"], row["table"], f"{row['of']} → {row['decides']}", _said(failed), _said(asked),
            "" if row["small"] else percent(row["failed"], row["asked"]), _said(row["of_key"]),
        )  # fmt: skip
    if shown:
        answer.print(table)
        answer.print(FOOT, soft_wrap=True)
    if away:
        answer.print(away, markup=False, soft_wrap=True)
    return None


def _show_culprits(found: "pl.DataFrame", limit: int, as_json: bool) -> None:
    from rich.markup import escape

    from federation.cli.score.cards import table_of

    shown = found.head(limit)
    if as_json:
        return show_json({"culprits": shown.to_dicts(), "left_out": found.height - shown.height})
    if found.is_empty():
        return answer.print("No pair contradicts what is usual. 没有矛盾的代码与名称。")
    table = table_of(
        "site\n机构", "column\n字段", "code\n代码", "goes with\n对应", "rows\n条数", "likely wrong\n可疑",
        "expected\n应为", "odds\n把握",
    )  # fmt: skip
    for row in shown.iter_rows(named=True):
        table.add_row(
            row["org_code"], f"{row['table']}.{row['decides']}", escape(row["key"]), escape(row["value"]),
            f"{row['rows']:,}", SIDES[row["side"]], escape(row["expected"]), f"{row['odds']:.1f}",
        )  # fmt: skip
    answer.print(table)
    if found.height > limit:
        answer.print(
            f"{found.height - limit} more; --limit shows them. 另有 {found.height - limit} 项，用 --limit 显示"
        )
    return None


def _said(number: "int | Both | None") -> str:
    if number is None:
        return "–"
    return f"{number:,}" if isinstance(number, int) else number.en

"""`guantong score shift`: coded columns whose mixture moved, against the site's own past and the others of its tier.

A move is shown, never called an error. The codes themselves only to the owner of the home under --raw.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.bar import bar
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    import polars as pl

SHOWN, CODES = 30, 3
AGAINST = {"own past": "own past 自身历史", "peers": "peers 同级"}


def shift(
    home: Home = HOME,
    site: Annotated[str | None, typer.Option("--site", help="Show one site only; its tier is read. 机构")] = None,
    month: Annotated[str | None, typer.Option("--month", help="One month only, YYYY-MM. 月份")] = None,
    table: Annotated[str | None, typer.Option("--table", help="One shared table only. 共享表")] = None,
    every: Annotated[bool, typer.Option("--all", help="What did not move as well. 全部")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the largest first.")] = SHOWN,
    raw: Annotated[bool, typer.Option("--raw", help="Which codes moved, for the home's owner only. 含代码")] = False,
    as_json: Json = False,
) -> None:
    """Coded columns whose mixture moved: own past, peers.  分布偏移"""
    import polars as pl

    from federation.broker.site import all_sites
    from federation.cli.score.scope import batches_and_sites, month_named, tables_named
    from federation.node.beside import bins_of
    from federation.node.home import open_home
    from federation.node.raw import must_own
    from federation.node.scoring import standard_of
    from federation.quality.shift import moves, shifts

    chosen, only = tables_named(table), month_named(month) if month else None
    opened = open_home(home)
    if raw:
        must_own(opened, "Codes are shown to the owner of the home only; leave --raw out.")
    fewest = standard_of(opened).peers.fewest
    _, sites = batches_and_sites(opened, site)
    recorded, _ = batches_and_sites(opened, None)
    with opened.engine.connect() as connection:
        tiers = {each.id: str(each.tier) for each in all_sites(connection)}
    alike = {tiers[each] for each in sites}
    with bar() as begin:
        near = [each for each in recorded if tiers.get(each.site) in alike]
        bins = bins_of(opened, near, chosen, begin("counting codes by month"))
    wanted = pl.col("org_code").is_in(sites) & (True if only is None else pl.col("month") == only)
    compared = shifts(bins, tiers, fewest).filter(wanted)
    shown = compared.filter(pl.lit(every) | pl.col("moved"))
    codes = moves(bins, tiers, fewest).filter(wanted) if raw else None
    if as_json:
        return show_json(_document(shown.head(limit), codes, compared, shown.height))
    return _show(shown, codes, compared, limit)


def _document(
    shown: "pl.DataFrame", codes: "pl.DataFrame | None", compared: "pl.DataFrame", number: int
) -> dict[str, object]:
    rows = shown.to_dicts()
    if codes is not None:
        for row in rows:
            row["codes"] = _of(codes, row).select("bin", "rows", "of", "share_then", "change").to_dicts()
    return {"compared": compared.height, "moved": int(compared["moved"].sum()), "shifts": rows,
            "left_out": number - len(rows)}  # fmt: skip


def _show(shown: "pl.DataFrame", codes: "pl.DataFrame | None", compared: "pl.DataFrame", limit: int) -> None:
    from federation.cli.score.cards import table_of
    from federation.quality.shift import LEAST, PSI, VARIATION

    if compared.is_empty():
        return answer.print(
            f"No evidence: no coded column has {LEAST} rows in a month and {LEAST} to compare them with.\n"
            f"无证据：没有字段当月及对照各满 {LEAST} 条。", soft_wrap=True,
        )  # fmt: skip
    heads = [
        "site\n机构", "month\n月份", "column\n字段", "against\n对照", "rows\n条数", "compared\n对照条数",
        "PSI\n偏移", "would have to change\n需改变占比",
    ]  # fmt: skip
    table = table_of(*heads, *(["which codes\n代码"] if codes is not None else []))
    for row in shown.head(limit).iter_rows(named=True):
        words = [] if codes is None else [_said(_of(codes, row))]
        table.add_row(
            row["org_code"], f"{row['month']:%Y-%m}", f"{row['table']}.{row['column']}", AGAINST[row["against"]],
            f"{row['rows']:,}", f"{row['compared']:,}", f"{row['psi']:.2f}", f"{100 * row['variation']:.1f}%", *words,
        )  # fmt: skip
    if shown.height:
        answer.print(table)
    left = shown.height - limit
    if left > 0:
        answer.print(f"{left} more; --limit shows them. 另有 {left} 项，用 --limit 显示")
    moved = int(compared["moved"].sum())
    return answer.print(
        f"{moved} of {compared.height} comparisons moved: PSI above {PSI:g} and more than {100 * VARIATION:g}% of the "
        f"rows. A move is no error.\n{compared.height} 项比较中 {moved} 项偏移：PSI 大于 {PSI:g} 且超过 "
        f"{100 * VARIATION:g}% 的记录。偏移不等于错误。",
        soft_wrap=True,
    )


def _of(codes: "pl.DataFrame", row: "dict[str, object]") -> "pl.DataFrame":
    """The codes of one comparison, the ones that moved most first."""
    import polars as pl

    scope = ("org_code", "month", "table", "column", "against")
    return codes.filter(pl.all_horizontal(pl.col(name) == row[name] for name in scope))


def _said(codes: "pl.DataFrame") -> str:
    from rich.markup import escape

    return "\n".join(
        escape(f"{code or '(empty 空)'}: {100 * then:.0f}% → {100 * rows / of:.0f}%")
        for code, rows, of, then in codes.head(CODES).select("bin", "rows", "of", "share_then").iter_rows()
    )

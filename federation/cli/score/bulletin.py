"""`guantong score bulletin`: one month of all sites, as a page to print, a workbook, and JSON for other programs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.quality.league import Placed
    from federation.report.bulletin import Bulletin


def bulletin(
    month: Annotated[str, typer.Option("--month", help="Rows dated in this month, YYYY-MM. 月份")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the page, FILE.html. 网页")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write the tables, FILE.xlsx. 工作簿")] = None,
    dimension: Annotated[str, typer.Option(help="nhc, gbt or kahn. 维度体系")] = "nhc",
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """The month's bulletin over all sites: delivered, league, failures, what to mend.  质量通报"""
    from federation.cli.score.scope import month_named, scheme_of
    from federation.node.home import open_home
    from federation.report.bulletin_paper import paper
    from federation.report.gather_bulletin import gather_bulletin, title
    from federation.report.paper import html, sheets
    from federation.report.sheets import workbook
    from federation.report.written import write

    found = gather_bulletin(open_home(home), month_named(month), scheme_of(dimension))
    made = paper(found)
    written = []
    if out is not None:
        written.append(write(out, html(made).encode()))
    if xlsx is not None:
        written.append(write(xlsx, workbook(sheets(made), title(found.month))))
    if as_json:
        return show_json(document(found) | {"files": [str(each) for each in written]})
    _show(found)
    for each in written:
        answer.print(f"Written to 已写入 {each}", markup=False, soft_wrap=True)
    if not written:
        answer.print(
            "--out FILE.html writes the page, --xlsx FILE.xlsx its tables.  用 --out 生成网页，--xlsx 生成工作簿。"
        )
    return None


def document(found: "Bulletin") -> dict[str, Any]:
    """The bulletin for other programs; what is too small to tell is None with `small` true."""
    by = found.terms
    return {
        "month": found.month.strftime("%Y-%m"),
        "scheme": found.scheme,
        "standard": by.standard.version,
        "library": {"checks": by.checks, "digest": by.digest},
        "day": by.day,
        "sites": [
            {"site": each.site, "name": each.name.en, "name_zh": each.name.zh, "tier": each.tier}
            for each in found.sites
        ],
        "delivered": found.delivered.to_dicts(),
        "arrived": found.arrived.to_dicts(),
        "league": [_placed(each, found) for each in found.league],
        "scores": found.scores.to_dicts(),
        "kinds": found.kinds.to_dicts(),
        "trend": found.months.to_dicts(),
        "failures": found.failures.to_dicts(),
        "mandated": found.mandated.to_dicts(),
    }


def _placed(one: "Placed", found: "Bulletin") -> dict[str, Any]:
    small = one.org_code in found.few
    raw = None if small else one.raw
    return {
        "site": one.org_code,
        "tier": one.group,
        "small": small,
        "score": raw.value if raw else None,
        "score_low": raw.interval.low if raw else None,
        "score_high": raw.interval.high if raw else None,
        "level": found.terms.standard.level(raw.value).id if raw else None,
        "adjusted": None if small else one.adjusted,
        "place_best": None if small else one.best,
        "place_worst": None if small else one.worst,
        "change": None if small else one.change,
        "change_sure": one.sure and not small,
        "above": [str(each) for each in one.above],
        "below": [str(each) for each in one.below],
        "peers": one.peers,
    }


def _show(found: "Bulletin") -> None:
    """The league on the terminal."""
    from federation.cli.score.cards import table_of
    from federation.report.both import Both
    from federation.report.pictures import delivered, places

    table = table_of(
        "tier\n级别", "site\n机构", "place\n名次", "level\n等级", "among peers\n同级比较", "change\n较上月",
        "score\n得分", "95 %\n区间", "adjusted\n调整后",
    )  # fmt: skip
    for one in found.league:
        _, place, level, among, moved, score, low, high, adjusted = places.row(one, found)
        cells = (place, level, among, moved, score)
        ends = "" if low is None else f"{low:.2f}-{high:.2f}"
        table.add_row(one.group, one.org_code, *(_said(each) for each in cells), ends, _said(adjusted))
    answer.print(table)
    reading: Both = delivered.part(found).reading
    answer.print(f"{reading.zh}\n{reading.en}", markup=False, soft_wrap=True)


def _said(cell: object) -> str:
    from federation.report.both import Both

    if isinstance(cell, Both):
        return cell.en if cell.en == cell.zh else f"{cell.en} {cell.zh}"
    if isinstance(cell, float):
        return f"{cell:.2f}"
    return "" if cell is None else str(cell)

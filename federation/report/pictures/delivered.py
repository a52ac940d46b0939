"""Who delivered what, and by when? Rows of the month by site and table; what is missing stands out, what never was not.

A count too small to tell is shown as such, never as its number.
"""

import polars as pl

from federation.report.both import LANGS, Both, count
from federation.report.bulletin import Bulletin, month_text, months_before
from federation.report.drawing import EMPTY, SOFT
from federation.report.paper import Part, Titled
from federation.report.pictures import owed
from federation.report.pictures.grid import Cell, grid
from federation.report.pictures.picture import Cell as Value
from federation.report.pictures.picture import Twin
from federation.report.pictures.rows import Site, tier_name
from federation.report.small import FEW, FEWER
from schemas.tables import TABLES

CAME, LESS, MISSING, NEVER = "#cfe3f3", "#fde3a7", "#f4b6a6", EMPTY
SAYS_MISSING, SAYS_NEVER = Both("缺报", "missing"), Both("从未报送", "never sent")
LEGEND = (
    (CAME, Both("已报", "delivered")),
    (LESS, Both("不足平常一半", "under half the usual")),
    (MISSING, Both("本月缺报", "missing this month")),
    (NEVER, SAYS_NEVER),
)
LATE = Both("最近到达", "last arrival")


def part(bulletin: Bulletin) -> Part:
    """The chapter."""
    ever = bulletin.delivered.filter(pl.col("ever") | pl.col("small") | (pl.col("rows") > 0))
    tables = [name for name in TABLES if name in set(ever["table"])]
    cells = {(row["site"], row["table"]): row for row in bulletin.delivered.iter_rows(named=True)}
    days = dict(bulletin.arrived.select("site", "last").iter_rows())
    columns = [*(Both(TABLES[name].zh, name) for name in tables), LATE]

    def cell(site: Site, place: int) -> Cell:
        if place == len(tables):
            return _day(days.get(site.site), bulletin)
        return _cell(cells.get((site.site, tables[place])))

    about = Both("各机构报送情况", "What each site delivered")
    return Part(
        "delivered",
        Both("一、报送情况", "1. Delivered"),
        Both(
            f"发生在{month_text(bulletin.month).zh}的记录，各机构报来多少行，最近一批何日到达？",
            f"How many rows dated {month_text(bulletin.month).en} came of each site, and when the last of them?",
        ),
        _reading(bulletin) + owed.reading(bulletin),
        {lang: grid(bulletin.sites, columns, cell, lang, about, LEGEND) for lang in LANGS},
        [*owed.tables(bulletin), Titled(_twin(bulletin, tables, cells), Both("报送情况", "Delivered"), is_open=False)],
    )


def _cell(row: dict[str, object] | None) -> Cell:
    if row is None or not (row["ever"] or row["small"] or row["rows"]):
        return Cell("", NEVER, SAYS_NEVER, SOFT, dashed=True)
    if row["small"]:
        return Cell(FEW.zh, CAME, Both(f"1 至 {FEWER} 行", f"1 to {FEWER} rows"))
    rows = int(str(row["rows"]))
    if not rows:
        return Cell("0", MISSING, SAYS_MISSING)
    usual = row["usual"]
    less = usual is not None and rows < float(str(usual)) / 2
    tip = Both(f"{count(rows)} 行", f"{count(rows)} rows")
    if less:
        tip += Both(f"，前三月中位 {count(int(float(str(usual))))} 行", f"(usually {count(int(float(str(usual))))})")
    return Cell(short(rows), LESS if less else CAME, tip)


def short(number: int) -> str:
    """`1234567` -> `1.23M`: three figures, cut and not rounded, so that nothing reads as more than it is."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**5, "k")):
        if number >= size:
            scale = size if unit != "k" else 1000
            whole = number / scale
            places = 2 if whole < 10 else 1 if whole < 100 else 0
            return f"{int(whole * 10**places) / 10**places:.{places}f}{unit}"
    return count(number)


def _day(last: object, bulletin: Bulletin) -> Cell:
    if last is None:
        return Cell("–", NEVER, Both("本月无数据到达", "nothing of the month came"), SOFT, dashed=True)
    end = months_before(bulletin.month, -1)
    after = (last - end).days + 1  # type: ignore[operator]
    said = (
        Both(f"月末后第 {after} 日", f"day {after} after the month's end") if after > 0 else Both("月内", "within it")
    )
    return Cell(str(last), "#ffffff", said)


def _reading(bulletin: Bulletin) -> Both:
    here = {site.site for site in bulletin.here}
    away = [site for site in bulletin.sites if site.site not in here]
    months = month_text(bulletin.month)
    says = Both(
        f"{len(bulletin.sites)} 家机构中 {len(here)} 家报送了{months.zh}的数据。",
        f"{len(here)} of {len(bulletin.sites)} sites delivered rows of {months.en}.",
    )
    if away:
        named, more = away[:8], len(away) - 8
        rest = Both(f"等 {len(away)} 家", f" and {more} more") if more > 0 else Both("", "")
        says += Both(
            f"未报送：{'、'.join(site.name.zh for site in named)}{rest.zh}。",
            f"Nothing came of {', '.join(site.name.en for site in named)}{rest.en}.",
        )
    gaps = bulletin.delivered.filter(pl.col("ever") & (pl.col("rows") == 0) & pl.col("site").is_in(list(here)))
    if gaps.height:
        says += Both(
            f"已报送机构中另有 {gaps.height} 张表本月缺报。",
            f"Of sites that delivered, {gaps.height} tables are missing this month.",
        )
    return says


def _twin(bulletin: Bulletin, tables: list[str], cells: dict[tuple[str, str], dict[str, object]]) -> Twin:
    heads = [
        Both("机构", "Site"),
        Both("级别", "Tier"),
        Both("首批到达", "First arrival"),
        Both("最近到达", "Last arrival"),
        Both("批次", "Batches"),
        *(Both(TABLES[name].zh, name) for name in tables),
    ]
    came = {row["site"]: row for row in bulletin.arrived.iter_rows(named=True)}
    rows: list[tuple[Value, ...]] = []
    for site in bulletin.sites:
        when = came.get(site.site)
        days = (str(when["first"]), str(when["last"]), when["batches"]) if when else (None, None, 0)
        rows.append(
            (site.name, tier_name(site.tier), *days, *(_value(cells.get((site.site, name))) for name in tables))
        )
    return Twin(heads, rows, right=len(tables) + 1)


def _value(row: dict[str, object] | None) -> Value:
    if row is None or not (row["ever"] or row["small"] or row["rows"]):
        return SAYS_NEVER
    return FEW if row["small"] else int(str(row["rows"]))

"""What fails most, and what is each site to mend? The commonest failures, and a draft of the rectification list.

Counts too small to tell are left out of every sum, so that no subtraction brings them back.
"""

import polars as pl

from federation.quality.score import points
from federation.report.both import LANGS, Both, Lang, count, rate
from federation.report.bulletin import Bulletin
from federation.report.drawing import Drawing
from federation.report.paper import Part, Titled
from federation.report.pictures.bars import Bar, Group, bars
from federation.report.pictures.dots import HUE
from federation.report.pictures.picture import Cell, Twin
from federation.report.small import FEW, SAYS, asked_of, failed_of
from schemas.tables import TABLES

COMMONEST = 12  # checks drawn
EACH, MANY, EACH_OF_MANY = 5, 20, 2  # findings of a site on the page, fewer where sites are many; the workbook has all
UNDATED = Both("不分月", "no month")
SEVERITY = {"error": Both("错误", "error"), "warn": Both("警告", "warning")}


def part(bulletin: Bulletin) -> Part:
    """The chapter on the commonest failures."""
    found = _commonest(bulletin)
    return Part(
        "failing",
        Both("六、共性问题", "6. The commonest failures"),
        Both(
            "按涉及机构数排列；条形为已显示机构中不合格的占比。",
            "By the number of sites; a bar is the share that failed at the sites that may be told.",
        ),
        _reading(found),
        {lang: _draw(found, lang) for lang in LANGS},
        [
            Titled(
                _common_twin(found.head(COMMONEST)), Both("共性问题", "Commonest failures"), whole=_common_twin(found)
            )
        ],
    )


def orders(bulletin: Bulletin) -> Part:
    """The chapter with the draft of the rectification list."""
    known = bulletin.failures
    each = EACH if len(bulletin.sites) <= MANY else EACH_OF_MANY
    first = known.group_by("site", maintain_order=True).head(each)
    more = known.height - first.height
    says = Both(
        f"共 {count(known.height)} 项，涉及 {known['site'].n_unique()} 家机构。时限与责任人由下达单位填写。",
        f"{count(known.height)} findings at {known['site'].n_unique()} sites. "
        "Who issues it fills in the deadline and who is responsible.",
    )
    if more > 0:
        says += Both(
            f"本页每家列前 {each} 项（按失分排列），其余 {count(more)} 项见工作簿。",
            f"The page lists the first {each} of each site (by the points they cost); "
            f"{count(more)} more are in the workbook.",
        )
    if known.is_empty():
        says = Both("本月无须整改的问题，或尚无数据。", "Nothing to mend this month, or nothing came.")
    return Part(
        "orders",
        Both("七、整改清单（草稿）", "7. Rectification list (draft)"),
        Both("督办用：机构、规则、行数、办法；时限留空。", "Site, check, rows, what to do; the deadline is blank."),
        says,
        None,
        [
            Titled(
                _orders_twin(bulletin, first),
                Both("整改清单", "Rectification list"),
                whole=_orders_twin(bulletin, known),
            )
        ],
    )


def _commonest(bulletin: Bulletin) -> pl.DataFrame:
    """A row for each failing check: its sites, those of them too small to tell, and the sums over the others."""
    words = pl.col("en", "zh", "fix", "fix_zh", "severity", "table").first()
    return (
        bulletin.failures.group_by("check")
        .agg(words, pl.col("site").n_unique().alias("sites"), pl.col("small").sum().alias("hidden"),
             pl.col("asked", "failed").filter(pl.col("small").not_()).sum())
        .sort("sites", "failed", "check", descending=[True, True, False])
    )  # fmt: skip


def _draw(found: pl.DataFrame, lang: Lang) -> list[Drawing]:
    shown = found.head(COMMONEST)
    if shown.is_empty():
        return []
    about = Both("最常见的不合格规则", "The commonest failures").of(lang)
    drawn = [_bar(row, lang) for row in shown.iter_rows(named=True)]
    return [bars([Group("", tuple(drawn))], about, left=560, right=250, full=1.0)]


def _bar(row: dict[str, object], lang: Lang) -> Bar:
    asked, failed = int(str(row["asked"])), int(str(row["failed"]))
    table = str(row["table"])
    label = Both(f"{TABLES[table].zh} · {row['zh']}", f"{table} · {row['en']}").of(lang)
    sites = Both(f"{row['sites']} 家", f"{row['sites']} sites").of(lang)
    if not asked:
        return Bar(label, (), f"{sites} · {FEW.zh}")
    note = f"{sites} · {rate(failed, asked)} ({count(failed)})"
    return Bar(label, ((failed / asked, HUE, f"{label}: {note}"),), note)


def _reading(found: pl.DataFrame) -> Both:
    if found.is_empty():
        return Both("没有不合格的规则，或尚无评分。", "No check failed, or nothing has been scored.")
    first = found.row(0, named=True)
    says = Both(
        f"{found.height} 项规则有不合格；最普遍：{str(first['zh']).rstrip('。')}（{first['sites']} 家）。",
        f"{found.height} checks failed; the commonest: {str(first['en']).rstrip('.')} ({first['sites']} sites).",
    )
    return says + SAYS if found["hidden"].sum() else says


def _common_twin(found: pl.DataFrame) -> Twin:
    heads = (
        Both("规则", "Check"),
        Both("编号", "Id"),
        Both("怎么办", "What to do"),
        Both("机构数", "Sites"),
        Both("其中不显示", "of them too few"),
        Both("不合格行数", "Rows failed"),
        Both("应查行数", "Rows asked"),
        Both("不合格率", "Share"),
    )
    rows = [
        (
            Both(row["zh"], row["en"]), row["check"], Both(row["fix_zh"], row["fix"]), row["sites"], row["hidden"],
            *((row["failed"], row["asked"], rate(row["failed"], row["asked"])) if row["asked"] else (FEW, FEW, FEW)),
        )
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    return Twin(heads, rows, right=5)


def _orders_twin(bulletin: Bulletin, rows: pl.DataFrame) -> Twin:
    heads = (
        Both("序号", "No."),
        Both("机构", "Site"),
        Both("规则", "Check"),
        Both("编号", "Id"),
        Both("程度", "Severity"),
        Both("怎么办", "What to do"),
        Both("不合格/应查", "Failed of asked"),
        Both("失分", "Points"),
        Both("责任人", "Responsible"),
        Both("整改时限", "Deadline"),
    )
    made = [_order(number, row, bulletin) for number, row in enumerate(rows.iter_rows(named=True), 1)]
    return Twin(heads, made)


def _order(number: int, row: dict[str, object], bulletin: Bulletin) -> tuple[Cell, ...]:
    failed, asked = (each.zh if isinstance(each, Both) else count(each) for each in (failed_of(row), asked_of(row)))
    cost = row["cost"]
    lost: Cell = UNDATED if not row["dated"] else None if cost is None else points(float(str(cost)))
    return (
        number,
        bulletin.names[str(row["site"])],
        Both(str(row["zh"]), str(row["en"])),
        str(row["check"]),
        SEVERITY.get(str(row["severity"]), str(row["severity"])),
        Both(str(row["fix_zh"]), str(row["fix"])),
        f"{failed} / {asked}",
        lost,
        "",
        "",
    )

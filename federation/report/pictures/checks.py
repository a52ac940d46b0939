"""What should each site mend first? Its checks with the most failures, and what to do about them."""

import polars as pl

from federation.report.both import Both, Lang, count, rate
from federation.report.drawing import Drawing
from federation.report.facts import Facts
from federation.report.pictures.bars import Bar, Group, bars
from federation.report.pictures.picture import Picture, Twin
from federation.report.pictures.rows import names, sites

SHOWN = 3  # checks of a site; `guantong score` lists all
HUE = "#0072b2"


def _of(facts: Facts, site: str) -> pl.DataFrame:
    failing = facts.checks.filter((pl.col("site") == site) & (pl.col("failed") > 0) & (pl.col("asked") > 0))
    return failing.sort("failed", "check", descending=[True, False])


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """The share that failed, for the checks with most failures; None where nothing failed."""
    groups = [_group(facts, site.site, site.name.of(lang), lang) for site in sites(facts)]
    about = Both("各机构不合格最多的规则", "Checks with most failures at each site").of(lang)
    if not any(group.bars for group in groups):
        return None
    return bars([group for group in groups if group.bars], about, left=600, right=190, beside=True)


def _group(facts: Facts, site: str, heading: str, lang: Lang) -> Group:
    def bar(row: dict[str, object]) -> Bar:
        asked, failed = int(str(row["asked"])), int(str(row["failed"]))
        label = Both(str(row["zh"]), str(row["en"])).of(lang)
        note = f"{rate(failed, asked)} ({count(failed)} / {count(asked)})"
        return Bar(label, ((failed / asked, HUE, f"{label}: {note}"),), note)

    return Group(heading, tuple(map(bar, _of(facts, site).head(SHOWN).iter_rows(named=True))))


def reading(facts: Facts) -> Both:
    """Which check fails at most sites."""
    failing = facts.checks.filter(pl.col("failed") > 0)
    if failing.is_empty():
        return Both("没有不合格的规则，或尚无评分。", "No check failed, or nothing has been scored.")
    widest = (
        failing.group_by("check")
        .agg(pl.col("site").n_unique().alias("sites"), pl.col("failed").sum(), pl.col("en", "zh").first())
        .sort("sites", "failed", "check", descending=[True, True, False])
        .row(0, named=True)
    )
    zh, en = str(widest["zh"]).rstrip("。"), str(widest["en"]).rstrip(".")
    return Both(
        f"涉及机构最多的规则：{zh}（{widest['sites']} 个机构，{count(widest['failed'])} 项）。",
        f"The check that fails at most sites: {en} ({widest['sites']} sites, {count(widest['failed'])} failures).",
    )


def twin(facts: Facts) -> Twin:
    """The checks with most failures at each site, and what to do about each."""
    heads = (
        Both("机构", "Site"),
        Both("规则", "Check"),
        Both("编号", "Id"),
        Both("怎么办", "What to do"),
        Both("检查数", "Asked"),
        Both("不合格", "Failed"),
        Both("不合格率", "Share"),
    )
    known = names(facts)
    rows = [
        (
            known[site.site],
            Both(row["zh"], row["en"]),
            row["check"],
            Both(row["fix_zh"], row["fix"]),
            row["asked"],
            row["failed"],
            rate(row["failed"], row["asked"]),
        )
        for site in sites(facts)
        for row in _of(facts, site.site).head(SHOWN).iter_rows(named=True)
    ]
    return Twin(heads, rows, right=3)


PICTURE = Picture(
    name="checks",
    title=Both("先改什么", "What to mend first"),
    question=Both("每个机构不合格最多的规则。", "The checks with most failures at each site."),
    draw=draw,
    reading=reading,
    twin=twin,
)

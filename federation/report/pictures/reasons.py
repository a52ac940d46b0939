"""Why did records and values not conform? The most frequent reasons of each tier."""

import polars as pl

from federation.report.both import Both, Lang, count
from federation.report.drawing import Drawing
from federation.report.facts import TIERS, Facts
from federation.report.pictures.bars import Bar, Group, bars
from federation.report.pictures.picture import Picture, Twin
from federation.report.pictures.rows import tier_name

SHOWN = 6  # reasons drawn for a tier; the table has all
HUES = {True: "#d55e00", False: "#56b4e9"}
SAYS = {True: Both("整条退回", "whole record"), False: Both("仅清空该值", "one value emptied")}


def _tiers(facts: Facts) -> list[str]:
    order = list(TIERS)
    given = facts.reasons["tier"].unique().to_list()
    return sorted(given, key=lambda tier: (order.index(tier) if tier in order else len(order), tier))


def _of(facts: Facts, tier: str) -> pl.DataFrame:
    found = facts.reasons.filter((pl.col("tier") == tier) & (pl.col("count") > 0))
    return found.sort("count", "reason", descending=[True, False])


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """Bars for each tier; None where nothing was rejected."""
    groups = [_group(facts, tier, lang) for tier in _tiers(facts)]
    about = Both("各层级退回原因", "Reasons of rejection by tier").of(lang)
    full = [group for group in groups if group.bars]
    return bars(full, about, left=440) if full else None


def _group(facts: Facts, tier: str, lang: Lang) -> Group:
    def bar(row: dict[str, object]) -> Bar:
        number, whole = int(str(row["count"])), bool(row["whole"])
        label = Both(str(row["zh"]), str(row["en"])).of(lang)
        note = f"{count(number)} · {SAYS[whole].of(lang)}"
        return Bar(label, ((number, HUES[whole], f"{label}: {note}"),), note)

    return Group(tier_name(tier).of(lang), tuple(map(bar, _of(facts, tier).head(SHOWN).iter_rows(named=True))))


def reading(facts: Facts) -> Both:
    """How many whole records and how many values, and the most frequent reason."""
    found = facts.reasons.filter(pl.col("count") > 0)
    if found.is_empty():
        return Both("没有退回。", "Nothing was rejected.")
    whole = int(found.filter(pl.col("whole"))["count"].sum())
    values = int(found["count"].sum()) - whole
    first = (
        found.group_by("reason")
        .agg(pl.col("count").sum(), pl.col("en", "zh").first())
        .sort("count", "reason", descending=[True, False])
        .row(0, named=True)
    )
    return Both(
        f"整条退回 {count(whole)} 条，清空单个值 {count(values)} 个；"
        f"最常见：{first['zh']}（{count(first['count'])}）。",
        f"{count(whole)} records were rejected whole and {count(values)} single values emptied; "
        f"most often: {str(first['en']).rstrip('.')} ({count(first['count'])}).",
    )


def twin(facts: Facts) -> Twin:
    """Every reason of every tier."""
    heads = (
        Both("层级", "Tier"),
        Both("原因", "Reason"),
        Both("代码", "Code"),
        Both("范围", "What"),
        Both("次数", "Count"),
    )
    rows = [
        (tier_name(tier), Both(row["zh"], row["en"]), row["reason"], SAYS[row["whole"]], row["count"])
        for tier in _tiers(facts)
        for row in _of(facts, tier).iter_rows(named=True)
    ]
    return Twin(heads, rows, right=1)


PICTURE = Picture(
    name="reasons",
    title=Both("退回原因", "Reasons of rejection"),
    question=Both("为什么退回？", "Why did it not conform?"),
    draw=draw,
    reading=reading,
    twin=twin,
)

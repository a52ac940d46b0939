"""Were the errors found that were put in? Only where the data was made up and a truth file says what is wrong."""

import polars as pl

from federation.report.both import Both, Lang, count, rate
from federation.report.drawing import Drawing
from federation.report.facts import TRUTH, Facts
from federation.report.pictures.bars import Bar, Group, bars
from federation.report.pictures.picture import Picture, Twin

FOUND, MISSED = "#009e73", "#e69f00"
SAYS = {"found": Both("找到", "found"), "missed": Both("漏掉", "missed")}


def _classes(facts: Facts) -> pl.DataFrame:
    known = facts.truth if facts.truth is not None else pl.DataFrame(schema=TRUTH)
    return known.filter(pl.col("injected") > 0).sort("injected", "class", descending=[True, False])


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """A bar for each class of error: found, then missed; the share found behind it."""
    classes = _classes(facts)
    if classes.is_empty():
        return None

    def bar(row: dict[str, object]) -> Bar:
        injected, found = int(str(row["injected"])), int(str(row["found"]))
        label = Both(str(row["zh"]), str(row["class"])).of(lang)
        parts = (
            (found / injected, FOUND, f"{label} · {SAYS['found'].of(lang)}: {count(found)}"),
            ((injected - found) / injected, MISSED, f"{label} · {SAYS['missed'].of(lang)}: {count(injected - found)}"),
        )
        return Bar(label, parts, f"{count(found)} / {count(injected)} ({rate(found, injected)})")

    heading = Both("绿：找到；橙：漏掉", "Green: found; orange: missed").of(lang)
    about = Both("注入错误的检出", "Injected errors found and missed").of(lang)
    return bars([Group(heading, tuple(map(bar, classes.iter_rows(named=True))))], about, left=330, full=1.0)


def reading(facts: Facts) -> Both:
    """How many were found, and which class escapes most."""
    classes = _classes(facts)
    if classes.is_empty():
        return Both("没有真值文件。", "There is no truth file.")
    injected, found = int(classes["injected"].sum()), int(classes["found"].sum())
    says = Both(
        f"注入 {count(injected)} 处错误（{classes.height} 类），找到 {count(found)} 处（{rate(found, injected)}）。",
        f"Of {count(injected)} injected errors in {classes.height} classes {count(found)} were found "
        f"({rate(found, injected)}).",
    )
    missed = classes.filter(pl.col("found") < pl.col("injected"))
    if missed.is_empty():
        return says + Both("无遗漏。", "None was missed.")
    worst = missed.sort(pl.col("found") / pl.col("injected"), "class").row(0, named=True)
    return says + Both(
        f"最易漏掉：{worst['zh']}（{rate(worst['found'], worst['injected']) or '0'}）。",
        f"Most easily missed: {worst['class']} ({rate(worst['found'], worst['injected'])} found).",
    )


def twin(facts: Facts) -> Twin:
    """Every class with what found it."""
    heads = (
        Both("类别", "Class"),
        Both("由谁发现", "Found by"),
        Both("注入", "Injected"),
        Both("找到", "Found"),
        Both("漏掉", "Missed"),
    )
    rows = [
        (Both(row["zh"], row["class"]), row["how"], row["injected"], row["found"], row["injected"] - row["found"])
        for row in _classes(facts).iter_rows(named=True)
    ]
    return Twin(heads, rows, right=3)


PICTURE = Picture(
    name="truth",
    title=Both("注入错误的检出", "Injected errors, found and missed"),
    question=Both(
        "示范城市的错误是故意放入的：找到了多少？",
        "The demo city's errors were put in on purpose: how many were found?",
    ),
    draw=draw,
    reading=reading,
    twin=twin,
    shown=lambda facts: facts.truth is not None,
)

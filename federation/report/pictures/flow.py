"""Where did the records go? Bands from each site to accepted, duplicate or rejected, and on into the pool.

Widths add up: all that leaves a site on the left arrives on the right.
"""

import polars as pl

from federation.report.both import Both, Lang, count, cut, rate
from federation.report.drawing import INK, SOFT, Box, Drawing, Ribbon, Words
from federation.report.facts import TIERS, Facts
from federation.report.pictures.picture import Picture, Twin
from federation.report.pictures.rows import HEADING, LEFT, sites, tier_name

WIDTH, TOP, BAR = 1000, 34, 12
MIDDLE, RIGHT = 590, 810  # left edges of the second and third column of bars
TALL = 300  # pixels that stand for all records read
PITCH = 20  # least distance between two sites, so that their names stay apart
SPACE = 46  # between two bars of a column
THINNEST = 0.8

# Okabe and Ito's palette, told apart without seeing red or green.
HUES = {
    "accepted": "#0072b2",
    "duplicate": "#8a8f98",
    "rejected": "#d55e00",
    "pooled": "#009e73",
    "withheld": "#e69f00",
}
SAYS = {
    "read": Both("读入", "read"),
    "accepted": Both("接收", "accepted"),
    "duplicate": Both("重复", "duplicate"),
    "rejected": Both("退回", "rejected"),
    "pooled": Both("入池", "pooled"),
    "withheld": Both("留在机构", "withheld"),
}
OUTCOMES = ("accepted", "duplicate", "rejected")
FATES = ("pooled", "withheld")


def draw(facts: Facts, lang: Lang) -> Drawing | None:
    """The bands; None where nothing was read."""
    read = facts.total("read")
    if not read:
        return None
    scale = TALL / read
    boxes, words, starts = _left(facts, lang, scale)
    tops = _stack([facts.total(name) * scale for name in OUTCOMES], TOP + HEADING)
    ribbons = _out(facts, lang, scale, starts, dict(zip(OUTCOMES, tops, strict=True)))
    for name, top in zip(OUTCOMES, tops, strict=True):
        boxes.append(Box(MIDDLE, top, BAR, _thick(facts.total(name) * scale), HUES[name], _says(facts, name, lang)))
    words += _middle_words(facts, lang, scale, tops)
    more = _right(facts, lang, scale, tops[0])
    bottom = max(max(box.y + box.height for box in boxes) + 30, TOP + 360)
    heads = [
        Words(LEFT, 12, Both("机构（条记录）", "Site (records)").of(lang), size=12, fill=SOFT),
        Words(MIDDLE, 12, Both("结果（条记录）", "Outcome (records)").of(lang), size=12, fill=SOFT),
        Words(RIGHT, 12, Both("去向（共享表的行）", "Destination (rows)").of(lang), size=12, fill=SOFT),
    ]
    about = Both("记录流向图", "Flow of records from sites to the pool").of(lang)
    return Drawing(
        WIDTH, bottom, [*boxes, *more.boxes], [*ribbons, *more.ribbons], [*words, *more.words, *heads], about
    )


def _thick(pixels: float) -> float:
    return max(pixels, THINNEST) if pixels > 0 else 0


def _stack(heights: list[float], top: float) -> list[float]:
    tops = []
    for tall in heights:
        tops.append(top)
        top += tall + SPACE
    return tops


def _says(facts: Facts, name: str, lang: Lang) -> str:
    return f"{SAYS[name].of(lang)} {count(facts.total(name))}"


def _left(facts: Facts, lang: Lang, scale: float) -> tuple[list[Box], list[Words], dict[str, float]]:
    """Bars and names of the sites, and where each site's bar starts."""
    reads = dict(facts.flow.select("site", "read").iter_rows())
    boxes, words, starts, y, tier = [], [], {}, float(TOP), None
    for site in sites(facts):
        if site.tier != tier:
            tier = site.tier
            words.append(Words(0, y + HEADING / 2, tier_name(tier).of(lang), fill=SOFT, size=12, bold=True))
            y += HEADING
        tall = reads[site.site] * scale
        row = max(tall + 6, PITCH)
        starts[site.site] = y + (row - tall) / 2
        name = f"{site.name.of(lang)} {count(reads[site.site])}"
        boxes.append(Box(LEFT + 50, starts[site.site], BAR, _thick(tall), INK, name))
        words.append(Words(LEFT - 10, y + row / 2, cut(site.name.of(lang), LEFT - 12, 12), "right", 12))
        words.append(Words(LEFT + 46, y + row / 2, count(reads[site.site]), "right", 11, SOFT))
        y += row
    return boxes, words, starts


def _out(facts: Facts, lang: Lang, scale: float, starts: dict[str, float], ends: dict[str, float]) -> list[Ribbon]:
    """A band for each site and outcome; bands leave and arrive side by side, in the order of the sites."""
    given = {row["site"]: row for row in facts.flow.iter_rows(named=True)}
    ribbons = []
    for site in sites(facts):
        for name in OUTCOMES:
            records = given[site.site][name]
            tall = records * scale
            if records:
                tip = f"{site.name.of(lang)} → {SAYS[name].of(lang)}: {count(records)}"
                ribbons.append(
                    Ribbon(LEFT + 50 + BAR, starts[site.site], MIDDLE, ends[name], _thick(tall), HUES[name], tip)
                )
            starts[site.site] += tall
            ends[name] += tall
    return ribbons


def _middle_words(facts: Facts, lang: Lang, scale: float, tops: list[float]) -> list[Words]:
    """What came of the records: above the bar where bands go on to the right, beside it where they end."""
    words = []
    for name, top in zip(OUTCOMES, tops, strict=True):
        total = facts.total(name)
        line = f"{_says(facts, name, lang)} ({rate(total, facts.total('read'))})"
        if name == "accepted":
            words.append(Words(MIDDLE, top - 11, line, bold=True, fill=HUES[name]))
        else:
            ink = "#a34700" if name == "rejected" else SOFT
            words.append(Words(MIDDLE + BAR + 8, top + total * scale / 2, line, bold=True, fill=ink))
    return words


def _right(facts: Facts, lang: Lang, scale: float, top: float) -> Drawing:
    """The accepted bar, split as its rows went: into the pool, or staying at the site."""
    rows = {name: facts.total(name) for name in FATES}
    both = sum(rows.values())
    if not both:
        return Drawing(0, 0)
    talls = [facts.total("accepted") * scale * rows[name] / both for name in FATES]
    starts = [top, top + talls[0]]
    ends = _stack(talls, top)
    boxes, ribbons, words = [], [], []
    for name, start, end, tall in zip(FATES, starts, ends, talls, strict=True):
        if rows[name]:
            tip = _says(facts, name, lang)
            ribbons.append(Ribbon(MIDDLE + BAR, start, RIGHT, end, _thick(tall), HUES[name], tip))
            boxes.append(Box(RIGHT, end, BAR, _thick(tall), HUES[name], tip))
            middle = end + max(tall / 2, 8)
            words.append(Words(RIGHT + BAR + 8, middle - 9, SAYS[name].of(lang), bold=True))
            words.append(Words(RIGHT + BAR + 8, middle + 9, f"{count(rows[name])} ({rate(rows[name], both)})", size=12))
    return Drawing(0, 0, boxes, ribbons, words)


def identity(facts: Facts) -> Both:
    """`read = accepted + rejected + duplicate` with the numbers, and whether it holds at every site."""
    read, accepted, rejected, duplicate = (
        count(facts.total(name)) for name in ("read", "accepted", "rejected", "duplicate")
    )
    if facts.balanced:
        zh, en = "，每个机构都对得上。", ", and it holds at every site."
    else:
        zh, en = "，对不上！请运行 guantong reconcile。", ", which does NOT add up. Run `guantong reconcile`."
    return Both(
        f"读入 {read} = 接收 {accepted} + 退回 {rejected} + 重复 {duplicate}{zh}",
        f"Read {read} = accepted {accepted} + rejected {rejected} + duplicate {duplicate}{en}",
    )


def reading(facts: Facts) -> Both:
    """The identity, and which tier had the largest share rejected."""
    if not facts.total("read"):
        return Both("尚未读入任何记录。", "No record has been read yet.")
    tiers = facts.flow.group_by("tier").agg(pl.col("read", "rejected").sum()).filter(pl.col("read") > 0)
    worst = tiers.sort(pl.col("rejected") / pl.col("read"), "tier", descending=True).row(0, named=True)
    if not worst["rejected"]:
        return identity(facts)
    name, share = TIERS.get(worst["tier"], Both(worst["tier"], worst["tier"])), rate(worst["rejected"], worst["read"])
    return identity(facts) + Both(
        f"退回比例最高的是{name.zh}：{share}。", f"The largest share rejected is that of {name.en.lower()}: {share}."
    )


def twin(facts: Facts) -> Twin:
    """A row for each site and the sum."""
    columns = ("read", "accepted", "rejected", "duplicate", "pooled", "withheld")
    units = {"pooled": Both("（行）", " (rows)"), "withheld": Both("（行）", " (rows)")}
    heads = [Both("机构", "Site"), Both("层级", "Tier")]
    for name in columns:
        unit = units.get(name, Both("", ""))
        heads.append(Both(SAYS[name].zh + unit.zh, SAYS[name].en.capitalize() + unit.en))
    given = {row["site"]: row for row in facts.flow.iter_rows(named=True)}
    rows: list[list[str | int | float | Both | None]] = [
        [site.name, tier_name(site.tier), *(given[site.site][name] for name in columns)] for site in sites(facts)
    ]
    if rows:
        rows.append([Both("合计", "Total"), "", *(facts.total(name) for name in columns)])
    return Twin(heads, rows, right=len(columns))


PICTURE = Picture(
    name="flow",
    title=Both("记录流向", "Flow of records"),
    question=Both("每条记录去了哪里？", "Where did every record go?"),
    draw=draw,
    reading=reading,
    twin=twin,
)

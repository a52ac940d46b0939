"""The page that one site gets: how good, compared with whom, since when, and what to mend first.

Its own counts are whole; it is for that site and nobody else.
"""

from federation.quality.score import level_text, points
from federation.report.both import LANGS, NO_EVIDENCE, Both, Lang, count, rate
from federation.report.bulletin import month_text
from federation.report.bulletin_paper import said_day, terms
from federation.report.drawing import Drawing
from federation.report.hints import HINTS
from federation.report.paper import Paper, Part, Titled
from federation.report.pictures.bars import Bar, Group, bars
from federation.report.pictures.dots import HUE, floor_of
from federation.report.pictures.failing import SEVERITY
from federation.report.pictures.grid import WIDTH
from federation.report.pictures.moving import GAP, HEAD, TALL, Chart, drawing
from federation.report.pictures.picture import Cell, Twin
from federation.report.pictures.rows import tier_name
from federation.report.pictures.standing import radar, strip
from federation.report.scores import plain
from federation.report.site_page import Dimension, SitePage
from schemas.tables import TABLES

ACROSS, SHOWN = 3, 12


def paper(page: SitePage) -> Paper:
    """The paper; equal pages give equal papers."""
    when = Both("全部月份", "all months") if page.month is None else month_text(page.month)
    name = page.site.name
    whole = page.whole.own
    ends = f"{points(whole.interval.low):.2f}-{points(whole.interval.high):.2f}" if whole else "–"
    level = level_text(whole, page.terms.standard) if whole else None
    return Paper(
        Both(f"{name.zh} 数据质量（{when.zh}）", f"Data quality of {name.en}, {when.en}"),
        Both("本页只供该机构使用，计数完整；没有任何患者的数据。", "For this site alone, with whole counts.")
        + said_day(page.terms),
        [_scores(page), _peers(page), _trend(page), _failing(page)],
        figures=[
            (Both("合计得分", "Score"), f"{points(whole.value):.2f}" if whole else NO_EVIDENCE.zh),
            (Both("95% 区间", "95 %"), ends),
            (Both("等级", "Level"), level[1] if level else "–"),
            (Both("级别", "Tier"), tier_name(page.site.tier).zh),
            (Both("不合格规则", "Checks that failed"), count(len(page.losses))),
        ],
        terms=terms(page.terms)[:2],
    )  # fmt: skip


def _scores(page: SitePage) -> Part:
    heads = (
        Both("维度", "Dimension"), Both("等级", "Level"), Both("得分", "Score"), Both("95% 下限", "95 % low"),
        Both("95% 上限", "95 % high"), Both("合格", "Right"), Both("应查", "Asked"), Both("合格率", "Rate"),
    )  # fmt: skip
    own = page.dimensions[1:]
    drawn = {lang: _made(radar(own, lang)) for lang in LANGS}
    known = [each for each in own if each.own]
    says = Both("尚无可评分的数据。", "Nothing can be scored yet.")
    if known:
        low = min(known, key=lambda each: each.own.value if each.own else 1.0)
        score = f"{points(low.own.value):.2f}" if low.own else ""
        says = Both(f"最低的维度：{low.name.zh}（{score}）。", f"Lowest dimension: {low.name.en} ({score}).")
    if not drawn["zh"] and known:
        says += Both("有得分的维度不足三个，不画雷达图。", "Fewer than three dimensions have a score: no radar.")
    return Part(
        "scores",
        Both("一、得分", "1. Scores"),
        Both(
            "蓝色为本机构，橙色虚线为同级中位；轴由下限至 100。",
            "Blue is the site, dashed orange the middle of its tier.",
        ),
        says,
        drawn if drawn["zh"] or not known else None,
        [Titled(Twin(heads, [_row(each, page) for each in page.dimensions], right=6))],
    )


def _made(drawing: Drawing | None) -> list[Drawing]:
    return [] if drawing is None else [drawing]


def _row(one: Dimension, page: SitePage) -> tuple[Cell, ...]:
    counts: tuple[Cell, ...] = (one.right, one.asked, rate(one.right, one.asked)) if one.asked else (None, None, None)
    if one.own is None:
        return (one.name, NO_EVIDENCE, None, None, None, *counts)
    en, zh = level_text(one.own, page.terms.standard)
    ends = one.own.interval
    return (one.name, Both(zh, en), points(one.own.value), points(ends.low), points(ends.high), *counts)


def _peers(page: SitePage) -> Part:
    fewest = page.terms.standard.peers.fewest
    drawn = {lang: _made(strip(page.dimensions, lang)) for lang in LANGS}
    number = max((len(each.others) for each in page.dimensions), default=0)
    says = (
        Both(f"同级 {number} 家有得分，不显示名称。", f"{number} peers have a score; they have no names here.")
        if number
        else Both(
            f"同级有得分的机构不足 {fewest} 家，不作比较。", f"Fewer than {fewest} peers have a score: no comparison."
        )
    )
    heads = (
        Both("维度", "Dimension"), Both("结论", "Standing"), Both("共同规则得分", "On the same checks"),
        Both("同级", "Peers there"), Both("差值", "Difference"), Both("调整后", "Adjusted"),
        Both("规则数", "Checks"), Both("同级数", "Peers"),
    )  # fmt: skip
    rows = [_compared(each) for each in page.dimensions if each.beside is not None]
    return Part(
        "peers",
        Both("二、与同级比较", "2. Among its peers"),
        Both(
            "蓝点为本机构及其95%区间，灰点为同级各家，橙线为其中位。",
            "Blue is the site on its interval, grey its peers, orange their middle.",
        ),
        says,
        drawn,
        [Titled(Twin(heads, rows, right=6))] if number else [],
    )  # fmt: skip


def _compared(one: Dimension) -> tuple[Cell, ...]:
    found = one.beside
    if found is None or found.own is None or found.expected is None:
        return (one.name, NO_EVIDENCE, None, None, None, None, None, None)
    gap = found.difference or 0.0
    return (
        one.name, Both(found.standing.zh, str(found.standing)), points(found.own.value), points(found.expected),
        f"{100 * gap:+.2f}", None if found.adjusted is None else points(found.adjusted), found.checks, found.peers,
    )  # fmt: skip


def _trend(page: SitePage) -> Part:
    drawn = {lang: _charts(page, lang) for lang in LANGS}
    heads = [Both("维度", "Dimension"), *(Both(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in page.months)]
    rows: list[tuple[Cell, ...]] = [
        (name, *(points(series[month]) if month in series else None for month in page.months))
        for name, series in page.trend.items()
    ]
    whole = [(month, page.whole_trend[month]) for month in page.months if month in page.whole_trend]
    says = Both("没有可画的月份。", "There is no month to draw.")
    if whole:
        low, score = min(whole, key=lambda each: each[1])
        says = Both(
            f"{len(whole)} 个月有得分，最低为 {low:%Y-%m} 的 {points(score):.2f}。",
            f"{len(whole)} months have a score; the lowest is {points(score):.2f} in {low:%Y-%m}.",
        )
    return Part(
        "trend",
        Both("三、趋势", "3. Month by month"),
        Both("按发生月份；无数据的月份不连线。", "By when things happened; a month without rows is a gap."),
        says,
        drawn,
        [Titled(Twin(heads, rows, right=len(page.months)), Both("逐月得分", "Month by month"), is_open=False)],
    )


def _charts(page: SitePage, lang: Lang) -> list[Drawing]:
    shown = [(name, series) for name, series in page.trend.items() if series]
    if not shown:
        return []
    floor = floor_of([score for _, series in shown for score in series.values()])
    wide = (WIDTH - GAP * (ACROSS - 1)) / ACROSS
    charts = []
    for place, (name, series) in enumerate(shown):
        x, y = (place % ACROSS) * (wide + GAP), (place // ACROSS) * (TALL + HEAD + GAP)
        chart = Chart(x, y, wide, TALL, floor, page.months)
        chart.draw(name.of(lang), dict(series), {}, lang)
        charts.append(chart)
    about = Both("逐月得分", "Scores month by month").of(lang)
    tall = -(-len(shown) // ACROSS) * (TALL + HEAD + GAP)
    return [drawing(charts, tall, about)]


def _failing(page: SitePage) -> Part:
    heads = (
        Both("规则", "Check"), Both("编号", "Id"), Both("程度", "Severity"), Both("怎么办", "What to do"),
        Both("不合格", "Failed"), Both("应查", "Asked"), Both("不合格率", "Share"), Both("失分", "Points"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for each in page.losses:
        check, one = each.finding.check, each.finding
        rows.append((
            Both(check.zh, plain(check.means)), check.id, SEVERITY.get(str(check.severity), str(check.severity)),
            HINTS[check.kind], one.failed, one.asked, rate(one.failed, one.asked), points(each.cost),
        ))  # fmt: skip
    cost = sum(each.cost for each in page.losses)
    says = (
        Both(
            f"{len(rows)} 项规则不合格，全部改正可得 {points(cost):.2f} 分。逐行清单：guantong score feedback。",
            f"{len(rows)} checks failed; mending all gains {points(cost):.2f} points. "
            "The rows: guantong score feedback.",
        )
        if rows
        else Both("没有不合格的规则，或尚无数据。", "No check failed, or nothing came.")
    )
    return Part(
        "failing",
        Both("四、先改什么", "4. What to mend first"),
        Both("按失分排列：改正后合计得分增加多少。", "By what they cost: the points that the total gains once mended."),
        says,
        {lang: _made(_bars(page, lang)) for lang in LANGS},
        [Titled(Twin(heads, rows, right=4))] if rows else [],
    )


def _bars(page: SitePage, lang: Lang) -> Drawing | None:
    dear = [each for each in page.losses[:SHOWN] if each.cost > 0]
    if not dear:
        return None

    def bar(place: int) -> Bar:
        one = dear[place]
        check = one.finding.check
        label = (
            f"{TABLES[check.table].zh if lang == 'zh' else check.table} · {Both(check.zh, plain(check.means)).of(lang)}"
        )
        note = f"{points(one.cost):.2f} · {rate(one.finding.failed, one.finding.asked)}"
        return Bar(label, ((one.cost, HUE, f"{label}: {note}"),), note)

    about = Both("失分最多的规则", "The checks that cost most").of(lang)
    return bars([Group("", tuple(bar(place) for place in range(len(dear))))], about, left=560, right=170)

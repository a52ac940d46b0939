"""Who stands where? A league table for each tier: the score as it is, adjusted to what the tier is asked, its move.

A place is given as the range that the interval allows; whoever sent too little has no place.
"""

from statistics import median

from federation.quality.kind import zh
from federation.quality.league import Placed
from federation.quality.score import level_text, points
from federation.report.both import NO_EVIDENCE, Both
from federation.report.bulletin import Bulletin
from federation.report.paper import Part, Titled
from federation.report.pictures.picture import Cell, Twin
from federation.report.pictures.rows import tier_name
from federation.report.small import FEW

HEADS = (
    Both("机构", "Site"),
    Both("名次", "Place"),
    Both("等级", "Level"),
    Both("同级比较", "Among its peers"),
    Both("较上月", "Change"),
    Both("得分", "Score"),
    Both("95% 下限", "95 % low"),
    Both("95% 上限", "95 % high"),
    Both("调整后", "Adjusted"),
)


def part(bulletin: Bulletin) -> Part:
    """The chapter: one table for each tier."""
    tables = [
        Titled(
            Twin(HEADS, [row(one, bulletin) for one in bulletin.league if one.group == tier], right=4), tier_name(tier)
        )
        for tier in bulletin.tiers
    ]
    return Part(
        "places",
        Both("二、分级排名", "2. League by tier"),
        Both(
            "同级比同级：各机构本月得分，按同级共同的规则调整，与上月相同的规则相比。",
            "Like with like: the month's score, adjusted to what the tier is asked, and moved against the month before "
            "on the checks asked in both.",
        ),
        _reading(bulletin),
        None,
        tables,
    )


def row(one: Placed, bulletin: Bulletin) -> tuple[Cell, ...]:
    """The cells of one site, as HEADS names them."""
    name = bulletin.names[one.org_code]
    if one.org_code in bulletin.few:
        return (name, FEW, FEW, None, None, None, None, None, None)
    if one.raw is None:
        return (name, NO_EVIDENCE, None, None, None, None, None, None, None)
    en, chinese = level_text(one.raw, bulletin.terms.standard)
    low, high = points(one.raw.interval.low), points(one.raw.interval.high)
    adjusted = None if one.adjusted is None else points(one.adjusted)
    return (
        name, place(one), Both(chinese, en), standing(one), change(one), points(one.raw.value), low, high, adjusted,
    )  # fmt: skip


def place(one: Placed) -> str | None:
    """`2`, or `1-4` where the interval allows all of these."""
    if one.best is None or one.worst is None:
        return None
    return str(one.best) if one.best == one.worst else f"{one.best}-{one.worst}"


def standing(one: Placed) -> Both:
    """In which dimensions the site stands out; without peers it says so."""
    if not one.peers:
        return Both("无可比机构", "no peers")
    says = [
        Both(f"{word.zh}：{'、'.join(zh(each) for each in which)}", f"{word.en}: {', '.join(which)}")
        for word, which in ((Both("低于", "below"), one.below), (Both("优于", "above"), one.above))
        if which
    ]
    if not says:
        return Both("相当", "among")
    return Both("；".join(each.zh for each in says), "; ".join(each.en for each in says))


def change(one: Placed) -> Both | None:
    """The move against the month before; one within its interval is no move."""
    if one.change is None:
        return None
    gap = f"{100 * one.change:+.2f}"
    if not one.sure:
        return Both(f"≈ {gap}", f"≈ {gap}")
    arrow = "▲" if one.change > 0 else "▼"
    return Both(f"{arrow} {gap}", f"{arrow} {gap}")


def _reading(bulletin: Bulletin) -> Both:
    says = Both("", "")
    for tier in bulletin.tiers:
        known = [one.raw.value for one in bulletin.league if one.group == tier and _shown(one, bulletin) and one.raw]
        if known:
            middle, name = f"{points(median(known)):.2f}", tier_name(tier)
            says += Both(
                f"{name.zh}中位 {middle} 分（{len(known)} 家）。", f"{name.en}: median {middle} ({len(known)} sites)."
            )
    fell = [one for one in bulletin.league if _shown(one, bulletin) and one.sure and (one.change or 0) < 0]
    if fell:
        says += Both(
            f"明显下降：{'、'.join(bulletin.names[one.org_code].zh for one in fell)}。",
            f"Clearly down: {', '.join(bulletin.names[one.org_code].en for one in fell)}.",
        )
    tail = Both(
        "名次为区间所及的范围；≈ 表示变化在误差之内。",
        "A place is the range its interval allows; ≈ is within the error.",
    )
    return (says if says.zh else NO_EVIDENCE + Both("。", ".")) + tail


def _shown(one: Placed, bulletin: Bulletin) -> bool:
    return one.raw is not None and one.org_code not in bulletin.few

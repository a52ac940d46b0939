"""The monthly bulletin (质量通报) as a paper: what came, who stands where, what fails, what is to be mended.

Chapters in the order in which a bureau reads them. It adds no number of its own.
"""

from federation.report.both import Both, count
from federation.report.bulletin import Bulletin, Terms, month_text
from federation.report.paper import Paper
from federation.report.pictures import delivered, dots, failing, kinds, moving, places
from federation.report.small import SAYS


def paper(bulletin: Bulletin) -> Paper:
    """The paper; equal bulletins give equal papers."""
    month, here = month_text(bulletin.month), len(bulletin.here)
    return Paper(
        Both(f"健康数据质量通报（{month.zh}）", f"Health data quality bulletin, {month.en}"),
        Both("只有计数与得分，没有任何患者的数据。", "Counts and scores only; nothing of any patient.")
        + said_day(bulletin.terms),
        [
            delivered.part(bulletin),
            places.part(bulletin),
            kinds.part(bulletin),
            dots.part(bulletin),
            moving.part(bulletin),
            failing.part(bulletin),
            failing.orders(bulletin),
        ],
        figures=[
            (Both("机构", "Sites"), count(len(bulletin.sites))),
            (Both("已报送", "Delivered"), count(here)),
            (Both("未报送", "Nothing came"), count(len(bulletin.sites) - here)),
            (
                Both("明显下降", "Clearly down"),
                count(sum(one.sure and (one.change or 0) < 0 for one in bulletin.league)),
            ),
            (Both("明显上升", "Clearly up"), count(sum(one.sure and (one.change or 0) > 0 for one in bulletin.league))),
            (Both("不合格规则", "Checks that failed"), count(bulletin.failures["check"].n_unique())),
            (Both("待整改项", "Findings to mend"), count(bulletin.failures.height)),
        ],
        notes=[SAYS],
        terms=terms(bulletin.terms),
    )


def said_day(by: Terms) -> Both:
    """Up to which day batches came."""
    if by.day is None:
        return Both("尚无数据到达。", "Nothing came yet.")
    return Both(f"数据截至 {by.day}。", f"Batches up to {by.day}.")


def terms(by: Terms) -> list[Both]:
    """The rules it was made by, and how to read its numbers."""
    levels = by.standard.levels
    return [
        Both(
            f"评分标准 {by.standard.version}；规则库 {by.checks} 条，指纹 {by.digest}；贯通 {by.program}。",
            f"Standard {by.standard.version}; library of {by.checks} checks, digest {by.digest}; "
            f"Guantong {by.program}.",
        ),
        Both(
            "等级：" + "，".join(f"{each.id} {each.zh} ≥ {100 * each.begins:g}" for each in levels) + "。",
            "Levels: " + ", ".join(f"{each.id} {each.en} from {100 * each.begins:g}" for each in levels) + ".",
        ),
        Both(
            "得分只计本月发生的记录；无日期的表（如患者基本信息）不分月，只列入整改清单。“无证据”不是满分。分数只舍不入。",
            "A score is of rows dated in the month; tables without a date (patients) are in no month and only in the "
            "rectification list. `No evidence` is not a full score. Points are cut, never rounded up.",
        ),
    ]

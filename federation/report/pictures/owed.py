"""What mandates asked of the month and what came: each site in sum, and what is late, absent or short, table by table.

A count too small to tell is shown as such; where nothing is asked there is nothing here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from federation.quality.due import State
from federation.quality.score import points
from federation.report.both import NO_EVIDENCE, Both, rate
from federation.report.bulletin import Bulletin
from federation.report.mandated import amiss, sums
from federation.report.paper import Titled
from federation.report.pictures.picture import Cell, Twin
from federation.report.small import FEW
from schemas.tables import TABLES

SHOWN = 40  # tasks on the page; the workbook has all
SUM_HEADS = (
    Both("任务", "Mandate"), Both("机构", "Site"), Both("截止", "Due"), Both("应报表", "Tables"),
    Both("按时", "In time"),
    Both("迟报", "Late"), Both("缺报", "Absent"), Both("偏少", "Short"), Both("未到期", "Not due yet"),
    Both("最迟天数", "Latest by days"), Both("得分", "Score"), Both("要求", "At least"),
)  # fmt: skip
TASK_HEADS = (
    Both("机构", "Site"), Both("表", "Table"), Both("结论", "Standing"), Both("截止", "Due"),
    Both("首批到达", "First arrival"), Both("报齐", "Complete"), Both("迟报天数", "Days late"),
    Both("按时条数", "Rows in time"), Both("条数", "Rows"), Both("按时率", "Share"), Both("平常", "Usual"),
)  # fmt: skip


def tables(bulletin: Bulletin) -> list[Titled]:
    """Two tables, or none where no mandate asks for the month."""
    if bulletin.mandated.is_empty():
        return []
    wrong = [_task(row, bulletin.names) for row in amiss(bulletin.mandated).iter_rows(named=True)]
    return [
        Titled(Twin(SUM_HEADS, list(_sums(bulletin)), right=9), Both("归集任务完成情况", "Asked, and what came")),
        Titled(
            Twin(TASK_HEADS, wrong[:SHOWN], right=5), Both("迟报、缺报与偏少", "Late, absent and short"),
            whole=Twin(TASK_HEADS, wrong, right=5),
        ),
    ]  # fmt: skip


def reading(bulletin: Bulletin) -> Both:
    """How many tasks are in time, of how many; nothing where none is asked."""
    if bulletin.mandated.is_empty():
        return Both("", "")
    number = {state: int((bulletin.mandated["state"] == state).sum()) for state in State}
    whole, due = bulletin.mandated.height, bulletin.mandated.height - number[State.OPEN]
    low = int(sums(bulletin.mandated)["below"].sum())
    says = Both(
        f"归集任务 {whole} 项，已到期 {due} 项：按时 {number[State.IN_TIME]}，迟报 {number[State.LATE]}，"
        f"缺报 {number[State.ABSENT]}。",
        f"{due} of {whole} tasks are due: {number[State.IN_TIME]} in time, {number[State.LATE]} late, "
        f"{number[State.ABSENT]} absent.",
    )
    return says + Both(f"{low} 家得分未达要求。", f"{low} sites score below what is asked.") if low else says


def _sums(bulletin: Bulletin) -> Iterator[tuple[Cell, ...]]:
    for row in sums(bulletin.mandated).iter_rows(named=True):
        score, least = row["score"], row["at_least"]
        said = NO_EVIDENCE if score is None else points(score)
        yield (
            row["mandate"], bulletin.names[row["org_code"]], str(row["due"]), row["tables"], row["in_time"],
            row["late"], row["absent"], row["short"], row["open"], row["days_late"],
            Both(f"{said} 未达", f"{said} below") if row["below"] else said, None if least is None else points(least),
        )  # fmt: skip


def _task(row: Mapping[str, Any], names: Mapping[str, Both]) -> tuple[Cell, ...]:
    state = State(row["state"])
    standing = Both(state.zh, str(state)) + (Both("、偏少", "short") if row["short"] else Both("", ""))
    rows: tuple[Cell, Cell, Cell] = (FEW, FEW, None)
    if not row["small"]:
        in_time = row["in_time"]
        rows = (
            FEW if in_time is None else in_time,
            row["rows"],
            None if in_time is None else rate(in_time, row["rows"]),
        )
    return (
        names[row["org_code"]], Both(TABLES[row["table"]].zh, row["table"]), standing, str(row["due"]),
        _day(row["first"]), _day(row["complete"]), row["days_late"], *rows,
        None if row["usual"] is None else round(row["usual"]),
    )  # fmt: skip


def _day(day: object) -> str | None:
    return None if day is None else str(day)

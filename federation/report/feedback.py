"""The sheets that go back to whoever enters and exports the data: what was checked, what to mend first, which rows.

Chinese first. Values only where the owner of the rows asks for them; it writes no file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

import polars as pl

from connectors.reason import REASONS
from federation.node.home import Home
from federation.node.lines import lines_of
from federation.node.rejects import rejects
from federation.quality.explain import MEANT, VALUES
from federation.quality.finding import percent
from federation.quality.kind import zh
from federation.quality.score import level_text, points, score
from federation.report.because import how_much, written
from federation.report.fixes import Fix, FixList
from federation.report.sheets import Cell, Sheet, is_live, said
from schemas.tables import TABLES

ROWS = 1000  # of one fix, if nothing else is asked for: more than a clerk mends before the next file comes
TOP = 10  # fixes that the summary names
BOM = "\ufeff"  # without it Excel and WPS take UTF-8 for the code page of the machine
PLACE = ["source_file", "source_position"]
HEADS = ("序号 no.", "文件 file", "行 line", "位置 position", "记录标识 record", "字段 column", "应满足 should hold",
         "处理办法 what to do", "可能原因 likely cause", "规则 check")  # fmt: skip
TO_MEND = ("序号 no.", "可得分 points", "维度 dimension", "条数 rows", "列出 listed", "应满足 should hold",
        "可能原因 likely cause", "写法等 how it looks", "处理办法 what to do", "可能由谁 who", "规则 check",
        "负责人 in charge", "整改期限 deadline", "完成情况 done")  # fmt: skip


@dataclass(frozen=True)
class Feedback:
    """The tables of one site; `left_out` counts failing rows that are not listed."""

    summary: Sheet
    todo: Sheet
    rows: Sheet
    refused: Sheet
    left_out: int

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """As they stand in the workbook."""
        return (self.summary, self.todo, self.rows, self.refused)


def feedback(home: Home, found: FixList, limit: int, values: bool) -> Feedback:
    """`limit` is the most rows listed of one fix. `values` shows the checked cells: only for the owner of the rows."""
    parts = [_rows_of(found, fix, limit, values) for fix in found.fixes]
    told = list(_listed(home, found, parts, values))
    failed = sum(fix.failed for fix in found.fixes)
    left = failed - len(told)
    note = (
        f"每项最多列出{limit:,}条；共{failed:,}条，列出{len(told):,}条，未列出{left:,}条。 "
        f"At most {limit:,} rows of each item: {len(told):,} of {failed:,} are here, {left:,} are not."
    )
    heads = HEADS + (("现值 value now", "或应为 likely meant") if values else ())
    return Feedback(
        Sheet("摘要", ("项目 item", "数值 value", "说明 note"), list(_summary(found)), _title(found)),
        Sheet("整改清单", TO_MEND, list(_todo(found, [each.height for each in parts])),
              "按可得分排序：全部改正后该维度得分（满分100）的提高。 By points that the dimension gains, of 100."),
        Sheet("不合格记录", heads, told, note),
        _refused(home, found.site),
        left,
    )  # fmt: skip


def csv_of(sheet: Sheet) -> bytes:
    """A sheet as CSV that Excel and WPS open as it is: BOM, cells in quotes, a `'` before what would be a formula."""
    out = StringIO()
    for row in (sheet.heads, *sheet.rows):
        out.write(",".join(_quoted(each) for each in row) + "\r\n")
    return (BOM + out.getvalue()).encode()


def _quoted(cell: Cell) -> str:
    text = "" if cell is None else said(str(cell)).replace("\x00", "\ufffd")
    guarded = f"'{text}" if isinstance(cell, str) and is_live(text) else text
    return '"' + guarded.replace('"', '""') + '"'


def _title(found: FixList) -> str:
    day = max((each.at[:10] for each in found.recorded), default="")
    return f"数据质量反馈 {found.site} {day}  Data quality feedback"


def _summary(found: FixList) -> Iterator[Sequence[Cell]]:
    read, taken, refused, twice = (
        sum(getattr(each, name) for each in found.recorded) for name in ("read", "accepted", "rejected", "duplicate")
    )
    yield "批次 batches", len(found.recorded), "至今报送 sent so far"
    yield "读入记录 records read", read, f"接收 accepted {taken:,}；退回 rejected {refused:,}；重复 duplicate {twice:,}"
    for card in found.cards:
        name = f"{zh(card.dimension)} {card.dimension}"
        told = score(card, found.standard)
        if told is None:
            yield name, "无证据 no evidence", "尚无可评价数据 nothing to judge"
            continue
        level = level_text(told, found.standard)[1]
        right = f"合格 right {card.numerator:,} / 应查 asked {card.denominator:,}"
        yield name, points(told.value), f"{right}（{percent(card.numerator, card.denominator)}）；等级 {level}"
    for number, fix in enumerate(found.fixes[:TOP], 1):
        words = f"{fix.check.zh}：{fix.why.zh}，{fix.failed:,}条。{fix.todo.zh}"
        yield f"先改 {number} mend first", round(fix.points, 3), words
    if not found.fixes:
        yield "先改 mend first", None, "无 nothing"


def _todo(found: FixList, listed: Sequence[int]) -> Iterator[Sequence[Cell]]:
    for number, (fix, shown) in enumerate(zip(found.fixes, listed, strict=True), 1):
        yield (
            number, round(fix.points, 3), f"{zh(fix.dimension)} {fix.dimension}", fix.failed, shown,
            fix.check.zh + ("（容许范围内 tolerated）" if fix.within else ""), f"{fix.why.zh}\n{fix.why.en}",
            _detail(fix), f"{fix.todo.zh}\n{fix.todo.en}", f"{fix.who.zh}\n{fix.who.en}", fix.check.id,
            None, None, None,
        )  # fmt: skip


def _detail(fix: Fix) -> str | None:
    if fix.cause is None:
        return None
    much, looks = how_much(fix.cause), written(fix.cause)
    return f"{much.zh}。{looks.zh}"


def _rows_of(found: FixList, fix: Fix, limit: int, values: bool) -> pl.DataFrame:
    """The failing rows of one fix, by file and position."""
    assert found.causes is not None  # without rows there is no fix
    return found.causes.rows_of(fix.of, fix.place, limit, values)


def _listed(home: Home, found: FixList, parts: Sequence[pl.DataFrame], values: bool) -> Iterator[Sequence[Cell]]:
    if found.causes is None or not parts:
        return
    lines = lines_of(home, found.recorded, pl.concat([each.select(PLACE) for each in parts]).unique())
    for number, (fix, rows) in enumerate(zip(found.fixes, parts, strict=True), 1):
        columns = _columns(fix)
        for row in rows.join(lines, on=PLACE, how="left", maintain_order="left").iter_rows(named=True):
            file = found.causes.files.get(row["source_file"], row["source_file"])
            told = (number, file, row["line"], row["source_position"], row["record_id"], columns, fix.check.zh,
                    f"{fix.todo.zh}", _why(fix, row["slip"]), fix.check.id)  # fmt: skip
            yield (*told, row[VALUES], row[MEANT]) if values else told


def _why(fix: Fix, slip: str | None) -> str:
    """The cause of the rows, and what was likely done in this one."""
    return fix.why.zh if slip is None else f"{fix.why.zh}；{slip}"


def _columns(fix: Fix) -> str:
    """The checked columns by their Chinese names where they have one."""
    known = TABLES[fix.check.table].columns
    return "、".join(f"{known[name].zh} {name}" if name in known else name for name in fix.check.columns)


def _refused(home: Home, site: str) -> Sheet:
    """What did not conform at all: by file, column and reason."""
    every = rejects(home, site=site).group_by("path", "column", "reason").agg(pl.len().alias("count"))
    counts = every.sort("count", "path", "column", "reason", descending=[True, False, False, False])
    rows = [_refusal(*row) for row in counts.collect(engine="streaming").iter_rows()]
    heads = ("条数 count", "文件 file", "源字段 source column", "原因 reason", "处理办法 what to do", "范围 what")
    return Sheet(
        "退回", heads, rows, "未能转换的记录和单值；逐条用 guantong rejects。 Records and values that did not conform."
    )


def _refusal(path: str, column: str, reason: str, count: int) -> Sequence[Cell]:
    known = REASONS[reason]
    what = "整条退回 record" if known.whole else "单值清空 value"
    return count, _name(path), column, f"{known.zh} {known.means}", known.todo, what


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]

"""The checks that a shared table implies by its columns: filled in, in the list, unique, referring to something, dated.

Nobody writes them twice. Columns that the machine itself fills are not asked: a check that cannot fail is no evidence.
"""

from collections.abc import Iterator

import polars as pl

from federation.quality.ask import NOTHING, asked_if, filled
from federation.quality.check import Check
from federation.quality.frame import AS_OF, Frame, frame_of
from federation.quality.kind import Kind, Severity
from federation.quality.need import Exists, Unique
from schemas.code_system import codes
from schemas.column import Column
from schemas.table import COMMON, Table

LONGEST_TEXT = 4000  # characters; longer than any name, diagnosis or result in WS 445, so the cell holds something else
DIVISION_DIGITS = 6  # of GB/T 2260; the township and village digits of GB/T 10114 may follow and have no list here
# Front pages list the wards of a stay without times: what a form cannot say, its hospital is not asked.
NOT_OF_PARTS = {("encounter", "start_time")}
UNREADABLE = "�"
OURS = "schemas/tables"


def implied(table: type[Table]) -> list[Check]:
    """The checks implied by one table, by column; each id is `table.column.what`."""
    frame = frame_of(table)
    own = [column for name, column in table.columns.items() if name not in COMMON]
    checks = [_unique(frame)]
    for column in own:
        checks += _of_column(frame, column)
    return checks


def _of_column(frame: Frame, column: Column) -> Iterator[Check]:
    if column.required:
        yield _required(frame, column)
    if column.codes:
        yield _in_list(frame, column, column.codes)
    if column.references:
        yield _refers(frame, column, column.references)
    if isinstance(column.dtype, pl.String) and not (column.codes or column.token or column.references):
        yield _readable(frame, column)
    if column.name == frame.table.when:
        yield _dated(frame, column)


def _required(frame: Frame, column: Column) -> Check:
    given = filled(column.name) if isinstance(column.dtype, pl.String) else pl.col(column.name).is_not_null()
    part = (frame.name, column.name) in NOT_OF_PARTS
    return Check(
        id=f"{frame.name}.{column.name}.filled",
        frame=frame,
        right=asked_if(pl.col("part_of").is_null(), given) if part else given,
        kind=Kind.FILLED,
        rule="FP26",
        severity=Severity.WARN,
        means=f"`{column.name}` is required and filled in; a lone `-` says that there is nothing to record.",
        zh=f"必填项“{column.zh}”已填写（“-”表示无内容可填，不算空）",
        source=f"{OURS}: required; 国卫办医发〔2011〕84号 附件2 一(三)",
    )


def _in_list(frame: Frame, column: Column, name: str) -> Check:
    value = pl.col(column.name).cast(pl.String)
    coded = value.str.slice(0, DIVISION_DIGITS) if name == "division" else value
    return Check(
        id=f"{frame.name}.{column.name}.in_list",
        frame=frame,
        right=asked_if(value.is_in(["", NOTHING]).not_(), coded.is_in(codes(name).implode())),
        kind=Kind.CODE,
        means=f"`{column.name}` is in the code list `{name}`.",
        zh=f"“{column.zh}”在值域 {name} 内",
        source=f"schemas/codes: {name}",
    )


def _refers(frame: Frame, column: Column, target: str) -> Check:
    table, key = target.split(".")
    need = Exists(column.name, table, key)
    return Check(
        id=f"{frame.name}.{column.name}.refers",
        frame=frame,
        right=pl.col(need.name),
        kind=Kind.REFERENCE,
        needs=(need,),
        means=f"`{column.name}` is found in `{target}`.",
        zh=f"“{column.zh}”能在 {target} 中找到",
        source=f"{OURS}: references; 国卫办医函〔2018〕1079号 整合性",
    )


def _readable(frame: Frame, column: Column) -> Check:
    text = pl.col(column.name)
    return Check(
        id=f"{frame.name}.{column.name}.readable",
        frame=frame,
        right=(text.str.len_bytes() <= LONGEST_TEXT * 3) & text.str.contains(UNREADABLE, literal=True).not_(),
        kind=Kind.FORMAT,
        means=f"`{column.name}` is of reasonable length and was not damaged by a wrong encoding.",
        zh=f"“{column.zh}”长度合理且无乱码",
        source="国卫办医函〔2018〕1079号 完整性 (reasonable length); GB 18030",
    )


def _dated(frame: Frame, column: Column) -> Check:
    # 1900-01-01 and 1970-01-01 are what databases and programs write for no date; no record here is as old as they are.
    day = pl.col(column.name).cast(pl.Date)
    return Check(
        id=f"{frame.name}.{column.name}.not_future",
        frame=frame,
        right=day.is_between(pl.date(1900, 1, 2), pl.col(AS_OF)) & (day != pl.date(1970, 1, 1)),
        kind=Kind.TEMPORAL,
        means=f"`{column.name}` is after 1900-01-01, not after the day of the scoring, and not the default 1970-01-01.",
        zh=f"“{column.zh}”晚于1900-01-01，不晚于评分日，也不是系统默认值1970-01-01",
        source=f"{OURS}: when; 国卫办医函〔2018〕1079号 及时性",
    )


def _unique(frame: Frame) -> Check:
    need = Unique(("org_code", "record_id"))
    return Check(
        id=f"{frame.name}.record_id.unique",
        frame=frame,
        right=pl.col(need.name),
        kind=Kind.UNIQUE,
        needs=(need,),
        means="No two rows of a site have the same key.",
        zh="同一机构内记录标识不重复",
        source=f"{OURS}: record_id",
    )

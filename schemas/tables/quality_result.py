"""The shared table `quality_result`, 质控结果: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import Column
from schemas.table import Table


class QualityResult(Table):
    """One check of one table over one period: how many were asked, how many passed."""

    zh = "质控结果"
    when = "window_start"
    person = None
    fhir = "MeasureReport"

    run_id = Column(dtype=pl.String(), required=True, means="The scoring run.", zh="评分批次标识", level=1, fhir="id")
    target_table = Column(
        dtype=pl.String(),
        required=True,
        means="Table that was checked.",
        zh="目标表",
        level=1,
        fhir="evaluatedResource",
    )
    target_column = Column(
        dtype=pl.String(), means="Column that was checked; empty where the check is about rows.", zh="目标字段", level=1
    )
    rule_id = Column(dtype=pl.String(), required=True, means="The check.", zh="质控规则标识", level=1, fhir="measure")
    dimension_nhc = Column(
        dtype=pl.String(),
        required=True,
        means="Dimension of the record-system grading.",
        zh="电子病历评级数据质量维度",
        codes="dimension-nhc",
        level=1,
        element="国卫办医函〔2018〕1079号",
    )
    dimension_gbt36344 = Column(
        dtype=pl.String(),
        required=True,
        means="Dimension of GB/T 36344.",
        zh="数据质量评价指标",
        codes="dimension-gbt36344",
        level=1,
        element="GB/T 36344",
    )
    dimension_kahn = Column(
        dtype=pl.String(),
        required=True,
        means="Dimension of Kahn's framework.",
        zh="Kahn数据质量维度",
        codes="dimension-kahn",
        level=1,
        element="Kahn 2016",
    )
    severity = Column(
        dtype=pl.String(), required=True, means="How bad a failure is.", zh="严重程度", codes="severity", level=1
    )
    numerator = Column(
        dtype=pl.Int64(), required=True, means="How many passed.", zh="分子", level=2, fhir="group.population"
    )
    denominator = Column(
        dtype=pl.Int64(), required=True, means="How many were asked.", zh="分母", level=2, fhir="group.population"
    )
    coefficient = Column(
        dtype=pl.Float64(),
        means="Passed over asked; empty where none were asked.",
        zh="数据质量系数",
        level=2,
        fhir="group.measureScore",
    )
    window_start = Column(
        dtype=pl.Date(),
        required=True,
        means="First day of the period.",
        zh="统计期开始日期",
        level=2,
        fhir="period.start",
    )
    window_end = Column(
        dtype=pl.Date(), required=True, means="Last day of the period.", zh="统计期结束日期", level=2, fhir="period.end"
    )

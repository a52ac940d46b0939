"""The same event delivered twice under two keys: what a person has once at one moment stands once."""

import polars as pl

from federation.quality.ask import asked_if, said
from federation.quality.check import check
from federation.quality.kind import Kind, Severity
from federation.quality.need import Unique
from schemas.tables.condition import Condition
from schemas.tables.document import Document
from schemas.tables.medication import Medication
from schemas.tables.observation import Observation
from schemas.tables.procedure import Procedure

KAHN = "Kahn 2016, uniqueness plausibility; 国卫办医函〔2018〕1079号 整合性"
RESULT = Unique(("org_code", "person_id", "item_code", "sampled_time", "specimen_code", "value_num"))
RESULT_ALONE = Unique(("org_code", "person_id", "item_code", "sampled_time", "value_num"))
DISEASE = Unique(("org_code", "person_id", "encounter_id", "code", "recorded_time"))
DRUG = Unique(("org_code", "person_id", "kind", "drug_name", "start_time", "dose"))
OPERATION = Unique(("org_code", "person_id", "code", "start_time"))
PAPER = Unique(("org_code", "person_id", "doc_type_code", "content_sm3"))


@check(
    Observation,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一患者同一标本同一时刻同一项目的同一数值不以两个标识重复上报",
    source=KAHN,
    tolerates=0.001,
    because="A specimen may be measured twice, and come out the same.",
    needs=[RESULT],
)
def delivered_once() -> pl.Expr:
    """A number of one item, specimen and moment is not delivered under two keys."""
    return pl.col(RESULT.name)


@check(
    Observation, Kind.UNIQUE, severity=Severity.WARN, zh="未写标本的同一结果不以两个标识重复上报", source=KAHN,
    tolerates=0.001, because="What is measured twice may come out the same.", needs=[RESULT_ALONE],
)  # fmt: skip
def delivered_once_without_specimen() -> pl.Expr:
    """A number of one item and moment, of no specimen named, is not delivered under two keys."""
    return asked_if(said("specimen_code").not_(), pl.col(RESULT_ALONE.name))


@check(
    Condition, Kind.UNIQUE, severity=Severity.WARN, zh="同一患者同一就诊同一时刻的同一诊断不以两个标识重复上报",
    source=KAHN, needs=[DISEASE],
)  # fmt: skip
def diagnosed_once() -> pl.Expr:
    """A diagnosis of no role named is not delivered twice for one moment of one visit."""
    return asked_if(said("role_code").not_(), pl.col(DISEASE.name))


@check(
    Medication,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一患者同一时刻同一药品同一剂量不以两个标识重复上报",
    source=KAHN,
    tolerates=0.001,
    because="Two groups of one prescription may hold the same drug.",
    needs=[DRUG],
)
def ordered_once() -> pl.Expr:
    """A drug of one dose and moment is not delivered under two keys."""
    return pl.col(DRUG.name)


@check(
    Procedure, Kind.UNIQUE, severity=Severity.WARN, zh="同一患者同一时刻同一手术操作不重复上报", source=KAHN,
    tolerates=0.001, because="Both sides of a pair may be operated on under one code.", needs=[OPERATION],
)  # fmt: skip
def performed_once() -> pl.Expr:
    """An operation of one moment is not delivered under two keys; one dated to midnight is not asked."""
    timed = pl.col("start_time").dt.truncate("1d") != pl.col("start_time")
    return asked_if(timed, pl.col(OPERATION.name))


@check(Document, Kind.UNIQUE, severity=Severity.WARN, zh="同一患者同一内容的文档不重复上报", source=KAHN, needs=[PAPER])
def filed_once() -> pl.Expr:
    """A document of the same content is not delivered under two keys."""
    return pl.col(PAPER.name)

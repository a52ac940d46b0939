"""What the report says, as plain tables of counts. One place that every picture reads; never a patient's value.

Whoever fills it (see gather.py) counts; whoever draws it (see pictures/) adds nothing of its own.
"""

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from federation.report.both import Both

SITES = pl.Schema(
    {
        "site": pl.String(),
        "name_zh": pl.String(),
        "name": pl.String(),
        "tier": pl.String(),  # a key of TIERS
        "read": pl.Int64(),  # source records: one FHIR resource, one CSV row
        "accepted": pl.Int64(),
        "rejected": pl.Int64(),  # rejected whole
        "duplicate": pl.Int64(),  # read before, byte for byte
        "pooled": pl.Int64(),  # rows of shared tables that went into the pool
        "withheld": pl.Int64(),  # rows that stayed at the site: no contract covers them
    }
)
HEAT = pl.Schema(
    {
        "site": pl.String(),
        "scheme": pl.String(),  # a key of SCHEMES
        "dimension": pl.String(),
        "dimension_zh": pl.String(),
        "asked": pl.Int64(),  # how often a check could be asked; 0 is no evidence
        "failed": pl.Int64(),
        "low": pl.Float64(),  # interval of the share that passed; null where nothing was asked
        "high": pl.Float64(),
    }
)
COVERAGE = pl.Schema({"site": pl.String(), "month": pl.Date(), "rows": pl.Int64()})  # month null: no date given
REASONS = pl.Schema(
    {
        "tier": pl.String(),
        "reason": pl.String(),
        "en": pl.String(),
        "zh": pl.String(),
        "whole": pl.Boolean(),  # the record was rejected, not one value of it
        "count": pl.Int64(),
    }
)
CHECKS = pl.Schema(
    {
        "site": pl.String(),
        "check": pl.String(),
        "en": pl.String(),
        "zh": pl.String(),
        "fix": pl.String(),  # what to do about it
        "fix_zh": pl.String(),
        "asked": pl.Int64(),
        "failed": pl.Int64(),
    }
)
TRUTH = pl.Schema(
    {
        "class": pl.String(),
        "zh": pl.String(),
        "injected": pl.Int64(),
        "found": pl.Int64(),
        "how": pl.String(),  # what found it: a reason of rejection, or the id of a check
    }
)

TIERS: dict[str, Both] = {
    "tertiary": Both("三级医院", "Tertiary hospitals"),
    "secondary": Both("二级医院", "Secondary hospitals"),
    "primary": Both("基层机构", "Primary care"),
    "public_health": Both("公共卫生机构", "Public health"),
    "unknown": Both("未登记层级", "Tier not registered"),
}
SCHEMES: dict[str, Both] = {
    "nhc": Both("电子病历评级四性", "NHC EMR grading"),
    "kahn": Both("Kahn 三类", "Kahn"),
    "gbt": Both("GB/T 36344", "GB/T 36344"),
}


@dataclass(frozen=True)
class Answer:
    """One question put to the pool: its words, its SQL, what came back, and what was held back and why."""

    question: Both
    sql: str
    table: pl.DataFrame
    note: Both


@dataclass(frozen=True)
class Facts:
    """Everything on the page. `persons` are distinct people in the pool, `pooled_rows` its rows now."""

    flow: pl.DataFrame = field(default_factory=SITES.to_frame)
    heat: pl.DataFrame = field(default_factory=HEAT.to_frame)
    coverage: pl.DataFrame = field(default_factory=COVERAGE.to_frame)
    reasons: pl.DataFrame = field(default_factory=REASONS.to_frame)
    checks: pl.DataFrame = field(default_factory=CHECKS.to_frame)
    truth: pl.DataFrame | None = None
    answers: tuple[Answer, ...] = ()
    persons: int = 0
    pooled_rows: int = 0
    seconds: float | None = None
    made: datetime | None = None

    def __post_init__(self) -> None:
        """Raises TypeError when a table has other columns or types than the schemas above."""
        given = {"flow": SITES, "heat": HEAT, "coverage": COVERAGE, "reasons": REASONS, "checks": CHECKS}
        for name, schema in given.items():
            _same(name, getattr(self, name), schema)
        if self.truth is not None:
            _same("truth", self.truth, TRUTH)

    def total(self, column: str) -> int:
        """The sum of a column of `flow` over all sites."""
        return int(self.flow[column].sum())

    @property
    def balanced(self) -> bool:
        """Whether every record read is accepted, rejected or a duplicate, at every site."""
        sums = self.flow.select(pl.col("read") == pl.col("accepted") + pl.col("rejected") + pl.col("duplicate"))
        return bool(sums["read"].all())


def _same(name: str, table: pl.DataFrame, schema: pl.Schema) -> None:
    if table.schema != schema:
        raise TypeError(f"facts.{name} has the columns {dict(table.schema)}. It needs {dict(schema)}.")

"""Why a check has no evidence at a site: no rows came at all, or none that it can be asked of."""

from enum import StrEnum

import polars as pl

from federation.quality.check import Check


class Absence(StrEnum):
    """Not applicable, and why."""

    NO_ROWS = "no rows"
    NONE_ASKED = "no row to ask"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return "该表无数据" if self is Absence.NO_ROWS else "无适用记录（列为空或规则不适用）"


def delivered(states: pl.DataFrame) -> frozenset[tuple[str, str]]:
    """Site and shared table of everything that rows came of: each row's key is asked about (`record_id.unique`)."""
    summed = states.group_by("org_code", "table").agg(pl.col("asked").sum()).filter(pl.col("asked") > 0)
    return frozenset(summed.select("org_code", "table").iter_rows())


def absence(site: str, check: Check, tables: frozenset[tuple[str, str]]) -> Absence:
    """Why the check was asked of no row of the site; `tables` is what `delivered` found."""
    return Absence.NONE_ASKED if (site, check.table) in tables else Absence.NO_ROWS

"""Example questions put to the pool for the report, as anybody may ask them: recorded, and small groups hidden.

Never reads the pool but through the gate.
"""

from datetime import datetime
from pathlib import Path

import polars as pl

from federation.centre.query import Asked, ask
from federation.errors import FederationError
from federation.report.both import Both
from federation.report.facts import Answer
from schemas.code_system import code_system

PURPOSE, ASKER = "PUBHLTH", "city-centre"
# (question, SQL, code list that says what the first column means)
QUESTIONS: tuple[tuple[Both, str, str], ...] = (
    (
        Both("各就诊类别的就诊次数与人数", "Visits and persons by class of visit"),
        """SELECT class_code, count(*) AS visits, count(DISTINCT person_id) AS persons
FROM encounter GROUP BY class_code""",
        "encounter-class",
    ),
    (
        Both("最常见的诊断（人数）", "Most frequent diagnoses (persons)"),
        """SELECT code, display, count(DISTINCT person_id) AS persons
FROM condition GROUP BY code, display ORDER BY persons DESC LIMIT 10""",
        "",
    ),
)


def examples(home: Path, at: datetime, purpose: str = PURPOSE, asker: str = ASKER) -> tuple[Answer, ...]:
    """The answers of the home's pool to QUESTIONS; one that is refused or fails says why."""
    return tuple(_answer(home, Asked(sql, purpose, asker, at), question, names) for question, sql, names in QUESTIONS)


def _answer(home: Path, asked: Asked, question: Both, list_name: str) -> Answer:
    try:
        told = ask(home, asked)
    except FederationError as error:
        return Answer(question, asked.sql, pl.DataFrame(), Both(f"未能回答：{error}", f"Not answered: {error}"))
    table = pl.DataFrame(pl.from_arrow(told.cells))
    k = told.k
    note = Both(f"不足 {k} 人的组不显示，与无人相同。", f"Groups of fewer than {k} persons are not shown, as if empty.")
    left = Both(f"未参与的机构：{len(told.coverage.outside)}。", f"Sites not in it: {len(told.coverage.outside)}.")
    return Answer(question, asked.sql, _said(table, list_name), note + left)


def _said(table: pl.DataFrame, list_name: str) -> pl.DataFrame:
    """Codes of the first column replaced by what they mean, in both languages; unknown ones stay as they are."""
    if not list_name:
        return table
    first, rows = table.columns[0], code_system(list_name).rows
    means = {code: f"{zh} {means}" for code, means, zh in rows.select("code", "means", "zh").iter_rows()}
    return table.with_columns(pl.col(first).replace(means))

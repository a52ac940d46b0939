"""The answers of all 27 types of check over a CDM, in the shape of OHDSI's DataQualityDashboard, for its viewer.

Ids, levels and names are the dashboard's own. What is not applicable is never counted as passed. Pure.
"""

from collections.abc import Sequence
from typing import Any

from federation.quality.dqd import Source, document, judged
from federation.quality.omop.resolve import CATEGORY, Asked
from federation.quality.omop.run import Answered
from federation.quality.omop.words import TYPES


def dqd_of_cdm(source: Source, answers: Sequence[Answered]) -> dict[str, Any]:
    """The document of one CDM."""
    return document(source, [_result(each) for each in answers])


def _result(one: Answered) -> dict[str, Any]:
    asked, kind = one.asked, TYPES[one.asked.check]
    category, severity = CATEGORY[asked.check]
    units = asked.of if asked.check == "plausibleUnitConceptIds" else None
    return {
        "numViolatedRows": one.violated,
        "pctViolatedRows": one.share,
        "numDenominatorRows": one.rows,
        "executionTime": None,
        "queryText": _said(asked, kind.en),
        "checkName": asked.check,
        "checkLevel": asked.level,
        "checkDescription": f"{_said(asked, kind.en)} {_said(asked, kind.zh)}",
        "cdmTableName": asked.table.upper(),
        "cdmFieldName": asked.field.upper() or None,
        "conceptId": ",".join(map(str, asked.concepts)) or None,
        "unitConceptId": units,
        "sqlFile": None,
        "category": category,
        "subcategory": kind.subcategory,
        "context": kind.context,
        "warning": None,
        "error": None,
        "checkId": asked.id,
        **judged(one.verdict, one.reason or None, asked.tolerates),
        "notesValue": f"severity: {severity}",
    }


def _said(asked: Asked, text: str) -> str:
    """What it asks, with the names of this one, and the concepts it is about."""
    words = text.format(table=asked.table.upper(), field=asked.field.upper(), of=asked.of.replace("|", ", "))
    return f"{words} ({', '.join(map(str, asked.concepts))})" if asked.concepts else words

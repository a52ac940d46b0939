"""Which of a concept's codings is kept: ICD-10 before others where a diagnosis is meant, else the first.

It never translates a code.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from connectors.fhir.rows import Rows

ICD10 = r"(?i)icd-?10|2\.16\.156\.10011\.2\.3\.3\.11|2\.16\.840\.1\.113883\.6\.(?:3|90)$"
ATC = r"(?i)whocc\.no/atc|2\.16\.840\.1\.113883\.6\.73$"


@dataclass(frozen=True)
class Concept:
    """Columns of one CodeableConcept per row (String): `display` is the coding's own, else the concept's text."""

    code: pl.Series
    system: pl.Series
    version: pl.Series
    display: pl.Series
    text: pl.Series


def concept(rows: Rows, path: str, prefer: str | None = None) -> Concept:
    """The concept at the path, with the first coding whose system matches `prefer`, else the first coding."""
    dot = f"{path}." if path else ""
    text = rows.text(f"{dot}text")
    parts = [rows.text(f"{dot}coding.0.{part}") for part in ("code", "system", "version", "display")]
    if rows.has(f"{dot}coding.1.system") and prefer:
        parts = _preferred(rows, f"{dot}coding", prefer, parts)
    code, system, version, display = parts
    named = text if text.null_count() == 0 else text.zip_with(text.is_not_null(), display)
    shown = display if display.null_count() == 0 else display.zip_with(display.is_not_null(), text)
    return Concept(code, system, version, shown, named)


def _preferred(rows: Rows, path: str, prefer: str, parts: list[pl.Series]) -> list[pl.Series]:
    codings = rows.each(path)
    systems = codings.text("system")
    fit = np.flatnonzero(systems.str.contains(prefer).fill_null(value=False).to_numpy())
    owner, first = np.unique(codings.parent[fit], return_index=True)
    best = codings.where(fit[first])
    found = [best.text(part) for part in ("code", "system", "version", "display")]
    return [part.scatter(owner, new) if len(owner) else part for part, new in zip(parts, found, strict=True)]

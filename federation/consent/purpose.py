"""What data may be asked for: the PurposeOfUse codes of HL7 v3 ActReason that this city knows.

A purpose outside the list is never guessed at; every decision about it is no.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Purpose:
    """A code of HL7 v3 ActReason (PurposeOfUse), what it means, and its Chinese name."""

    code: str
    means: str
    zh: str


@cache
def purposes() -> dict[str, Purpose]:
    """Code -> purpose, in the order of `purposes.csv`."""
    text = files("federation.consent").joinpath("purposes.csv").read_text("utf-8")
    return {row["code"]: Purpose(**row) for row in csv.DictReader(text.splitlines())}

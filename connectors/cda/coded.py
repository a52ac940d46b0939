"""A coded value (CD, CE) as one code with its system and name: its own, or of its translations the one that is wanted.

No code is translated here; what stands beside the chosen one is left to the caller.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.cda.values import V3, said, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

ICD10 = re.compile(r"2\.16\.840\.1\.113883\.6\.(?:3|90)|2\.16\.156\.10011\.2\.3\.3\.11(?:\..*)?|(?i:icd-?10)")
ATC = re.compile(r"2\.16\.840\.1\.113883\.6\.73")
GUARDED = re.compile(r"(?:B2[0-4]|A5\d|A6[0-4]|F\d\d)", re.IGNORECASE)  # as connectors.conform has it for ICD-10


@dataclass(frozen=True, slots=True)
class Concept:
    """`name` is the display name, else the original text."""

    code: str | None
    system: str | None
    version: str | None
    name: str | None


NOTHING = Concept(None, None, None, None)


def concept(element: "_Element | None", prefer: re.Pattern[str] | None = None) -> Concept:
    """The value's own coding, or the translation whose system is preferred, or the first one where it has no own."""
    if element is None:
        return NOTHING
    code, system = said(element, "code"), said(element, "codeSystem")
    name = said(element, "displayName")
    if not len(element):
        return Concept(code, system, said(element, "codeSystemVersion"), name or text_of(element))
    if prefer is None and code:
        return Concept(code, system, said(element, "codeSystemVersion"), name or original(element))
    chosen = element if code and (prefer is None or prefer.fullmatch(system or "")) else _translated(element, prefer)
    if chosen is None:
        chosen = element if code else _translated(element, None)
    written = name or original(element)
    if chosen is None:
        return Concept(None, None, None, written)
    return Concept(
        said(chosen, "code"), said(chosen, "codeSystem"), said(chosen, "codeSystemVersion"),
        said(chosen, "displayName") or written,
    )  # fmt: skip


def _translated(element: "_Element", prefer: re.Pattern[str] | None) -> "_Element | None":
    every = translations(element)
    return next((each for each in every if prefer is None or prefer.fullmatch(each.get("codeSystem", ""))), None)


def translations(element: "_Element") -> Iterator["_Element"]:
    """The translations that have a code."""
    return (each for each in element.iterfind(V3 + "translation") if said(each, "code"))


def original(element: "_Element | None") -> str | None:
    """The original text of a coded value; `references.resolve` has put the words there that it refers to."""
    return None if element is None else text_of(element.find(V3 + "originalText"))

"""A sentence in both languages, and numbers as people read them. Nothing here knows what it is about."""

from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@dataclass(frozen=True)
class Both:
    """The same thing said in Chinese and in English."""

    zh: str
    en: str

    def of(self, lang: Lang) -> str:
        """The words in one language."""
        return self.zh if lang == "zh" else self.en

    def __add__(self, more: "Both") -> "Both":
        """Two sentences in a row; English needs a blank between them, Chinese does not."""
        return Both(self.zh + more.zh, f"{self.en} {more.en}".strip())


NO_EVIDENCE = Both("无证据", "no evidence")


def count(number: int) -> str:
    """`1234567` -> `1,234,567`."""
    return f"{number:,}"


def rate(part: int, whole: int) -> str:
    """A share in percent with one decimal, rounded towards the middle: 100.0% and 0.0% are kept for all and none."""
    if whole <= 0:
        return ""
    tenths = round(1000 * part / whole)
    if part < whole:
        tenths = min(tenths, 999)
    if part > 0:
        tenths = max(tenths, 1)
    return f"{tenths / 10:.1f}%"


def cut(text: str, width: float, size: float) -> str:
    """The text, shortened with an ellipsis so that it fits `width` pixels at font size `size`."""
    if text_width(text, size) <= width:
        return text
    kept = ""
    for letter in text:
        if text_width(kept + letter + "…", size) > width:
            break
        kept += letter
    return kept.rstrip() + "…"


def text_width(text: str, size: float) -> float:
    """Pixels a line of text takes, a little on the safe side: a Chinese character is one em, a Latin one less."""
    return size * sum(_ems(letter) for letter in text)


def _ems(letter: str) -> float:
    if ord(letter) > 0x2E80 or letter in "…“”":
        return 1.0
    if letter in " .,:;'|ijlftr-()":
        return 0.36
    return 0.7 if letter.isupper() or letter in "mw%@" else 0.57

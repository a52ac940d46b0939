"""How a number of a workbook is shown: what a number format makes of it (ECMA-376 part 1, 18.8.30).

A format is looked at, never interpreted to the letter: it tells days from amounts, shares and padded codes.
"""

import re
from dataclasses import dataclass
from typing import Literal

Look = Literal["plain", "date", "time", "duration", "percent", "padded"]
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETED = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)  # colours, conditions, locales
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BUILT_IN: dict[int, Look] = {
    **dict.fromkeys([*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58], "date"),
    **dict.fromkeys([*range(18, 22), *range(32, 36), 45, 47, 55, 56], "time"),
    **dict.fromkeys([9, 10], "percent"),
    46: "duration",
}


@dataclass(frozen=True)
class Shown:
    """`width` is the number of digits of a padded code (`000000`)."""

    look: Look = "plain"
    width: int = 0


PLAIN = Shown()


def shown(number: int, code: str | None) -> Shown:
    """What the format with this number, or this code where the workbook writes its own, makes of a number."""
    if code is None:
        return Shown(_BUILT_IN.get(number, "plain"))
    if re.fullmatch(r"0{2,}", code):
        return Shown("padded", len(code))
    positive = _QUOTED.sub("", code).split(";")[0]
    if _ELAPSED.search(positive):
        return Shown("duration")
    letters = _BRACKETED.sub("", positive).lower().replace("general", "").replace("am/pm", "").replace("a/p", "")
    if re.search(r"[yd]|年|日", letters) or re.fullmatch(r"[^hs]*m{3,}[^hs]*", letters):
        return Shown("date")
    if re.search(r"[hs]|时|分|秒", letters):
        return Shown("time")
    return Shown("percent") if "%" in letters else PLAIN

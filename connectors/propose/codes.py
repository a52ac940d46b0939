"""A code list from the distinct values of a column: what is certain is filled in, what is not is left to be said.

Only short code-like values of columns whose target has a code list are ever looked at; never those of a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from schemas.code_system import code_system

_CALLED = {
    "sex": {"男": "1", "女": "2", "未知": "0", "不详": "9", "男性": "1", "女性": "2"},
    "program": {
        "高血压": "HTN", "gxy": "HTN", "糖尿病": "T2DM", "2型糖尿病": "T2DM", "tnb": "T2DM", "肺结核": "TB",
        "严重精神障碍": "SMI", "老年人": "ELDER", "孕产妇": "MCH", "儿童": "MCH",
    },
    "marital": {"离异": "40", "离婚": "40", "丧偶": "30", "不详": "90"},
}  # fmt: skip
_LETTERS = {"sex": {"m": "1", "f": "2", "u": "0"}}
LONGEST = 100  # codes of a list that is written out whole


@dataclass(frozen=True)
class CodeList:
    """`known` maps source code -> shared code; `open` are those nobody can be sure of; `plain`: no list needed."""

    known: dict[str, str]
    open: tuple[str, ...]
    plain: bool


def proposed(codes: Sequence[str], system: str) -> CodeList:
    """The list for a column whose target has the shared code list `system`; plain where all codes are its own.

    What the first rows hold is not all that will come: every word of a way of saying it that was met is in the list.
    """
    shared = set(code_system(system).codes)
    if not codes or all(code in shared for code in codes):
        return CodeList({}, (), True)
    ways = [{code: code for code in shared}, *_ways(system)]
    known: dict[str, str] = {}
    for way in ways:
        met = {code: to for code in codes if (to := way.get(code) or way.get(code.lower())) and code not in known}
        known |= met
        if met and len(way) <= LONGEST:
            known |= {_as_in(word, codes): to for word, to in way.items() if _as_in(word, codes) not in known}
    return CodeList(known, tuple(code for code in codes if code not in known), False)


def _as_in(word: str, codes: Sequence[str]) -> str:
    """The word in capitals where the column writes its letters so."""
    letters = [code for code in codes if code.isascii() and code.isalpha()]
    return word.upper() if letters and word.isascii() and all(code.isupper() for code in letters) else word


@cache
def _ways(system: str) -> tuple[dict[str, str], ...]:
    """How the shared list's codes are said, one way after the other: Chinese, letters, pinyin initials, English."""
    from pypinyin import lazy_pinyin

    chinese: dict[str, set[str]] = {}
    initials: dict[str, set[str]] = {}
    english: dict[str, set[str]] = {}
    for code, (means, zh) in code_system(system).labels.items():
        first = "".join(sound[0] for sound in lazy_pinyin(zh) if sound).lower()
        for way, word in ((chinese, zh), (english, means.lower()), (initials, first if len(first) > 2 else "")):
            if word:
                way.setdefault(word, set()).add(code)
        if zh.endswith("型") and len(zh) > 1:
            chinese.setdefault(zh.removesuffix("型"), set()).add(code)
    called = _CALLED.get(system, {})
    names = _single(chinese) | {word: code for word, code in called.items() if not word.isascii()}
    letters = _LETTERS.get(system, {}) | {word: code for word, code in called.items() if word.isascii()}
    return names, letters, _single(initials), _single(english)


def _single(way: dict[str, set[str]]) -> dict[str, str]:
    """Words that are one code's only."""
    return {word: next(iter(codes)) for word, codes in way.items() if len(codes) == 1}

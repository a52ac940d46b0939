"""A code list from the distinct values of a column: what is certain is filled in, what is not is left to be said.

Only short code-like values of columns whose target has a code list are ever looked at; never those of a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from schemas.code_system import code_system

_CALLED = {
    "sex": {"男": "1", "m": "1", "女": "2", "f": "2", "未知": "0", "不详": "9"},
    "program": {
        "高血压": "HTN", "gxy": "HTN", "糖尿病": "T2DM", "2型糖尿病": "T2DM", "tnb": "T2DM", "肺结核": "TB",
        "严重精神障碍": "SMI", "老年人": "ELDER",
    },
}  # fmt: skip


@dataclass(frozen=True)
class CodeList:
    """`known` maps source code -> shared code; `open` are those nobody can be sure of; `plain`: no list needed."""

    known: dict[str, str]
    open: tuple[str, ...]
    plain: bool


def proposed(codes: Sequence[str], system: str) -> CodeList:
    """The list for a column whose target has the shared code list `system`; plain where all codes are its own."""
    shared = set(code_system(system).codes)
    if not codes or all(code in shared for code in codes):
        return CodeList({}, (), True)
    words = {**_words(system), **{code: code for code in shared}}
    known = {code: to for code in codes if (to := words.get(code) or words.get(code.lower()))}
    return CodeList(known, tuple(code for code in codes if code not in known), False)


@cache
def _words(system: str) -> dict[str, str]:
    """What the shared list's codes are called: in Chinese, by its initials, in English; only where it is one code's."""
    from pypinyin import lazy_pinyin

    named: dict[str, set[str]] = {}
    for code, (means, zh) in code_system(system).labels.items():
        initials = "".join(sound[0] for sound in lazy_pinyin(zh) if sound)
        for word in (zh, means, initials if len(initials) > 2 else ""):
            if word:
                named.setdefault(word.lower(), set()).add(code)
    words = {word: next(iter(codes)) for word, codes in named.items() if len(codes) == 1}
    return words | _CALLED.get(system, {})

r"""Escape sequences (HL7 v2.8, 2.7): `\F\ \S\ \T\ \R\ \E\` are signs in a text, `\X0D\` bytes, `\.br\` a line.

Highlighting goes; a sequence that nobody defined, or of a foreign alphabet, stays as it is written.
"""

import re

import polars as pl

_SEQUENCE = re.compile(r"\\([^\\\r]{0,200})\\")
_SIGNS = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", "P": "#", "H": "", "N": ""}
_LINES = re.compile(r"\.(?:br|sp)\+?(\d{0,2})")
_LAYOUT = re.compile(r"\.(?:in|ti|sk|fi|nf|ce)[+-]?\d{0,3}")


def unescape(text: str) -> str:
    """The text that an escaped one stands for."""
    return _SEQUENCE.sub(_meant, text)


def resolved(texts: pl.Series) -> pl.Series:
    """Every text unescaped; only those with a backslash are looked at, each spelling once."""
    odd = texts.str.contains("\\", literal=True).fill_null(value=False)
    if not odd.any():
        return texts
    some = texts.filter(odd)
    spelled = some.unique()
    plain = pl.Series([unescape(text) for text in spelled.to_list()], dtype=pl.String)
    return texts.scatter(odd.arg_true(), some.replace_strict(spelled, plain, return_dtype=pl.String))


def _meant(found: re.Match[str]) -> str:
    inside = found[1]
    if inside in _SIGNS:
        return _SIGNS[inside]
    if lines := _LINES.fullmatch(inside):
        return "\n" * min(int(lines[1] or 1), 99)
    if _LAYOUT.fullmatch(inside):
        return "\n" if inside.startswith(".ce") else ""
    if inside[:1] == "X":
        return _bytes(inside[1:]) or found[0]
    return found[0]


def _bytes(digits: str) -> str:
    """Bytes in hex as text; empty where they are none."""
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return ""
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return ""

"""One record cut into cells exactly, by pattern: the slow path, and the definition the fast path must equal.

A cell that begins with a quote is quoted: it ends at the next single quote, which a separator or a line end must
follow; two quotes inside stand for one. A quote anywhere else is an ordinary character. This is RFC 4180, 2.
"""

import re
from functools import cache

QUOTE = '"'


@cache
def patterns(separator: str, eol: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Of one cell with what follows it; of one whole record; of a record whose quote is still open at the end."""
    sep, end = re.escape(separator), r"\r?\n" if eol == "\n" else r"\r"
    plain = (
        rf"(?:(?!{sep}|{end})[\s\S])*+"
        if len(separator) > 1
        else rf"(?:[^{re.escape(separator)}\r\n]|(?!{end})[\r\n])*+"
    )
    quoted = rf'"(?:[^"]++|"")*+"(?={sep}|{end}|\Z)'
    cell = rf'(?:{quoted}|(?!"){plain})'
    one = re.compile(rf"({cell})({sep}|{end}|\Z)")
    whole = re.compile(rf"{cell}(?:{sep}{cell})*+({end}|\Z)")
    half = (
        rf'(?:"[\r{re.escape(separator[0])}])?' if len(separator) > 1 else '(?:"\r)?'
    )  # what ends it may be cut in two
    still_open = re.compile(rf'(?:{cell}{sep})*+"(?:[^"]++|"")*+{half}\Z')
    return one, whole, still_open


@cache
def byte_patterns(separator: str, eol: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """`whole` and `still_open` over bytes, for scanning without decoding."""
    _, whole, still_open = patterns(separator, eol)
    return re.compile(whole.pattern.encode()), re.compile(still_open.pattern.encode())


def cells(record: str, separator: str, eol: str, at_most: int) -> list[str]:
    """The cells of one record that is known to be well quoted; stops after `at_most`, so that it is bounded."""
    if QUOTE not in record:
        return record.split(separator, at_most - 1)
    found: list[str] = []
    for match in patterns(separator, eol)[0].finditer(record):
        found.append(_bare(match[1]))
        if len(found) == at_most or match[2] != separator:
            break
    return found


def first_record(text: str, separator: str, eol: str) -> tuple[list[str], int]:
    """Cells of the first record and where the next one begins; no cells where its quotes are broken."""
    match = patterns(separator, eol)[1].match(text)
    if match is None:
        return [], 0
    return cells(text[: match.start(1)], separator, eol, 1 << 20), match.end()


def line_end(text: str) -> str:
    """LF (with or without CR before it) or CR alone: whichever ends the first line outside quotes."""
    match = re.compile(r'(?:[^"\r\n]|"(?:[^"]++|"")*+")*+(\r*\n|\r)').match(text.lstrip("\r\n"))
    if match:
        return match[1][-1]
    return "\n" if "\n" in text or "\r" not in text else "\r"


def blank_lines(text: str, eol: str) -> int:
    """How many characters of empty lines stand in front."""
    match = re.compile(r"(?:\r?\n)+" if eol == "\n" else r"\r+").match(text)
    return match.end() if match else 0


def _bare(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith(QUOTE) else cell

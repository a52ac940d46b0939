"""The bytes of one document as UTF-8, from whatever encoding they are really in.

The declaration is a claim: it is checked against the bytes, and where the two disagree the bytes count, if they leave
no doubt. A byte is never replaced.
"""

import codecs
import re
from dataclasses import dataclass

from connectors.encoding import detect
from connectors.xml import NotRead

_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_CHINESE = {"gb18030", "gbk", "gb2312", "cp936"}
_WIDE = {"utf-16", "utf-16-le", "utf-16-be", "utf_16", "ucs-2", "iso-10646-ucs-2", "unicode"}
_OTHERS = {"ascii", "us-ascii", "iso-8859-1", "latin1", "windows-1252", "cp1252", "big5", "iso-8859-15"}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
ENOUGH = 20  # signs beyond ASCII that are Chinese by no accident
_HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e\u2010-\u2026\u2103\u2160-\u217f]")


@dataclass(frozen=True)
class Spelled:
    """`text` is UTF-8 without a mark; `lied` says that the declaration names another encoding than the bytes have."""

    text: bytes
    encoding: str
    lied: bool = False


def spelled(raw: bytes) -> Spelled:
    """Raises NotRead (undecodable) where the bytes fit neither the declaration nor, beyond doubt, another encoding."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return Spelled(_recoded(raw[len(mark) :], name), name)
    if raw[:2] in (b"<\0", b"\0<"):
        name = "utf-16-le" if raw[0] else "utf-16-be"
        return Spelled(_recoded(raw, name), name)
    declared = declared_in(raw)
    if declared in _CHINESE:
        return _chinese(raw)
    if declared in _OTHERS:
        return Spelled(_recoded(raw, declared), declared)
    if declared in {"utf-8", "utf8", ""} or declared in _WIDE:
        return _utf8(raw, lied=declared in _WIDE)
    raise NotRead("undecodable")


def declared_in(raw: bytes) -> str:
    """The encoding named by the XML declaration, in lower case; empty where none is."""
    found = _DECLARED.match(raw)
    return found[1].decode().lower() if found else ""


def _recoded(raw: bytes, name: str) -> bytes:
    try:
        return raw.decode(name).encode()
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise NotRead("undecodable", raw.count(b"\n", 0, start) + 1) from None


def _utf8(raw: bytes, *, lied: bool) -> Spelled:
    """UTF-8 as declared; GB18030 where it is not UTF-8 and so much of it is Chinese that it can be nothing else."""
    try:
        if not raw.isascii():
            raw.decode()
    except UnicodeDecodeError as error:
        if detect(raw).name == "gb18030" and (text := _surely_chinese(raw)) is not None:
            return Spelled(text, "gb18030", lied=True)
        raise NotRead("undecodable", raw.count(b"\n", 0, error.start) + 1) from None
    return Spelled(raw, "utf-8", lied)


def _chinese(raw: bytes) -> Spelled:
    """GB18030 as declared; UTF-8 where all of it is UTF-8, which GB18030 text of some length never is by chance."""
    if raw.isascii():
        return Spelled(raw, "gb18030")
    try:
        signs = len(raw.decode())
    except UnicodeDecodeError:
        return Spelled(_recoded(raw, "gb18030"), "gb18030")
    if len(raw) - signs >= 2 * ENOUGH:
        return Spelled(raw, "utf-8", lied=True)
    return Spelled(_recoded(raw, "gb18030"), "gb18030")


def _surely_chinese(raw: bytes) -> bytes | None:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    beyond = sum(not sign.isascii() for sign in text)
    return text.encode() if beyond >= ENOUGH and len(_HAN.findall(text)) >= 0.98 * beyond else None

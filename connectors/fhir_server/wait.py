"""How long to wait before asking again: as the server says, else longer each time, and never without bounds. Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 300.0  # seconds; a server that says more is asked again after that
_PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)?\s*%")


def said(header: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After, a number or a date (RFC 9110, 10.2.3); None where it says neither. `now` is aware."""
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), LONGEST)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST)


def longer(times: int, first: float, most: float, jitter: float) -> float:
    """Seconds before the attempt after `times` that failed: doubled each time; `jitter` of 0 to 1 spreads the half."""
    whole = min(first * 2.0 ** min(times, 30), most)
    return whole / 2 + whole / 2 * jitter


def percent(header: str | None) -> int | None:
    """The percentage that an X-Progress names; None where it names none."""
    found = _PERCENT.search((header or "")[:200])
    return min(int(found[1]), 100) if found else None

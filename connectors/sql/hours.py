"""The hours in which a database may be asked: a hospital's busy day is left alone. Knows no clock of its own."""

import re
from dataclasses import dataclass
from datetime import time

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True)
class Hours:
    """From `since` until `until`, over midnight where it is later."""

    since: time
    until: time

    def __contains__(self, now: time) -> bool:
        if self.since < self.until:
            return self.since <= now < self.until
        return now >= self.since or now < self.until

    def __str__(self) -> str:
        return f"{self.since:%H:%M}-{self.until:%H:%M}"


def hours(said: str) -> Hours:
    """`22:00-06:00`; raises ValueError."""
    found = _HOURS.fullmatch(said.strip()) if isinstance(said, str) else None
    if found is None:
        raise ValueError("say the hours as 22:00-06:00")
    since, until = time(int(found[1]), int(found[2])), time(int(found[3]) % 24, int(found[4]))
    if since == until:
        raise ValueError("these hours are none or all of the day; leave `allowed` out for all of it")
    return Hours(since, until)

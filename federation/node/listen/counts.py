"""What a listener counts since it started, and for each sender, whose name is shown cut and clean.

Holds no control id and nothing else of a message.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

SENDERS = 200  # more than a hospital has systems; one who invents names cannot fill the memory
NAME = 40  # letters of a sender's name that are shown
COMMITS = 1024  # of which the times are remembered


@dataclass
class OfSender:
    """Messages of one sender, and when the last one came (seconds since 1970)."""

    messages: int = 0
    duplicates: int = 0
    last: float = 0.0


@dataclass
class Counts:
    """Messages and connections. received = stored + duplicates + refused + later + waiting."""

    connected: int = 0
    connections: int = 0
    turned_away: int = 0
    received: int = 0
    volume: int = 0
    stored: int = 0
    duplicates: int = 0
    reused: int = 0
    later: int = 0
    answered: int = 0
    unanswered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    senders: dict[str, OfSender] = field(default_factory=dict)
    commits: deque[float] = field(default_factory=lambda: deque(maxlen=COMMITS))

    def sender(self, application: bytes, facility: bytes) -> OfSender:
        """The counts of a sender; those beyond the first few share one line."""
        name = shown(application, facility)
        if name not in self.senders and len(self.senders) >= SENDERS:
            name = "others"
        return self.senders.setdefault(name, OfSender())

    def as_dict(self) -> dict[str, Any]:
        """For the status file."""
        slow = sorted(self.commits)
        return {
            "connected": self.connected,
            "connections": self.connections,
            "turned_away": self.turned_away,
            "received": self.received,
            "bytes": self.volume,
            "stored": self.stored,
            "duplicates": self.duplicates,
            "reused_control_ids": self.reused,
            "refused": dict(sorted(self.refused.items())),
            "not_stored_for_now": self.later,
            "answered": self.answered,
            "wanted_no_answer": self.unanswered,
            "commit_ms": {"median": _ms(slow, 0.5), "p99": _ms(slow, 0.99)},
            "senders": {name: vars(of) for name, of in sorted(self.senders.items())},
        }


def shown(application: bytes, facility: bytes) -> str:
    """A sender's name for people: `APP@FACILITY`, printable signs only, cut."""
    text = b"@".join(part for part in (application, facility) if part)[: NAME * 4].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:NAME] or "(no name)"


def _ms(times: list[float], share: float) -> float | None:
    return round(times[int(share * (len(times) - 1))] * 1000, 3) if times else None

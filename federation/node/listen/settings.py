"""How a listener listens: address, who may send, and what becomes of its segments. Values only."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from federation.node.listen.senders import Sender

PORT = 2575  # the number that HL7 has at IANA
MOST = 200_000  # messages remembered by control id: some days of a large hospital, 75 MB


@dataclass(frozen=True)
class Limits:
    """Bytes, counts, and seconds without a byte (`quiet` before a missing CR is forgiven, `stall` within a frame)."""

    largest: int = 32 << 20
    held: int = 256 << 20  # of unfinished frames of all connections
    waiting: int = 32 << 20  # of messages on their way to the disk
    connections: int = 1000
    idle: float = 3600.0
    stall: float = 60.0
    frame: float = 300.0
    quiet: float = 2.0


@dataclass(frozen=True)
class Settings:
    """How to listen. `feed` is the command that ingests finished segments, run every `feed_every` seconds."""

    site: str
    host: str = "127.0.0.1"
    port: int = PORT
    tls: ssl.SSLContext | None = None
    rules: Sequence[Sender] = ()
    limits: Limits = field(default_factory=Limits)
    remember: int = MOST
    segment_bytes: int = 32 << 20
    segment_seconds: float = 300.0
    feed: Sequence[str] = ()
    feed_every: float = 0.0
    keep_days: float | None = None

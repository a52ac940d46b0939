"""Reads a file as `sniff` and `ingest` would, and holds what must hold whatever the bytes are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.connector import Context
from connectors.errors import ConnectorError
from connectors.kinds import kinds
from connectors.reason import REASONS
from schemas.tables import TABLES
from tests.fuzz.good import CANARY, Good

HERE = Context("A", "b", "0" * 16)


@dataclass
class Came:
    """What came of a file; `refused` is the error's class, empty where it was read to its end."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    refused: str = ""
    said: str = ""


@contextmanager
def told(came: Came) -> Iterator[None]:
    """Errors of connectors are answers; they name no value. Every other exception passes and is a finding."""
    try:
        yield
    except ConnectorError as error:
        came.refused = type(error).__name__
        came.said = str(error)
    assert CANARY not in came.said.lower(), f"{came.refused} shows a value of the file"


def read(kind: str, good: Good, content: bytes, folder: Path) -> Came:
    """The file with this content, sniffed, looked at and read. Raises AssertionError where something does not hold."""
    path, mapping = folder / good.name, None
    path.write_bytes(content)
    if good.mapping:
        mapping = folder / "mapping.toml"
        mapping.write_text(good.mapping, "utf-8")
    connector, came = kinds()[kind], Came()
    sniffed = None
    with told(came):
        sniffed = connector.sniff(path)
    if sniffed is not None:
        assert CANARY not in f"{sniffed.why}{sniffed.why_zh}{sniffed.profile}".lower(), "sniffing shows a value"
    asked = {"mapping": mapping} if mapping else {}
    if look := getattr(connector, "look", None):
        with told(Came()):
            seen = look(path, **asked)
            said = " ".join(
                [*(fact.value for fact in seen.facts), *seen.unmapped, *seen.mapped, seen.nearest, *seen.missing]
            )
            assert CANARY not in said.lower(), "looking shows a value"
    if feed := getattr(connector, "feed", None):
        with told(came):
            feed(path)
    with told(came):
        for chunk in connector.open(path, **asked).chunks(HERE):
            _holds(chunk)
            came.read += chunk.read
            came.accepted += chunk.records.height
            came.rejected += chunk.rejected
    return came


def _holds(chunk) -> None:
    chunk.check()
    assert set(chunk.rejects["reason"]) <= set(REASONS)
    for name, rows in chunk.tables.items():
        assert rows.schema == TABLES[name].schema(), f"{name} has other columns or types"
        assert set(rows["source_position"]) <= set(chunk.records["position"]), f"{name}: rows of no accepted record"
    assert chunk.versions.filter(~chunk.versions["position"].is_in(chunk.records["position"].implode())).height == 0

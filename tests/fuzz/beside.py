"""Parsers that are no kind of file: MLLP streams, message headers, mappings, manifests of servers."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.hl7v2.header import header
from connectors.kinds import kind
from connectors.mllp.answer import Outcome, Why, answer, code_of
from connectors.mllp.envelope import begins_with, envelope, whole_header
from connectors.mllp.splitter import Refused, Splitter
from tests.fuzz.files import HL7
from tests.fuzz.good import CANARY, CLINIC, HEADER, visits
from tests.fuzz.reading import HERE, Came, told

LARGEST = 1 << 16
MANIFEST = {
    "transactionTime": "2026-01-02T03:04:05Z",
    "request": "https://127.0.0.1/fhir/$export",
    "requiresAccessToken": True,
    "output": [{"type": "Patient", "url": f"https://127.0.0.1/fhir/{CANARY}", "count": 3}],
    "deleted": [],
    "error": [],
}


def frames(content: bytes) -> None:
    """A stream gives the same pieces however it is cut; every message in it gets an answer that is one frame."""
    once = _split(content)
    at = content[0] * len(content) // 255 if content else 0
    assert _split(content[:at], content[at:]) == once
    assert _split(*(content[at : at + 7] for at in range(0, len(content), 7))) == once
    assert sum(piece.size if isinstance(piece, Refused) else len(piece) for piece in once) <= len(content)
    for piece in once:
        body = piece.kept if isinstance(piece, Refused) else piece
        header(body)
        _answered(body)
        head = whole_header(body)
        assert head is None or head.control_id in content


def _split(*pieces: bytes) -> list[bytes | Refused]:
    splitter = Splitter(LARGEST)
    return [each for piece in pieces for each in splitter.feed(piece)] + splitter.finish()


def _answered(message: bytes) -> None:
    begins_with(message)
    head = envelope(message)
    for outcome in Outcome:
        code = code_of(head, outcome)
        if code is not None:
            said = answer(head, code, b"1", b"20260101", b"stored", Why(b"207", b"error", b"no"))
            assert said.startswith(b"\x0b")
            assert said.endswith(b"\x1c\r")
            assert said.count(b"\x0b") == said.count(b"\x1c") == 1, "an answer that a reader would cut in two"


def mapping(content: bytes) -> None:
    """A mapping is loaded or refused, and one that is loaded can be used: a good file is read with it."""
    with TemporaryDirectory() as folder:
        table, rules = Path(folder) / "v.csv", Path(folder) / "m.toml"
        table.write_text("".join(",".join(row) + "\n" for row in (HEADER, *visits())), "utf-8")
        rules.write_bytes(content)
        with told(Came()):
            for chunk in kind("delimited").open(table, mapping=rules).chunks(HERE):
                chunk.check()


def manifest(content: bytes) -> None:
    """A manifest is checked whole, and nothing of it is shown."""
    from connectors.fhir_server.address import Allowed
    from connectors.fhir_server.manifest import manifest as read

    with told(Came()):
        read(content, Allowed("https://127.0.0.1/fhir"))


def beside() -> dict[str, tuple[list[bytes], Callable[[bytes], None]]]:
    """Name -> good inputs, and what takes any."""
    stream = b"".join(b"\x0b" + each.encode() + b"\x1c\r" for each in HL7)
    made = {"frames": ([stream], frames), "mapping": ([CLINIC.encode()], mapping)}
    if find_spec("connectors.fhir_server") is not None:
        made["manifest"] = ([json.dumps(MANIFEST).encode()], manifest)
    return made

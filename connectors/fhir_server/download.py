"""One offered file onto the disk: in pieces, going on where it was broken off, whole or not at all.

It is kept as it was sent, gzip as gzip, so that a piece can be asked for by its place. Never looks into a record.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.delimited.bytes_of import pieces
from connectors.errors import Unreachable, Unreadable
from connectors.fhir_server.call import LATER, Answer, Server
from connectors.fhir_server.job import GONE, Gone
from connectors.fhir_server.manifest import Offered

if TYPE_CHECKING:
    import httpx

STEP = 1 << 18
_TEXT = ("application/", "text/plain", "binary/")
HTML = "text/html"


class Stopped(Exception):
    """Whoever asked for the file has gone."""


@dataclass
class Download:
    """`path` is the file once it is whole; beside it `.part` what has come, `.tag` what the server called that."""

    server: Server
    offered: Offered
    path: Path
    token: bool
    came: Callable[[int], None]  # bytes that came; raises where they are too many

    @property
    def part(self) -> Path:
        return self.path.with_name(self.path.name + ".part")

    @property
    def tag(self) -> Path:
        return self.path.with_name(self.path.name + ".tag")

    def run(self) -> Path:
        """The whole file, on the disk. Raises Unreachable, Unreadable, BadMapping or Stopped."""
        import httpx

        step = f"a file of {self.offered.type}"
        for times in range(self.server.about.limits.attempts):
            if self.path.exists():
                return self.path
            if self.server.stopped:
                raise Stopped
            try:
                self._attempt(step, last=times + 1 >= self.server.about.limits.attempts)
            except httpx.RequestError:
                self.server.pause(times, None)
            except _Later as later:
                self.server.pause(times, later.header)
        if self.path.exists():
            return self.path
        raise Unreachable(f"{self.server.host} breaks off {step} again and again. Try again later: it goes on there.")

    def _attempt(self, step: str, *, last: bool) -> None:
        have, mark = self._before()
        headers = {"Accept": "application/fhir+ndjson", "Accept-Encoding": "gzip"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": mark}
        with self.server.open("GET", self.offered.url, step, headers, token=self.token) as answer:
            if answer.status_code == 416:
                self._again()
                raise _Later(None)
            if answer.status_code in LATER:
                raise _Later(answer.headers.get("retry-after"))
            if answer.status_code in GONE:
                raise Gone
            if answer.status_code not in (200, 206):
                raise self.server.refused(step, Answer(answer.status_code, answer.headers, b""))
            self._sort(step, answer)
            going_on = answer.status_code == 206 and _from(answer) == have
            if answer.status_code == 206 and not going_on:
                self._again()
                raise _Later(None)
            self._write(answer, going_on=going_on)
        self._whole(last=last)

    def _before(self) -> tuple[int, str]:
        """Bytes that came before, and the mark under which the server gave them; nothing without a mark."""
        try:
            said = json.loads(self.tag.read_text("utf-8"))
            return self.part.stat().st_size, str(said["etag"])
        except (OSError, ValueError, KeyError, TypeError):
            self._again()
            return 0, ""

    def _again(self) -> None:
        self.part.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)

    def _sort(self, step: str, answer: "httpx.Response") -> None:
        packing = answer.headers.get("content-encoding", "identity").strip().lower()
        claimed = answer.headers.get("content-length", "0").strip()
        if claimed.isascii() and claimed.isdigit() and len(claimed) < 20:
            self._bounded(int(claimed))
        kind = answer.headers.get("content-type", "").strip().lower()
        if packing not in ("identity", "gzip", "x-gzip", ""):
            raise Unreadable(f"{self.server.host}: {step} is packed in a way that was not asked for. Tell its vendor.")
        if kind.startswith(HTML) or not (kind == "" or kind.startswith(_TEXT)):
            raise Unreadable(f"{self.server.host}: {step} is a page or another kind of text, not NDJSON.")

    def _bounded(self, size: int) -> None:
        if size > self.server.about.limits.file_bytes:
            raise Unreadable(f"{self.server.host}: a file is longer than `limits.file_bytes` allows.")

    def _write(self, answer: "httpx.Response", *, going_on: bool) -> None:
        mark = answer.headers.get("etag", "")
        if not going_on:
            self._again()
            if mark and not mark.startswith("W/"):  # a weak mark does not promise the same bytes (RFC 9110, 8.8.1)
                self.tag.write_text(json.dumps({"etag": mark}), "utf-8")
        with self.part.open("ab") as file:
            for piece in answer.iter_raw():
                if self.server.stopped:
                    raise Stopped
                self.came(len(piece))
                file.write(piece)
                self._bounded(file.tell())
            file.flush()
            os.fsync(file.fileno())

    def _whole(self, *, last: bool) -> None:
        """Takes the file for whole, unless its packing ends early or it has fewer lines than were promised."""
        lines, sound = counted(self.part)
        short = not sound or lines < self.offered.count
        if short and not last:
            self._again()
            raise _Later(None)
        self.part.rename(self.path)
        self.tag.unlink(missing_ok=True)


class _Later(Exception):
    """The same file is asked for again; `header` is a Retry-After."""

    def __init__(self, header: str | None) -> None:
        super().__init__()
        self.header = header


def counted(path: Path) -> tuple[int, bool]:
    """Lines that hold something, and whether the file's packing, if it has any, came to its end."""
    lines, rest = 0, b""
    try:
        for piece in pieces(path, STEP):
            *whole, rest = (rest[-1:] + piece).split(b"\n")  # one sign is enough to know that a line holds something
            lines += sum(1 for line in whole if not line.isspace() and line)
    except Unreadable:
        return lines, False
    return lines + bool(rest.strip()), True


def _from(answer: "httpx.Response") -> int:
    """Where a part begins, as Content-Range says; -1 where it does not say."""
    said = answer.headers.get("content-range", "")
    first = said.removeprefix("bytes ").partition("-")[0].strip()
    return int(first) if said.startswith("bytes ") and first.isascii() and first.isdigit() and len(first) < 19 else -1

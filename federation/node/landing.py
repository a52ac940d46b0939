"""The folder where the answers of one feed land: files that are whole, numbered in their order, each with a note.

The note is written after its file and taken away once the file is recorded: what a run that was cut short had landed
is read by the next one, and the source is asked from there on. Knows nothing of what is in a file.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from connectors.feed import Feed, Landed
from federation.errors import BadInput
from federation.node.durable import publish, save
from federation.node.feeds import Reached

NOTE = ".landed"
DIGITS = 8  # of the ordinal that begins a landed file's name


@dataclass(frozen=True)
class Landing:
    """A landed file that is not recorded yet: the `ordinal`th of its feed."""

    feed: str
    ordinal: int
    landed: Landed

    @property
    def reached(self) -> Reached:
        """How far the feed is read once this file is."""
        return Reached(self.ordinal, self.landed.state)


@dataclass(frozen=True)
class Folder:
    """One feed's folder. `description` is the digest of what was asked: answers to another question do not count."""

    path: Path
    feed: str
    description: str

    @classmethod
    def of(cls, path: Path, feed: Feed, description: Path) -> "Folder":
        """The folder at `path`, made where it is not there, for its owner alone."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(path, feed.name, sha256(description.read_bytes()).hexdigest())

    def waiting(self, recorded: int) -> list[Landing]:
        """Files after the `recorded`th, in their order; what nobody will read goes, and is asked for again."""
        found: list[Landing] = []
        for ordinal in sorted({int(path.name[:DIGITS]) for path in self.path.glob("[0-9]" * DIGITS + "*")}):
            landing = self._noted(ordinal) if ordinal == recorded + len(found) + 1 else None
            if landing is not None:
                found.append(landing)
            elif ordinal > recorded:
                self._drop(ordinal)
            else:
                self._note(ordinal).unlink(missing_ok=True)
        return found

    def pull(self, feed: Feed, since: Reached, tell: Callable[[int, int], None]) -> Iterator[Landing]:
        """Asks the feed for what came after `since`. Raises what the feed raises; what had landed stays."""
        inbox = self.path / "asking.tmp"
        if not getattr(feed, "resumes", False):  # such a feed goes on with what it finds there
            shutil.rmtree(inbox, ignore_errors=True)
        inbox.mkdir(mode=0o700, exist_ok=True)
        for ordinal, landed in enumerate(feed.pull(since.state, inbox, tell), since.landed + 1):
            yield self._placed(ordinal, landed)
        shutil.rmtree(inbox)

    def forget(self, recorded: int) -> None:
        """Takes away the notes of files that are recorded now; the files stay, for they are what rows lead back to."""
        for note in self.path.glob(f"*{NOTE}"):
            if int(note.name[:DIGITS]) <= recorded:
                note.unlink()

    def _placed(self, ordinal: int, landed: Landed) -> Landing:
        landed.path.chmod(0o600)
        final = self.path / f"{ordinal:0{DIGITS}}-{landed.path.name}"
        publish(landed.path, final)
        about = {"description": self.description, "file": final.name, "kind": landed.kind, "profile": landed.profile,
                 "mapping": landed.mapping and str(landed.mapping.absolute()), "state": dict(landed.state)}  # fmt: skip
        save(self._note(ordinal), json.dumps(about, ensure_ascii=False).encode())
        return Landing(self.feed, ordinal, Landed(final, landed.kind, landed.state, landed.profile, landed.mapping))

    def _noted(self, ordinal: int) -> Landing | None:
        try:
            about = json.loads(self._note(ordinal).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise BadInput(f"{self._note(ordinal)} is not a note of this program. Take it away.") from error
        file = self.path / about["file"]
        if about["description"] != self.description or not file.is_file():
            return None
        mapping = about["mapping"] and Path(about["mapping"])
        return Landing(self.feed, ordinal, Landed(file, about["kind"], about["state"], about["profile"], mapping))

    def _drop(self, ordinal: int) -> None:
        for path in self.path.glob(f"{ordinal:0{DIGITS}}*"):
            path.unlink()

    def _note(self, ordinal: int) -> Path:
        return self.path / f"{ordinal:0{DIGITS}}{NOTE}"

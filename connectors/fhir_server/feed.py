"""A FHIR server as a feed: an export is started or gone on with, and its files land one by one, in a fixed order.

What it wants to know again: since when to ask, and where a running export stands. Neither holds a token or a key.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from connectors.errors import ConnectorError, Unreachable, Unreadable
from connectors.feed import Landed, State
from connectors.fhir_server.call import Server
from connectors.fhir_server.clock import Clock
from connectors.fhir_server.describe import KIND, Description
from connectors.fhir_server.download import Download, Stopped
from connectors.fhir_server.job import Gone, Job, forgotten, ready, started
from connectors.fhir_server.manifest import Manifest, Offered
from connectors.fhir_server.token import tokens
from connectors.fhir_server.trial import trial

READ_BY = "fhir_r4"
RUNNING = "export.json"
ANEW = 2  # exports that may be started in one run, where the server forgets them
Tell = Callable[[int, int], None]


@dataclass
class FhirServer:
    """One described server; `at_most` resources of each type for a trial.

    `resumes`: what a run that was cut short left in the landing folder is gone on with. A site's home remembers it
    under `name`.
    """

    path: Path
    about: Description
    at_most: int | None = None
    clock: Clock = field(default_factory=Clock)
    kind: str = KIND
    resumes: bool = True
    notes: list[str] = field(default_factory=list)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.about.name

    def pull(self, state: State, landing: Path, tell: Tell) -> Iterator[Landed]:
        """Lands the files of an export; the state goes on to its time with the last of them.

        Raises Unreachable, Unreadable or BadMapping; what landed before stays.
        """
        server = Server(self.about, self.clock, tokens(self.path.name, self.about))
        try:
            if self.at_most is not None:
                yield from trial(server, self.at_most, landing, self.notes)
            else:
                yield from self._exports(server, _of_this(state, self.about), landing, tell)
        finally:
            server.close()

    def _exports(self, server: Server, state: State, landing: Path, tell: Tell) -> Iterator[Landed]:
        for _ in range(ANEW):
            job = self._running(server, state, landing)
            try:
                found = ready(server, job, tell)
                yield from self._files(server, job, found, _done(state, job, found), landing, tell)
            except Gone:
                (landing / RUNNING).unlink(missing_ok=True)
                state = {key: value for key, value in state.items() if key not in ("status", "time", "done")}
                self.notes.append(f"{self.name}: the server had forgotten the export; another was started.")
                continue
            forgotten(server, job)
            (landing / RUNNING).unlink(missing_ok=True)
            return
        raise Unreachable(f"{server.host} forgets its exports before they are fetched. Try again later.")

    def _running(self, server: Server, state: State, landing: Path) -> Job:
        """The export that runs already, by the state or by what a killed run left; else a new one."""
        since = state.get("since", "") or self.about.since
        if state.get("status"):
            return Job(server.allowed(state["status"], "the address of the export"), since, self.about.mark)
        left = Job.saved(landing / RUNNING)
        if left is not None and (left.since, left.asked) == (since, self.about.mark):
            return Job(server.allowed(left.status, "the address of the export"), since, self.about.mark)
        job = started(server, since)
        job.save(landing / RUNNING)
        return job

    def _files(
        self, server: Server, job: Job, found: Manifest, done: int, landing: Path, tell: Tell
    ) -> Iterator[Landed]:
        self._say(found, done)
        todo = list(enumerate(found.files, 1))[done:]
        folder = _folder(landing, found)
        counter = _Counter(self.about.limits.bytes, server.host)
        pool = ThreadPoolExecutor(self.about.limits.parallel, thread_name_prefix="download")
        whole = sum(max(each.count, 0) for each in found.files)
        records = sum(max(each.count, 0) for each in found.files[:done])
        held: tuple[Path, int] | None = None
        try:
            coming = [
                (number, each, self._begun(pool, server, found, number, each, folder, counter)) for number, each in todo
            ]
            for number, each, future in coming:
                try:
                    path = _come(future)
                except (ConnectorError, Gone):
                    if held:  # what came whole before the break lands, too
                        yield Landed(held[0], READ_BY, self._after(job, found, held[1]))
                    raise
                records += max(each.count, 0)
                tell(records, whole)
                if not path.stat().st_size:
                    continue
                if held:
                    yield Landed(held[0], READ_BY, self._after(job, found, held[1]))
                held = (path, number)
            if held:  # only now it is sure to be the last that holds something
                yield Landed(held[0], READ_BY, {"asked": self.about.mark, "since": found.time})
        finally:
            server.stopped = True
            pool.shutdown(wait=True, cancel_futures=True)
            server.stopped = False

    def _begun(self, pool: ThreadPoolExecutor, server: Server, found: Manifest, number: int, each: Offered,
               folder: Path, counter: "_Counter") -> "Future[Path]":  # fmt: skip
        name = f"{number:05}-{each.part}-{each.type}.ndjson"
        token = found.needs_token
        return pool.submit(Download(server, each, folder / name, token, counter.add).run)

    def _after(self, job: Job, found: Manifest, number: int) -> State:
        """What is known once the file `number` landed, and others are to come."""
        return {"asked": self.about.mark, "since": job.since, "status": job.status, "time": found.mark,
                "done": str(number)}  # fmt: skip

    def _say(self, found: Manifest, done: int) -> None:
        parts = {part: sum(each.part == part for each in found.files) for part in ("output", "deleted", "error")}
        self.notes.append(
            f"{self.name}: the export of {found.time} offers {parts['output']} files, {parts['deleted']} of withdrawn "
            f"records and {parts['error']} of the server's own errors."
        )
        if parts["error"]:
            self.notes.append(f"{self.name}: the server could not export everything; its errors count as rejects.")
        if done:
            self.notes.append(f"{self.name}: {done} of them had landed before.")


@dataclass
class _Counter:
    """Bytes that came, against the bound for the whole export."""

    most: int
    host: str
    came: int = 0

    def add(self, count: int) -> None:
        self.came += count
        if self.came > self.most:
            raise Unreadable(f"{self.host}: the export is longer than `limits.bytes` allows. Ask for fewer types.")


def _come(future: "Future[Path]") -> Path:
    try:
        return future.result()
    except Stopped:
        raise Unreachable("The download was stopped. Run it again: it goes on where it was.") from None
    except OSError as error:
        raise Unreachable(f"A downloaded file cannot be written: {error.strerror}. Free some space.") from None


def _of_this(state: State, about: Description) -> State:
    """The state, if it answers the same question; else nothing: other types would be missed before `since`."""
    return state if state.get("asked") == about.mark else {}


def _done(state: State, job: Job, found: Manifest) -> int:
    """How many files of this manifest landed before."""
    same = state.get("status") == job.status and state.get("time") == found.mark
    return int(state["done"]) if same and state.get("done", "").isdigit() else 0


def _folder(landing: Path, found: Manifest) -> Path:
    """Where the files of this manifest come in; those of another one go."""
    name = sha256(found.mark.encode()).hexdigest()[:16]
    for other in landing.iterdir():
        if other.is_dir() and other.name != name:
            for file in other.iterdir():
                file.unlink()
            other.rmdir()
    (landing / name).mkdir(mode=0o700, exist_ok=True)
    return landing / name

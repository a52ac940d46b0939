"""What one run of `ingest` knows so far; every step adds to it. Holds no effect of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from federation.node.collect import Collected, Left
from federation.node.home import Home
from federation.node.journal import READ, SEEN, UNREADABLE, FileRow
from federation.node.landing import Folder, Landing
from federation.node.name import spoken
from federation.node.part import Counted
from federation.node.plan import File
from federation.node.pooling import Pooled
from federation.node.repeats import KEY_REPEATS, Repeats
from federation.node.report import Report, Withheld
from federation.node.sources import Sources

Tell = Callable[[int, int], None]  # bytes done, bytes in all


@dataclass
class Run:
    """One run. `fresh` are files to read, `seen` those that were read before, `twins` those that stand here twice."""

    home: Home
    site: str
    paths: Sequence[Path]
    sources: Sources
    now: datetime
    tell: Tell
    at: Callable[[str], None]
    dry: bool = False
    tell_asking: Tell = lambda _done, _whole: None  # records asked for, where a source must be asked
    batch: str = ""
    found: Collected = field(default_factory=lambda: Collected((), (), ()))
    fresh: list[File] = field(default_factory=list)
    seen: list[tuple[File, FileRow]] = field(default_factory=list)
    twins: list[tuple[File, File]] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)  # batches that hold a first part of files that are fresh again
    unreadable: list[Left] = field(default_factory=list)
    unreachable: list[Left] = field(default_factory=list)
    folders: dict[str, Folder] = field(default_factory=dict)  # of the feeds that were asked
    landings: dict[Path, Landing] = field(default_factory=dict)  # of the files that were landed
    counted: dict[int, Counted] = field(default_factory=dict)
    part_of: dict[int, str] = field(default_factory=dict)
    anew: list[str] = field(default_factory=list)  # marks of fresh files that were read before in another way
    repeats: list[Repeats] = field(default_factory=list)  # rows rejected because their key repeats in their file
    repeated: int = 0
    superseded: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    pooled: list[Pooled] = field(default_factory=list)
    withheld_rows: dict[tuple[str, str], int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def adds(self) -> bool:
        """Whether any file was read that had not been read before."""
        return any(each.state == READ for each in self.counted.values())

    @property
    def staged(self) -> Path:
        """Where the batch stands until it is recorded; a dry run's folder is thrown away."""
        return self.home.staging / (f"{self.batch}.tmp" if self.dry else self.batch)

    @property
    def files(self) -> list[File]:
        """Every file of the batch."""
        return [*self.fresh, *(file for file, _ in self.seen), *(file for file, _ in self.twins)]

    @property
    def read(self) -> int:
        """Records read now, and those of files that were read before."""
        return sum(each.read for each in self.counted.values()) + self._again()

    @property
    def rejected(self) -> int:
        """Records rejected whole."""
        return sum(each.rejected for each in self.counted.values())

    @property
    def duplicate(self) -> int:
        """Records that came before, one by one or with their whole file."""
        return self.repeated + self._again()

    @property
    def accepted(self) -> int:
        """Records whose rows were kept: those in `records`, without duplicates."""
        return sum(each.read - each.rejected for each in self.counted.values()) - self.repeated

    def _again(self) -> int:
        return sum(row.read for _, row in self.seen) + sum(
            self.counted[first.ordinal].read for _, first in self.twins if first.ordinal in self.counted
        )

    def rows(self) -> list[FileRow]:
        """Every file as the journal keeps it."""
        fresh = [self._row(file, self.counted[file.ordinal]) for file in self.fresh]
        seen = [self._again_row(file, row.read, row.batch) for file, row in self.seen]
        twins = [self._again_row(file, self.counted[first.ordinal].read, self.batch) for file, first in self.twins]
        return sorted([*fresh, *seen, *twins], key=lambda row: row.ordinal)

    def _row(self, file: File, counted: Counted) -> FileRow:
        return FileRow(
            file.ordinal,
            self.part_of[file.ordinal],
            file.mark,
            file.digest,
            spoken(file.path.absolute()),
            file.bytes,
            file.reading,
            counted.state,
            counted.read,
            counted.rejected,
            "",
            counted.message,
        )

    def _again_row(self, file: File, read: int, batch: str) -> FileRow:
        state = SEEN if read or batch != self.batch else UNREADABLE
        return FileRow(
            file.ordinal,
            "",
            file.mark,
            file.digest,
            spoken(file.path.absolute()),
            file.bytes,
            file.reading,
            state,
            read,
            0,
            batch,
            "",
        )

    def sources_of(self, path: Path) -> Sources:
        """How a file is opened: as was asked, or as the feed says that landed it."""
        if path not in self.landings:
            return self.sources
        landed = self.landings[path].landed
        return Sources(self.sources.kinds, landed.kind, landed.profile, landed.mapping)

    def reached(self) -> Iterator[Landing]:
        """The last landed file of each feed before the first that could not be read: how far the feed is read."""
        bad = {file.path for file in self.fresh if self.counted[file.ordinal].message}
        bad |= self.landings.keys() - {file.path for file in self.files}
        for feed in self.folders:
            landings = [each for each in self.landings.values() if each.feed == feed]
            good = list(takewhile(lambda each: each.landed.path not in bad, landings))
            yield from good[-1:]

    def report(self) -> Report:
        """What is told; refuses to tell anything that does not add up."""
        return Report(
            self.batch,
            self.site,
            _joined(file.reading.split("/")[0] for file in self.files),
            _joined(file.reading.split("/")[1] for file in self.files),
            len(self.files) + len(self._not_opened()),
            sum(file.bytes for file in self.files),
            self.read,
            self.accepted,
            self.rejected,
            self.duplicate,
            self.superseded,
            self.tables,
            self.reasons,
            self._pooled(),
            self._withheld(),
            tuple(self.unreadable),
            self.found.skipped,
            tuple(self.notes),
            self.dry,
            asked=len(self.folders),
            unreachable=tuple(self.unreachable),
            unkeyed=tuple(map(self._unkeyed, self.repeats)),
        )

    def _unkeyed(self, repeats: Repeats) -> Left:
        file = next(file for file in self.fresh if file.ordinal == repeats.ordinal)
        return Left(spoken(file.path), KEY_REPEATS, repeats.told())

    def _not_opened(self) -> set[str]:
        return {left.file for left in self.unreadable} - {spoken(file.path) for file in self.files}

    def _pooled(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for each in self.pooled:
            if each.allowed:
                sums[each.table] = sums.get(each.table, 0) + each.rows
        return sums

    def _withheld(self) -> tuple[Withheld, ...]:
        return tuple(
            Withheld(each.batch, each.table, self.withheld_rows.get((each.batch, each.table), 0), each.decision.reasons)
            for each in self.pooled
            if not each.allowed
        )


def _joined(words: Iterable[str]) -> str:
    return "+".join(sorted({word for word in words if word}))

"""Where in a site's earlier batches a value may stand: looked up without reading what stands elsewhere.

Made when it is first asked, a batch at a time, from the batches' files; what is missing, damaged or of another version
is made anew. Sorted files are joined as they grow, so that a thousand small batches leave few of them.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from federation.node.batch import part_folders
from federation.node.index_run import AT_ONCE, HIGH, Damaged, File, IndexRun, Numbers, read, write
from federation.quality.links import Some
from federation.quality.need import key_of

BATCH = "batch"  # the name of a batch, for sheets that do not have it in a column
MOST = 1 << 24  # entries beyond which files are no longer joined


@dataclass(frozen=True)
class Family:
    """What is looked up: `columns` together, in sheets of one name, of each part or (`beside`) of the batch itself.

    Rows that are not among `only` have no key.
    """

    sheet: str
    columns: tuple[str, ...]
    beside: bool = False
    only: Some | None = None

    @property
    def name(self) -> str:
        """Also that of its folder; a selection of other words is another one."""
        whole = f"{self.sheet}.{'+'.join(self.columns)}"
        return whole if self.only is None else f"{whole}.{_mark(self.only.true.meta.serialize(format='json'))}"

    @property
    def key(self) -> pl.Expr:
        """What is looked up of a row (UInt64); null where it has none."""
        return key_of(self.columns) if self.only is None else pl.when(self.only.true).then(key_of(self.columns))

    def files(self, batch: Path) -> list[Path]:
        """The sheets of a batch."""
        folders = [batch] if self.beside else part_folders(batch)
        return [path for folder in folders if (path := folder / f"{self.sheet}.parquet").exists()]


@dataclass(frozen=True)
class Spots:
    """Rows that may hold a key: file -> their numbers, in order.

    `there`: whether any batch has such a sheet at all; `filled`: whether one of them has rows.
    """

    rows: dict[Path, Numbers] = field(default_factory=dict)
    there: bool = False
    filled: bool = False

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(each.size for each in self.rows.values())


class Index:
    """The index of one site, in a folder of its own.

    `read` counts the rows that were read to make it, `found` those that it led to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read = self.found = 0
        self._runs: dict[Family, list[IndexRun]] = {}

    def find(self, family: Family, batches: Sequence[Path], keys: pl.Series) -> Spots:
        """Where one of the keys (as key_of makes them, UInt64) may stand in the batches' sheets."""
        prints = np.unique(keys.drop_nulls().to_numpy() >> HIGH)
        try:
            return self._find(family, batches, prints)
        except Damaged:
            self._forget(family)
            return self._find(family, batches, prints)

    def _find(self, family: Family, batches: Sequence[Path], prints: Numbers) -> Spots:
        wanted = {each.name: each for each in batches}
        found: dict[Path, Numbers] = {}
        runs = self._cover(family, wanted)
        rows = [each.rows for run in runs for each in run.files if each.batch in wanted]
        for run in runs if prints.size else ():
            found |= _by_file(run, run.find(prints), wanted)
        spots = Spots(found, bool(rows), any(rows))
        self.found += spots.count
        return spots

    def _cover(self, family: Family, wanted: dict[str, Path]) -> list[IndexRun]:
        if family not in self._runs:
            self._runs[family] = _whole(self.folder / family.name, family)
        runs = self._runs[family]
        covered = {name for run in runs for name in run.batches}
        missing = [path for name, path in wanted.items() if name not in covered]
        if missing:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / family.name).mkdir(mode=0o700, exist_ok=True)
            self._runs[family] = runs = _joined(family, [*runs, self._made(family, missing)])
        return runs

    def _made(self, family: Family, batches: Sequence[Path]) -> IndexRun:
        sheets = [(batch.name, path) for batch in batches for path in family.files(batch)]
        files = [
            File(name, str(path.relative_to(path.parents[0 if family.beside else 1])), pq.read_metadata(path).num_rows)
            for name, path in sheets
        ]
        self.read += sum(each.rows for each in files)
        names = [batch.name for batch in batches]
        return _written(self.folder / family.name, family, names, files, _entries(family, sheets, files))

    def _forget(self, family: Family) -> None:
        self._runs.pop(family, None)
        shutil.rmtree(self.folder / family.name, ignore_errors=True)


def _whole(folder: Path, family: Family) -> list[IndexRun]:
    """The files that can be used; of those that cover a batch twice (a run was cut short while joining) the larger."""
    runs = []
    for path in folder.glob("*") if folder.exists() else ():
        try:
            runs.append(read(path, family.name))
        except Damaged:
            path.unlink(missing_ok=True)
    kept: list[IndexRun] = []
    seen: set[str] = set()
    for run in sorted(runs, key=lambda run: len(run.batches), reverse=True):
        if seen.isdisjoint(run.batches):
            kept.append(run)
            seen.update(run.batches)
        else:
            run.path.unlink(missing_ok=True)
    return kept


def _joined(family: Family, runs: list[IndexRun]) -> list[IndexRun]:
    """Files of like size made one, so that their number grows with the logarithm of the batches'."""
    runs = sorted(runs, key=_weight, reverse=True)
    while len(runs) > 1 and _weight(runs[-2]) <= 2 * _weight(runs[-1]) and runs[-2].rows + runs[-1].rows < MOST:
        one, other = runs[-2:]
        entries = np.concatenate([one.all(), other.all() + np.uint64(one.rows)])
        both = _written(
            one.path.parent, family, [*one.batches, *other.batches], [*one.files, *other.files], _sized(entries)
        )
        for each in (one, other):
            each.path.unlink(missing_ok=True)
        runs = sorted([*runs[:-2], both], key=_weight, reverse=True)
    return runs


def _weight(run: IndexRun) -> int:
    return run.firsts.size + len(run.batches)


def _written(
    folder: Path, family: Family, batches: Sequence[str], files: Sequence[File], entries: Iterable[Numbers]
) -> IndexRun:
    path = folder / f"{_mark(chr(10).join(sorted(batches)))}.run"
    write(path, family.name, batches, files, entries)
    return read(path, family.name)


def _mark(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _sized(entries: Numbers) -> Iterator[Numbers]:
    return (entries[at : at + AT_ONCE] for at in range(0, entries.size, AT_ONCE))


def _entries(family: Family, sheets: Sequence[tuple[str, Path]], files: Sequence[File]) -> Iterator[Numbers]:
    waiting, size, begin = [], 0, 0
    for (batch, path), file in zip(sheets, files, strict=True):
        for at in range(0, file.rows, AT_ONCE):
            piece = _prints(family, batch, path, at) + np.uint64(begin + at)
            waiting.append(piece)
            size += piece.size
            if size >= AT_ONCE:
                yield from _sized(np.concatenate(waiting))
                waiting, size = [], 0
        begin += file.rows
    if size:
        yield from _sized(np.concatenate(waiting))


def _prints(family: Family, batch: str, path: Path, at: int) -> Numbers:
    """Entries of one piece of a file, its rows counted from 0."""
    rows = pl.scan_parquet(path).slice(at, AT_ONCE)
    if BATCH in family.columns and BATCH not in pq.read_schema(path).names:
        rows = rows.with_columns(pl.lit(batch).alias(BATCH))
    keys = rows.select(family.key.alias("key")).collect(engine="streaming")["key"]
    number = np.flatnonzero(keys.is_not_null().to_numpy()).astype(np.uint64)
    return ((keys.drop_nulls().to_numpy() >> HIGH) << HIGH) + number


def _by_file(run: IndexRun, rows: Numbers, wanted: dict[str, Path]) -> dict[Path, Numbers]:
    ends = np.cumsum([each.rows for each in run.files], dtype=np.uint64)
    found = {}
    for place in np.unique(np.searchsorted(ends, rows, "right")):
        file = run.files[place]
        begin = ends[place] - np.uint64(file.rows)
        if file.batch in wanted:
            found[wanted[file.batch] / file.name] = rows[(rows >= begin) & (rows < ends[place])] - begin
    return found

"""The steps of `ingest`, each a function on the run. Until the last one nothing that a reader looks at has changed."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from sqlalchemy import Connection

from federation.broker.contracts import active_contracts
from federation.consent.pooling import to_pool
from federation.consent.request import Decision
from federation.errors import Unbalanced
from federation.node import journal, repeats
from federation.node.batch import REPEATS, accepted, part_folders, sheets, table_names
from federation.node.carry import carry as fill
from federation.node.carry import forget_said
from federation.node.collect import Left, collect
from federation.node.durable import publish
from federation.node.events import REPLACED, STANDING
from federation.node.gone import Came, came
from federation.node.index import Index
from federation.node.journal import FileRow, ReleaseRow
from federation.node.key import must_be_the_key
from federation.node.library import library_of
from federation.node.name import spoken
from federation.node.part import read_part
from federation.node.persons import persons
from federation.node.plan import File, batch_id, examined, parts
from federation.node.pooling import Pooled, Pooling
from federation.node.record import record
from federation.node.recover import recover
from federation.node.rescore import rescored
from federation.node.run import Run
from federation.node.unread import may_be_read_now, unread
from federation.node.versions import compare


def mend(run: Run) -> None:
    """Puts the home back to what the registry says, once its key is known to be its own."""
    must_be_the_key(run.home)
    recover(run.home)


def gather(run: Run) -> None:
    """Finds the files; links out of the tree count as unreadable."""
    run.found = collect(run.paths)
    run.unreadable += run.found.refused


def digest(run: Run) -> None:
    """Names every file by its content and finds who reads it; files that were read before are set aside."""
    first: dict[tuple[str, str], File] = {}
    with run.home.engine.connect() as connection:
        for each in examined(run.found.files, run.sources_of):
            if isinstance(each, Left):
                run.unreadable.append(each)
            elif (known := _known(run, connection, each)) is not None:
                run.seen.append((each, known))
            elif (twin := first.setdefault((each.digest, each.reading), each)) is not each:
                run.twins.append((each, twin))
            else:
                run.fresh.append(each)
        dates = {batch.id: batch.at for batch in journal.batches(connection, run.site)}
        run.anew = [
            file.mark for file in run.fresh if journal.read_otherwise(connection, run.site, file.digest, file.reading)
        ]
    for batch in dict.fromkeys(known.batch for _, known in run.seen):
        count_of = sum(known.batch == batch for _, known in run.seen)
        run.notes.append(f"{count_of} of the files already ingested in batch {batch} on {dates[batch]}: nothing added.")
    for file, twin in run.twins:
        run.notes.append(f"{spoken(file.path)} is the same file as {spoken(twin.path)}: read once.")
    run.batch = (
        batch_id(run.site, run.fresh, run.begun) if run.fresh else next((known.batch for _, known in run.seen), "")
    )


def _known(run: Run, connection: Connection, file: File) -> FileRow | None:
    """The file as it was read before; None where it was not, or where the rest of it may be readable by now."""
    known = journal.seen(connection, run.site, file.digest, file.reading)
    left = None if known is None else unread(run.home, file.path, known)
    if known is not None and may_be_read_now(left):
        run.begun.append(known.batch)
        return None
    run.unreadable += [left] if left else []
    return known


def read(run: Run) -> None:
    """Reads what is new, part by part; finished parts of a run that was cut short are used as they are."""
    whole, done = sum(file.bytes for file in run.fresh), 0

    def tell(step: int) -> None:
        nonlocal done
        done += step
        run.tell(done, whole)

    for part in parts(run.fresh):
        run.staged.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in read_part(part, run.site, run.batch, run.staged / part.name, tell):
            run.counted[each.ordinal] = each
            run.part_of[each.ordinal] = part.name
        run.at(f"part {part.name}")
    for file in run.fresh:
        said = run.counted[file.ordinal]
        if said.message:
            run.unreadable.append(Left(spoken(file.path), said.reason, said.message))


def match(run: Run) -> None:
    """Finds duplicates and later versions, and counts the rows of accepted records."""
    if not run.adds:
        return
    with run.home.engine.connect() as connection:
        earlier = [run.home.batch(run.site, batch.id) for batch in journal.batches(connection, run.site)]
    spill = run.staged / "spill.tmp"
    superseded = compare(part_folders(run.staged), earlier, run.batch, spill, run.anew)
    shutil.rmtree(spill, ignore_errors=True)
    _reject_repeats(run)
    run.repeated = sum(pq.read_metadata(path).num_rows for path in sheets(run.staged, "duplicates"))
    run.superseded = superseded + _outdone(run.staged)
    run.reasons = _by_reason(run.staged)
    run.tables = {
        name: int(rows.select(pl.len()).collect(engine="streaming").item())
        for name, rows in accepted(run.staged).items()
    }


def check(run: Run) -> None:
    """Raises Unbalanced when a record was lost or counted twice: by the counts, and by what stands in the files."""
    run.report()
    if run.adds:
        stand = sum(pq.read_metadata(path).num_rows for path in sheets(run.staged, "records"))
        counted = sum(each.read - each.rejected for each in run.counted.values())
        counted += sum(each.rows for each in run.repeats)  # rejected, and still where they were read to
        if stand != counted:
            raise Unbalanced(
                f"Batch {run.batch}: {counted} records were to be kept, {stand} are on disk. Nothing was kept."
            )


def carry(run: Run) -> None:
    """Fills what later versions of rows leave empty with what was said before."""
    if run.adds:
        spill = run.staged / "spill.tmp"
        fill(run.staged, spill)
        shutil.rmtree(spill, ignore_errors=True)


def score(run: Run) -> None:
    """Counts what the batch changes in how often each check was asked and failed over the site's standing rows."""
    if run.adds and not run.dry:
        library = library_of(run.home)
        run.notes += library.problems
        with run.home.engine.connect() as connection:
            earlier = came(run.home, journal.batches(connection, run.site))
        fresh = run.staged / "score.parquet.tmp"
        batch = Came(run.staged, run.now.date())
        states = rescored(earlier, batch, library.checks, run.staged / "near.tmp", Index(run.home.index(run.site)))
        states.write_parquet(fresh)
        fresh.rename(run.staged / "score.parquet")


def place(run: Run) -> None:
    """Moves the batch to its site; until it is recorded nobody looks there."""
    if not run.adds or run.dry:
        return
    folder, final = run.home.batch(run.site, run.batch), run.home.score(run.site, run.batch)
    publish(run.staged, folder)
    run.at("placed rows")
    final.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = final.with_suffix(".tmp")
    shutil.copyfile(folder / "score.parquet", fresh)
    publish(fresh, final)


def pool(run: Run) -> None:
    """Decides table by table and pools what a contract covers, of this batch and of those withheld before."""
    with run.home.engine.connect() as connection:
        order = [batch.id for batch in journal.batches(connection, run.site)]
        waiting = journal.releases(connection, run.site, journal.WITHHELD)
        before = journal.releases(connection, run.site, journal.POOLED)
        contracts = active_contracts(connection)

    def decide(table: str) -> Decision:
        return to_pool(run.site, table, contracts, run.now.date())

    shown = {row.table for row in before}
    wider = [row for row in before if _granted_since(row, decide(row.table))]
    run.withheld_rows = {(row.batch, row.table): row.rows for row in [*waiting, *wider]}
    run.withheld_rows |= {(run.batch, table): rows for table, rows in run.tables.items()}
    if run.dry:
        run.pooled = [Pooled(run.batch, table, 0, decide(table)) for table in run.tables]
        return
    with persons(run.home.site(run.site), run.site, run.home.tokens) as known:
        more = frozenset((row.batch, row.table) for row in wider)
        way = Pooling(run.home, run.site, [*order, run.batch] if run.adds else order, known, decide, more)
        todo = [(row.batch, row.table) for row in [*waiting, *wider]]
        if run.adds:
            folder = run.home.batch(run.site, run.batch)
            known.learn(run.batch, folder, way.gone(run.batch))
            # A later version may have rows in fewer tables than the one it replaces: those are gone through as well.
            todo += [(run.batch, table) for table in sorted({*table_names(folder), *(shown if run.superseded else ())})]
        for batch in dict.fromkeys(batch for batch, _ in todo):
            for done in way.release(batch, [table for of, table in todo if of == batch]):
                run.pooled.append(done)
                run.at(f"pooled {done.table}")


def keep(run: Run) -> None:
    """Makes all of it visible and writes the ledger, in one transaction."""
    if not run.dry:
        record(run)
        if run.adds:
            forget_said(run.home.batch(run.site, run.batch))
    for landing in run.reached():
        run.folders[landing.feed].forget(landing.ordinal)
    if run.dry:
        for folder in run.folders.values():
            shutil.rmtree(folder.path, ignore_errors=True)
    if run.fresh and not run.home.batch(run.site, run.batch).exists():
        shutil.rmtree(run.staged, ignore_errors=True)


def _granted_since(row: ReleaseRow, decision: Decision) -> bool:
    """Whether a contract grants some of the table that did not when its rows went into the pool."""
    return bool(decision.columns) and any(f"contract {one} " not in f"{row.reasons} " for one in decision.contracts)


def _reject_repeats(run: Run) -> None:
    """Counts rows as rejected whose key is that of a later row of their file, and says of each file how many."""
    run.repeats = list(repeats.found(run.staged))
    for each in run.repeats:
        counted = run.counted[each.ordinal]
        run.counted[each.ordinal] = replace(counted, rejected=counted.rejected + each.rows)


def _outdone(batch: Path) -> int:
    """Versions of parts of records that gave way in the batch: its own and those of before."""
    outdone: int = sum(pq.read_metadata(path).num_rows for path in sheets(batch, REPLACED))
    if not (batch / STANDING).exists():
        return outdone
    again = pl.scan_parquet(batch / STANDING).select(pl.col("again").sum())
    return outdone + int(again.collect(engine="streaming").item())


def _by_reason(batch: Path) -> dict[str, int]:
    rejects = pl.scan_parquet([*sheets(batch, "rejects"), *sheets(batch, REPEATS)])
    counts = rejects.group_by("reason").len().sort("reason").collect(engine="streaming")
    return dict(counts.iter_rows())

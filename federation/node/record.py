"""The moment a batch comes to be: snapshot, journal and ledger entries in one transaction, or nothing.

An entry says how many and which contract; never whose, and no file's name.
"""

from federation.broker.ledger import Ledger
from federation.broker.recording import recording
from federation.broker.site import Site, add_sites, all_sites
from federation.centre.snapshot import read_snapshot, write_snapshot
from federation.node import journal
from federation.node.feeds import put_reached
from federation.node.journal import POOLED, READ, WITHHELD, BatchRow, ReleaseRow
from federation.node.pooling import Pooled
from federation.node.run import Run


def record(run: Run) -> None:
    """Writes what the run added, if it added anything."""
    with run.home.engine.connect() as connection:
        told = {(row.batch, row.table): row.reasons for row in journal.releases(connection, run.site, WITHHELD)}
    fresh = [done for done in run.pooled if done.allowed or told.get((done.batch, done.table)) != _said(done)]
    reached = list(run.reached())
    if not run.adds and not fresh and not reached:
        return
    with recording(run.home.engine, run.home.path) as ledger:
        _register(run, ledger)
        if run.adds:
            _batch(run, ledger)
        for each in reached:
            put_reached(ledger.connection, run.site, each.feed, each.reached, run.now.isoformat())
        versions = run.home.pool.versions()
        for done in fresh:
            _release(run, ledger, done, versions.get(done.table, -1))
        if read_snapshot(ledger.connection) != versions:
            write_snapshot(ledger.connection, versions)
        run.at("before the commit")
    run.at("after the commit")


def _register(run: Run, ledger: Ledger) -> None:
    if run.site in {site.id for site in all_sites(ledger.connection)}:
        return
    add_sites(ledger.connection, [Site(id=run.site, name=run.site)])
    ledger.append("site", {"site": run.site, "tier": "unknown"}, run.now)
    run.notes.append(f"{run.site} was not registered: it is now, its tier unknown. Say more with `guantong site add`.")


def _batch(run: Run, ledger: Ledger) -> None:
    told = run.report()
    ordinal = journal.next_ordinal(ledger.connection, run.site)
    row = BatchRow(
        run.site,
        run.batch,
        ordinal,
        run.now.isoformat(),
        told.kind,
        told.profile,
        told.read,
        told.accepted,
        told.rejected,
        told.duplicate,
    )
    journal.add_batch(ledger.connection, row, run.rows())
    ledger.append(
        "ingest",
        {
            "site": run.site,
            "batch": run.batch,
            "key": run.home.tokens.mark,
            "read": told.read,
            "accepted": told.accepted,
            "rejected": told.rejected,
            "duplicate": told.duplicate,
            "files": [each.digest for each in run.counted.values() if each.state == READ],
        },
        run.now,
    )


def _release(run: Run, ledger: Ledger, done: Pooled, version: int) -> None:
    rows = run.withheld_rows.get((done.batch, done.table), 0)
    state = POOLED if done.allowed else WITHHELD
    # Reasons of a release are its contracts: the ledger has them; the journal keeps the words for people.
    row = ReleaseRow(run.site, done.batch, done.table, state, rows, done.rows, _said(done))
    journal.put_release(ledger.connection, row)
    about = {"site": run.site, "batch": done.batch, "table": done.table, "recipient": "city-centre"}
    if done.allowed:
        ledger.append(
            "release",
            about | {"rows": done.rows, "contracts": list(done.decision.contracts), "version": version},
            run.now,
        )
    else:
        ledger.append("refusal", about | {"rows": rows, "reasons": list(done.decision.reasons)}, run.now)


def _said(done: Pooled) -> str:
    return " ".join(done.decision.reasons)

"""Reads a home and counts what the report says. Only counts leave this module; it changes nothing in the home."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import polars as pl

from connectors.reason import REASONS as CATALOGUE
from connectors.reason import Reason
from federation.broker.site import Site, all_sites
from federation.centre.bucket import BUCKET, BUCKETS
from federation.centre.snapshot import read_snapshot
from federation.node.batch import sheets
from federation.node.home import Home
from federation.node.journal import BatchRow, ReleaseRow, batches, releases
from federation.node.kept import kept
from federation.report.facts import REASONS, SITES, Answer, Facts
from federation.report.found import found
from federation.report.scores import checks, coverage, heat

CITY = timezone(timedelta(hours=8))  # Asia/Shanghai, which has had no other offset since 1991
AT_ONCE = 8  # buckets counted together: bounds the memory, whatever the size of the city
COUNTS = ("read", "accepted", "rejected", "duplicate")


def gather(
    home: Home,
    *,
    truth: pl.DataFrame | None = None,
    as_of: date | None = None,
    answers: Iterable[Answer] = (),
    seconds: float | None = None,
    made: datetime | None = None,
) -> Facts:
    """The facts of a home.

    `truth` is the made-up city's truth file (columns of federation.city.spoil.TRUTH); its rows are judged on the day
    `as_of`. `made` is when the report is made: the time of the last batch where it is not given, and so is `as_of`.
    """
    with home.engine.connect() as connection:
        sites, read = all_sites(connection), batches(connection)
        released, snapshot = releases(connection), read_snapshot(connection)
    made = made or max((datetime.fromisoformat(batch.at) for batch in read), default=None)
    made = made.astimezone(CITY) if made and made.tzinfo else made
    states = kept(home, read)
    ids = [site.id for site in sites]
    facts = Facts(
        flow=_flow(sites, read, released),
        heat=heat(states, ids),
        coverage=coverage(states),
        reasons=_reasons(home, sites, read),
        checks=checks(states),
        answers=tuple(answers),
        persons=_persons(home, snapshot),
        pooled_rows=sum(_height(home.pool.scan(table, version)) for table, version in snapshot.items()),
        seconds=seconds,
        made=made,
    )
    return (
        facts if truth is None else replace(facts, truth=found(home, truth, as_of or (made.date() if made else None)))
    )


def _flow(sites: Iterable[Site], read: list[BatchRow], released: list[ReleaseRow]) -> pl.DataFrame:
    def row(site: Site) -> tuple[str | int, ...]:
        own = [batch for batch in read if batch.site == site.id]
        out = [release for release in released if release.site == site.id]
        pooled = sum(release.pooled for release in out)
        counts = (sum(getattr(batch, name) for batch in own) for name in COUNTS)
        withheld = sum(release.rows for release in out) - pooled
        return site.id, site.name_zh or site.name, site.name, site.tier, *counts, pooled, withheld

    return pl.DataFrame(list(map(row, sites)), schema=SITES, orient="row")


def _reasons(home: Home, sites: Iterable[Site], read: Iterable[BatchRow]) -> pl.DataFrame:
    tiers = {site.id: site.tier for site in sites}
    parts = [
        pl.scan_parquet(path).select(pl.lit(tiers.get(batch.site, "unknown")).alias("tier"), "reason", "whole")
        for batch in read
        for path in sheets(home.batch(batch.site, batch.id), "rejects")
    ]
    if not parts:
        return pl.DataFrame(schema=REASONS)
    counts = pl.concat(parts).group_by("tier", "reason", "whole").len("count").collect(engine="streaming")
    rows = [
        (tier, reason, *_words(reason), whole, count)
        for tier, reason, whole, count in counts.sort(pl.all()).iter_rows()
    ]
    return pl.DataFrame(rows, schema=REASONS, orient="row")


def _words(reason: str) -> tuple[str, str]:
    known: Reason | None = CATALOGUE.get(reason)
    return (known.means, known.zh) if known else (reason, reason)


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())


def _persons(home: Home, snapshot: dict[str, int]) -> int:
    """Distinct person tokens over all pool tables; a person is in one bucket, so buckets are counted apart."""
    scans = [home.pool.scan(table, version) for table, version in snapshot.items()]
    of_persons = [rows.select("person_id", BUCKET) for rows in scans if "person_id" in rows.collect_schema()]
    if not of_persons:
        return 0
    every = pl.concat(of_persons).drop_nulls("person_id")
    return sum(
        _height(every.filter(pl.col(BUCKET).is_between(first, first + AT_ONCE - 1)).select("person_id").unique())
        for first in range(0, BUCKETS, AT_ONCE)
    )

"""`guantong score delay`: who delivered what by when, at which quality, against the mandates of the home.

Counts only, and small ones are told to nobody. Rows are read under --records alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json
from federation.cli.score.arriving import LEAST, arriving, show_arriving
from federation.cli.score.owed import show_sums, show_tasks

if TYPE_CHECKING:
    import polars as pl

    from federation.consent.mandate import Mandate
    from federation.node.home import Home as AHome

SHOWN = 40
NONE = (
    "No mandate stands in this home: write one into its folder `mandates` (docs/mandates.md).\n"
    "尚无归集任务：请写入主目录 mandates 文件夹（见 docs/mandates.md）。"
)


def delay(  # noqa: PLR0917 - typer hands its options over by name
    home: Home = HOME,
    site: Annotated[str | None, typer.Option("--site", help="One site only. 机构")] = None,
    month: Annotated[str | None, typer.Option("--month", help="One month only, YYYY-MM. 月份")] = None,
    table: Annotated[str | None, typer.Option("--table", help="One shared table only. 共享表")] = None,
    day: Annotated[str | None, typer.Option("--day", help="As of this day, YYYY-MM-DD; else today. 截至日期")] = None,
    every: Annotated[bool, typer.Option("--all", help="What came in time as well. 含按时")] = False,
    records: Annotated[
        bool, typer.Option("--records", help="Days from event to arrival, record by record. 逐条时长")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many lines of each list.")] = SHOWN,
    as_json: Json = False,
) -> None:
    """Who delivered what by when: late, absent, short.  报送及时性"""
    from federation.cli.clock import now
    from federation.cli.score.scope import batches_and_sites, day_named, month_named, tables_named
    from federation.node.home import open_home
    from federation.node.mandates import mandates_of
    from federation.report.mandated import amiss, sums

    chosen, only = tables_named(table), month_named(month) if month else None
    as_of = day_named(day) if day else now().date()
    opened = open_home(home)
    _, sites = batches_and_sites(opened, site)
    mandates = mandates_of(opened)
    told = _told(opened, mandates, sites, chosen, only, as_of)
    listed = told if every else amiss(told)
    spans = arriving(opened, mandates, site, chosen) if records else None
    if as_json:
        return show_json(_document(as_of, mandates, sums(told), listed, spans, limit))
    if mandates:
        show_sums(sums(told), limit)
        show_tasks(listed, told.height, every, limit)
    else:
        answer.print(NONE, soft_wrap=True)
    if spans is not None:
        show_arriving(spans)
    return None


def _told(
    home: "AHome", mandates: "Sequence[Mandate]", sites: Sequence[str], tables: Sequence[str], only: date | None,
    day: date,
) -> "pl.DataFrame":  # fmt: skip
    """What was asked and what came, the latest month first; scores are those that rows to date have."""
    import polars as pl

    from federation.broker.site import all_sites
    from federation.node.journal import batches
    from federation.node.kept import kept_with_arrivals
    from federation.node.library import library_of
    from federation.node.mandates import dues_of
    from federation.node.scoring import standard_of
    from federation.report.gather_bulletin import monthly
    from federation.report.mandated import mandated

    with home.engine.connect() as connection:
        recorded = [each for each in batches(connection) if each.site in sites and each.at[:10] <= day.isoformat()]
        tiers = {each.id: str(each.tier) for each in all_sites(connection) if each.id in sites}
    dues = dues_of(mandates, tiers, day).filter(pl.col("table").is_in(tables))
    dues = dues if only is None else dues.filter(pl.col("month") == only)
    found = kept_with_arrivals(home, recorded if dues.height else [])
    asked = found.states.filter(pl.col("month").is_in(dues["month"].unique().implode()))
    scores = monthly(asked, "nhc", standard_of(home), library_of(home).checks)
    made = mandated(found.arrivals, dues, mandates, scores, day)
    return made.sort("month", "mandate", "org_code", "table", descending=[True, False, False, False])


def _document(
    day: date, mandates: "Sequence[Mandate]", summed: "pl.DataFrame", listed: "pl.DataFrame",
    spans: "tuple[pl.DataFrame, pl.DataFrame] | None", limit: int,
) -> dict[str, Any]:  # fmt: skip
    from federation.report.small import told_punctual

    made: dict[str, Any] = {
        "day": day,
        "mandates": [each.model_dump(mode="json") for each in mandates],
        "sites": summed.to_dicts(),
        "tasks": listed.head(limit).to_dicts(),
        "left_out": max(0, listed.height - limit),
    }
    if spans is None:
        return made
    records, old = spans
    return made | {
        "records": told_punctual(records).to_dicts(),
        "history": old.filter(old["records"] >= LEAST).to_dicts(),
    }

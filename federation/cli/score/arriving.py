"""Days from an event until its record first came, as `guantong score delay --records` shows them. Rows are read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from federation.cli.bar import bar
from federation.cli.output import answer

if TYPE_CHECKING:
    import polars as pl

    from federation.consent.mandate import Mandate
    from federation.node.home import Home as AHome

LEAST = 20  # records; fewer say nothing of nine in ten


def arriving(
    home: "AHome", mandates: "Sequence[Mandate]", site: str | None, tables: Sequence[str]
) -> "tuple[pl.DataFrame, pl.DataFrame]":
    """Columns PUNCTUAL of scopes with LEAST records, and HISTORY. The shortest time that any mandate gives is asked."""
    import polars as pl

    from federation.cli.score.scope import batches_and_sites
    from federation.node.beside import delays_of
    from federation.quality.delay import punctual

    recorded, _ = batches_and_sites(home, site)
    with bar() as begin:
        counts, old = delays_of(home, recorded, tables, begin("following records"))
    asked = [(name, each.within_days) for each in mandates for name in each.tables if each.within_days is not None]
    allowed = {name: min(days for other, days in asked if other == name) for name, _ in asked}
    return punctual(counts, allowed).filter(pl.col("records") >= LEAST).sort("org_code", "table"), old


def show_arriving(spans: "tuple[pl.DataFrame, pl.DataFrame]") -> None:
    """What `arriving` found, as a table; small counts are not told."""
    from federation.cli.score.cards import table_of
    from federation.quality.finding import percent
    from federation.report.small import told_punctual

    records, old = spans
    history = {(site, name): number for site, name, number in old.iter_rows()}
    if records.is_empty():
        answer.print(
            f"No evidence: no table has {LEAST} records of events since the site's first batch "
            f"({sum(history.values()):,} are older).\n无证据：首批之后发生的记录不足 {LEAST} 条。", soft_wrap=True,
        )  # fmt: skip
        return
    table = table_of(
        "site\n机构", "table\n共享表", "records\n条数", "half by day\n半数", "9 in 10 by day\n九成",
        "asked within\n要求天数", "within it\n按时", "share\n占比",
    )  # fmt: skip
    for row in told_punctual(records).iter_rows(named=True):
        known = row["in_time"] is not None
        table.add_row(
            row["org_code"], row["table"], f"{row['records']:,}", str(row["p50"]), str(row["p90"]),
            "" if row["allowed"] is None else str(row["allowed"]), f"{row['in_time']:,}" if known else "",
            percent(row["in_time"], row["records"]) if known else "",
        )  # fmt: skip
    answer.print(table)
    answer.print(
        "Days from the event until its record first came; events before a site's first batch are history, left out.\n"
        "自发生至首次到达的天数；首批之前发生的为历史数据，不计。",
        soft_wrap=True,
    )

"""`guantong score`: what the rows of each site answered, and on demand which rows failed, for their owner alone.

It reads the counts kept with each batch; rows are read again only under --explain. Nothing is written.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, talk
from federation.cli.score.bulletin import bulletin
from federation.cli.score.cards import show_cards, table_of
from federation.cli.score.cells import cells
from federation.cli.score.certificate import certify, verify
from federation.cli.score.delay import delay
from federation.cli.score.exported import export
from federation.cli.score.feedback import feedback
from federation.cli.score.fixes import fixes
from federation.cli.score.page import page
from federation.cli.score.pairs import pairs
from federation.cli.score.peers import peers
from federation.cli.score.recount import recount
from federation.cli.score.rows import show_rows
from federation.cli.score.scope import batches_and_sites, month_named, scheme_of
from federation.cli.score.settling import settling
from federation.cli.score.shift import shift
from federation.cli.score.since import changes, trend

if TYPE_CHECKING:
    import polars as pl

    from federation.node.home import Home as AHome
    from federation.node.journal import BatchRow
    from federation.quality.check import Check
    from federation.quality.finding import Finding

SHOWN = 20


app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command("certify")(certify)
app.command("verify")(verify)
app.command("cells")(cells)
app.command("recount")(recount)
app.command("peers")(peers)
app.command("changes")(changes)
app.command("trend")(trend)
app.command("delay")(delay)
app.command("pairs")(pairs)
app.command("settling")(settling)
app.command("shift")(shift)
app.command("fixes")(fixes)
app.command("feedback")(feedback)
app.command("bulletin")(bulletin)
app.command("page")(page)
app.command("export")(export)


@app.callback(invoke_without_command=True)
def scores(  # noqa: PLR0917 - typer hands its options over by name
    context: typer.Context,
    home: Home = HOME,
    site: Annotated[str | None, typer.Option(help="One site only. 机构")] = None,
    month: Annotated[str | None, typer.Option(help="One month only, YYYY-MM. 月份")] = None,
    dimension: Annotated[str, typer.Option(help="nhc (EMR grading), gbt (GB/T 36344) or kahn. 维度体系")] = "nhc",
    check: Annotated[
        str | None, typer.Option(help="A check or rule, e.g. FP11; docs/checks.md lists them. 规则")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Every check that failed, and what to do. 不合格规则")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="With --check: the rows that failed. 不合格记录")] = False,
    limit: Annotated[int, typer.Option(min=1, help="With --explain: at most so many rows a check and site.")] = SHOWN,
    raw: Annotated[bool, typer.Option("--raw", help="With --explain: values too, for the home's owner only.")] = False,
    as_json: Json = False,
) -> None:
    """Quality by site, dimension, month and check.  质量评分"""
    if context.invoked_subcommand is not None:
        return None
    from federation.errors import Usage
    from federation.node.home import open_home
    from federation.node.library import library_of
    from federation.node.raw import must_own
    from federation.node.scoring import standard_of
    from federation.quality.library import find
    from federation.quality.scorecard import scorecard

    scheme_of(dimension)
    if (explain and check is None) or (raw and not explain):
        raise Usage("--explain goes with --check, and --raw with --explain.")
    only = month_named(month) if month else None
    opened = open_home(home)
    library = library_of(opened)
    chosen = find(check, library.checks) if check else None
    for problem in library.problems:
        talk.print(problem, markup=False, style="yellow", soft_wrap=True)
    if raw:
        must_own(opened, "Values are shown to the owner of the home only; leave --raw out.")
    recorded, sites = batches_and_sites(opened, site)
    if explain and chosen:
        return show_rows(opened, recorded, chosen, only, limit, raw, as_json)
    states = _states(opened, recorded, only)
    if chosen or failed:
        findings = _findings(states, chosen or library.checks, sites)
        return _show_findings(_failing(findings) if failed else findings, only, states, as_json)
    cards = scorecard(states, dimension, monthly=only is not None, sites=sites, checks=library.checks)
    return show_cards(cards, dimension, standard_of(opened), as_json)


def _states(home: "AHome", recorded: "Sequence[BatchRow]", month: date | None) -> "pl.DataFrame":
    """The counts of all recorded batches, of one month where one is asked for."""
    import polars as pl

    from federation.node.kept import kept

    states = kept(home, recorded)
    return states if month is None else states.filter(pl.col("month") == month)


def _findings(states: "pl.DataFrame", chosen: "Sequence[Check]", sites: Sequence[str]) -> "list[tuple[str, Finding]]":
    from federation.quality.count import by_check
    from federation.quality.finding import Finding

    counts = by_check(states)
    return [(site, Finding(each, *counts.get((site, each.id), (0, 0)))) for site in sites for each in chosen]


def _failing(findings: "Sequence[tuple[str, Finding]]") -> "list[tuple[str, Finding]]":
    """Those that failed, the largest share first within each site."""
    from federation.quality.finding import Verdict

    failing = [(site, each) for site, each in findings if each.verdict is Verdict.FAILED]
    return sorted(failing, key=lambda found: (found[0], -found[1].failed / found[1].asked, found[1].check.id))


def _show_findings(
    findings: "Sequence[tuple[str, Finding]]", month: date | None, states: "pl.DataFrame", as_json: bool
) -> None:
    from federation.cli.output import answer, show_json
    from federation.quality.absence import delivered
    from federation.quality.finding import percent

    tables = delivered(states)
    if as_json:
        when = month.strftime("%Y-%m") if month else None
        return show_json({"month": when, "findings": [_finding(site, each, tables) for site, each in findings]})
    table = table_of(
        "site\n机构", "check\n规则", "asks\n内容", "failed\n不合格", "asked\n应查", "failed\n不合格率", "verdict\n结论"
    )
    for site, each in findings:
        table.add_row(
            site,
            each.check.id,
            f"{each.check.means} {each.check.zh}{_advice(each)}",
            f"{each.failed:,}",
            f"{each.asked:,}",
            percent(each.failed, each.asked),
            _verdict(site, each, tables),
        )
    return answer.print(table)


def _verdict(site: str, finding: "Finding", tables: frozenset[tuple[str, str]]) -> str:
    """The verdict; where there is no evidence, why."""
    from federation.quality.absence import absence

    if finding.asked:
        return finding.verdict
    why = absence(site, finding.check, tables)
    return f"{finding.verdict}: {why} {why.zh}"


def _advice(finding: "Finding") -> str:
    """What to do, on a line of its own; nothing where nothing failed."""
    from federation.report.hints import HINTS

    hint = HINTS[finding.check.kind]
    return f"\n→ {hint.en} {hint.zh}" if finding.failed else ""


def _finding(site: str, finding: "Finding", tables: frozenset[tuple[str, str]]) -> dict[str, Any]:
    from federation.quality.absence import absence

    check = finding.check
    return {
        "site": site,
        "check": check.id,
        "rule": check.rule,
        "table": check.table,
        "means": check.means,
        "zh": check.zh,
        "severity": check.severity,
        "source": check.source,
        "tolerates": check.tolerates,
        "because": check.because,
        "asked": finding.asked,
        "failed": finding.failed,
        "rate": finding.rate,
        "verdict": finding.verdict,
        "absence": None if finding.asked else absence(site, check, tables),
    }

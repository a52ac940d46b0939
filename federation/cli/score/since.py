"""`guantong score changes` and `guantong score trend`: how scores moved, by the day they were counted and by month."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json
from federation.cli.score.scope import batches_and_sites, day_named, scheme_of

if TYPE_CHECKING:
    from federation.quality.change import Changed

BARS = "▁▂▃▄▅▆▇█"
MONTHS = 12


def changes(
    since: Annotated[str, typer.Option("--since", help="The day to compare with, YYYY-MM-DD. 对比日期")],
    home: Home = HOME,
    site: Annotated[str | None, typer.Option("--site", help="One site only. 机构")] = None,
    as_json: Json = False,
) -> None:
    """Failures that are new, mended, worse or better since a day.  评分变化"""
    from federation.node.home import open_home
    from federation.node.kept import kept
    from federation.node.library import library_of
    from federation.quality.change import changes as changed

    day = day_named(since)
    opened = open_home(home)
    recorded, sites = batches_and_sites(opened, site)
    earlier = [each for each in recorded if each.at < day.isoformat()]
    found = list(changed(kept(opened, earlier), kept(opened, recorded), library_of(opened).checks, sites))
    counted = {"before": len(earlier), "since": len(recorded) - len(earlier)}
    if as_json:
        return show_json({"since": since, "batches": counted, "changes": [_row(each) for each in found]})
    return _show(found, day, counted)


def _show(found: "list[Changed]", day: date, counted: dict[str, int]) -> None:
    from federation.cli.score.cards import table_of
    from federation.quality.finding import percent

    new, old = counted["since"], counted["before"]
    head = f"{new} batches since {day}, {old} before.  该日起 {new} 批，此前 {old} 批。"
    answer.print(head, soft_wrap=True)
    quiet = sum(_is_quiet(each) for each in found)
    if quiet:
        answer.print(f"{quiet} checks were asked for the first time and passed.  {quiet} 项规则首次评价且通过。")
    if quiet == len(found):
        return answer.print("Nothing else came out otherwise. 其余规则结论无变化。")
    table = table_of(
        "site\n机构", "change\n变化", "check\n规则", "asks\n内容", "failed before\n此前", "failed now\n目前"
    )
    for each in (one for one in found if not _is_quiet(one)):
        check = each.now.check
        shares = [
            f"{percent(one.failed, one.asked)} of {one.asked:,}" if one.asked else "-"
            for one in (each.before, each.now)
        ]
        table.add_row(each.org_code, f"{each.change} {each.change.zh}", check.id, f"{check.means} {check.zh}", *shares)
    return answer.print(table)


def _is_quiet(one: "Changed") -> bool:
    """Asked for the first time and right: counted, not listed."""
    from federation.quality.change import Change
    from federation.quality.finding import Verdict

    return one.change is Change.FIRST and one.now.verdict is Verdict.PASSED


def _row(one: "Changed") -> dict[str, Any]:
    return {
        "site": one.org_code,
        "check": one.now.check.id,
        "rule": one.now.check.rule,
        "change": one.change,
        "before": {"asked": one.before.asked, "failed": one.before.failed, "verdict": one.before.verdict},
        "now": {"asked": one.now.asked, "failed": one.now.failed, "verdict": one.now.verdict},
    }


def trend(
    home: Home = HOME,
    dimension: Annotated[str, typer.Option(help="nhc, gbt or kahn. 维度体系")] = "nhc",
    site: Annotated[str | None, typer.Option("--site", help="One site only. 机构")] = None,
    months: Annotated[int, typer.Option(min=1, help="The last so many months with rows. 月数")] = MONTHS,
    as_json: Json = False,
) -> None:
    """Scores month by month, by when things happened.  逐月趋势"""
    from federation.broker.site import find_site
    from federation.node.home import open_home
    from federation.node.journal import batches
    from federation.node.kept import kept
    from federation.node.library import library_of
    from federation.node.scoring import standard_of
    from federation.quality.trend import trend as moving

    opened = open_home(home)
    with opened.engine.connect() as connection:
        recorded = batches(connection, find_site(connection, site).id if site else None)
    states = kept(opened, recorded)
    day = date.fromisoformat(max((each.at for each in recorded), default="1900-01-01")[:10])
    by, checks = standard_of(opened), library_of(opened).checks
    found = moving(states, scheme_of(dimension), by, checks, months, day)
    if as_json:
        return show_json({"scheme": dimension, "standard": by.version, "months": found.to_dicts()})
    from federation.cli.score.cards import points, table_of

    table = table_of(
        "site\n机构", "dimension\n维度", "trend\n趋势", "first\n起", "last\n止", "lowest\n最低", "rows asked\n应查"
    )
    for (name, kind), rows in found.group_by("site", "dimension", maintain_order=True):
        scores = rows["score"].to_list()
        table.add_row(
            str(name), str(kind), line(scores), f"{rows['month'][0]} {points(scores[0])}",
            f"{rows['month'][-1]} {points(scores[-1])}", points(min(scores)), f"{rows['asked'].sum():,}",
        )  # fmt: skip
    return answer.print(table)


def line(scores: list[float], floor: float = 0.8) -> str:
    """Scores as bars of eight heights, from `floor` (or the lowest, where that is lower) to 1."""
    low = min([floor, *scores])
    return "".join(BARS[min(len(BARS) - 1, int((each - low) / (1 - low) * len(BARS)))] for each in scores)

"""`guantong score peers`: each site beside the others of its tier, on what both were asked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.quality.peers import Compared
    from federation.quality.standard import Standard


def peers(
    home: Home = HOME,
    dimension: Annotated[str, typer.Option(help="nhc, gbt or kahn. 维度体系")] = "nhc",
    site: Annotated[str | None, typer.Option("--site", help="Show one site only; all are compared. 机构")] = None,
    as_json: Json = False,
) -> None:
    """Sites beside their like: raw and adjusted, and who stands out.  同级比较"""
    from federation.broker.site import all_sites, find_site
    from federation.cli.score.scope import scheme_of
    from federation.node.home import open_home
    from federation.node.journal import batches
    from federation.node.kept import kept
    from federation.node.library import library_of
    from federation.node.scoring import standard_of
    from federation.quality.peers import compared
    from federation.quality.scorecard import scorecard

    opened = open_home(home)
    by = standard_of(opened)
    with opened.engine.connect() as connection:
        states = kept(opened, batches(connection))
        tiers = {each.id: str(each.tier) for each in all_sites(connection)}
        only = find_site(connection, site).id if site else None
    cards = scorecard(states, scheme_of(dimension), sites=tiers, checks=library_of(opened).checks)
    found = [each for each in compared(cards, tiers, by) if only in (None, each.org_code)]
    if as_json:
        return show_json({"scheme": dimension, "standard": by.version, "peers": [_row(each) for each in found]})
    return _show(sorted(found, key=_order), by)


def _order(one: "Compared") -> tuple[str, str, float, str]:
    return one.group, one.dimension, -(one.adjusted if one.adjusted is not None else -1.0), one.org_code


def _show(found: "Sequence[Compared]", by: "Standard") -> None:
    from federation.cli.score.cards import points, table_of
    from federation.quality.kind import zh

    table = table_of(
        "tier\n级别", "dimension\n维度", "site\n机构", "raw\n原始得分", "same checks\n共同规则",
        "peers there\n同级得分", "difference\n差值", "adjusted\n调整后", "standing\n结论", "checks\n规则数",
        "peers\n同级数",
    )  # fmt: skip
    for each in found:
        gap = each.difference
        table.add_row(
            each.group, f"{each.dimension} {zh(each.dimension)}", each.org_code,
            points(each.raw.value) if each.raw else "no evidence",
            points(each.own.value) if each.own else "",
            "" if each.expected is None else points(each.expected),
            "" if gap is None else f"{100 * gap:+.2f}",
            "" if each.adjusted is None else points(each.adjusted),
            f"{each.standing} {each.standing.zh}", str(each.checks), str(each.peers),
        )  # fmt: skip
    answer.print(table)
    answer.print(
        f"Compared on checks that at least {by.peers.fewest} others of the tier were asked; a site stands out beyond "
        f"{by.peers.spreads:g} spreads of its tier, never below {100 * by.peers.least:g} points.\n"
        f"仅比较至少 {by.peers.fewest} 家同级机构共有的规则；差值超出同级离散度 {by.peers.spreads:g} 倍方作结论。",
        soft_wrap=True,
    )


def _row(one: "Compared") -> dict[str, Any]:
    return {
        "site": one.org_code,
        "tier": one.group,
        "dimension": one.dimension,
        "raw": one.raw.value if one.raw else None,
        "own": one.own.value if one.own else None,
        "expected": one.expected,
        "difference": one.difference,
        "adjusted": one.adjusted,
        "standing": one.standing,
        "checks": one.checks,
        "peers": one.peers,
    }

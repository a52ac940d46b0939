"""`guantong score fixes`: what to mend first at a site, by the points that its score gains."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.bar import bar
from federation.cli.output import HOME, Home, Json, answer, show_json
from federation.cli.score.scope import scheme_of

if TYPE_CHECKING:
    from federation.report.fixes import Fix, FixList

SHOWN = 20


def fixes(
    site: Annotated[str, typer.Option("--site", help="The site whose rows are to be mended. 机构")],
    home: Home = HOME,
    dimension: Annotated[str, typer.Option(help="nhc, gbt or kahn. 维度体系")] = "nhc",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, those that gain most first.")] = SHOWN,
    as_json: Json = False,
) -> None:
    """What to mend first: causes by points gained, and who can.  整改清单"""
    from federation.node.home import open_home
    from federation.report.fixes import fix_list

    scheme = scheme_of(dimension)
    with bar() as begin:
        begin(f"asking the rows of {site}")(0, 1)
        found = fix_list(open_home(home), site, scheme)
    if as_json:
        return show_json({"site": site, "scheme": dimension, "fixes": [as_told(each) for each in found.fixes[:limit]],
                          "left_out": max(0, len(found.fixes) - limit)})  # fmt: skip
    return _show(found, limit)


def as_told(fix: "Fix") -> dict[str, Any]:
    """One fix for programs."""
    from federation.quality.kind import zh

    cause = fix.cause
    return {
        "points": fix.points,
        "points_in_all": fix.in_all,
        "dimension": fix.dimension,
        "dimension_zh": zh(fix.dimension),
        "check": fix.check.id,
        "rule": fix.check.rule,
        "means": fix.check.means,
        "zh": fix.check.zh,
        "cause": {"en": fix.why.en, "zh": fix.why.zh},
        "rows": fix.failed,
        "asked": fix.of.asked if cause is None else cause.asked,
        "share": fix.failed / fix.of.failed,
        "lift": None if cause is None else cause.lift,
        "todo": {"en": fix.todo.en, "zh": fix.todo.zh},
        "who": fix.who,
        "who_zh": fix.who.zh,
        "tolerated": fix.within,
    }


def _show(found: "FixList", limit: int) -> None:
    from rich.markup import escape

    from federation.cli.score.cards import table_of
    from federation.quality.kind import zh

    if not found.fixes:
        answer.print(
            "Nothing to mend. 无需整改" if found.recorded else "No evidence: nothing was sent. 无证据：尚未报送"
        )
        return
    table = table_of(
        "points\n可得分", "dimension\n维度", "rows\n条数", "check\n规则", "cause, what to do, who\n原因、办法、谁"
    )
    for each in found.fixes[:limit]:
        head = f"{each.why.en} {each.why.zh}"
        words = f"{head}\n→ {each.todo.en} {each.todo.zh}\n{each.who.en} {each.who.zh}"
        table.add_row(
            f"{each.points:.3f}", f"{each.dimension} {zh(each.dimension)}", f"{each.failed:,}",
            escape(f"{each.check.id}\n{each.check.zh}" + ("\n(tolerated 容许范围内)" if each.within else "")),
            escape(words),
        )  # fmt: skip
    answer.print(table)
    left = len(found.fixes) - limit
    if left > 0:
        answer.print(f"{left} more; --limit shows them. 另有 {left} 项，用 --limit 显示")
    answer.print(
        "Points: what the score of the dimension gains, of 100, once all these rows are right.  "
        "可得分：改正后该维度得分的提高（满分100）",
        soft_wrap=True,
    )

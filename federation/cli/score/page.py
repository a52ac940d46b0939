"""`guantong score page`: the page that one site gets, for itself alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.report.site_page import SitePage


OWNED = "The page has whole counts, for the owner of the home only. `score bulletin` has none that are small."


def page(
    site: Annotated[str, typer.Option("--site", help="The site the page is for. 机构")],
    out: Annotated[Path, typer.Option("--out", help="The page, FILE.html. 网页")],
    month: Annotated[str | None, typer.Option("--month", help="One month only, YYYY-MM. 月份")] = None,
    dimension: Annotated[str, typer.Option(help="nhc, gbt or kahn. 维度体系")] = "nhc",
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """One site's page: scores, trend, place among nameless peers, what to mend first.  机构质量页"""
    from federation.cli.score.scope import month_named, scheme_of
    from federation.node.home import open_home
    from federation.node.raw import must_own
    from federation.report.paper import html
    from federation.report.site_page import gather_site
    from federation.report.site_paper import paper
    from federation.report.written import write

    opened = open_home(home)
    must_own(opened, OWNED)
    found = gather_site(opened, site, month_named(month) if month else None, scheme_of(dimension))
    write(out, html(paper(found)).encode())
    if as_json:
        return show_json(document(found) | {"file": str(out)})
    return answer.print(f"Written to 已写入 {out}", markup=False, soft_wrap=True)


def document(found: "SitePage") -> dict[str, Any]:
    """The page's numbers for other programs; peers are scores in order, without names."""
    from federation.cli.score.cards import scored

    return {
        "site": found.site.site,
        "month": found.month.strftime("%Y-%m") if found.month else None,
        "scheme": found.scheme,
        "standard": found.terms.standard.version,
        "dimensions": [
            {
                "dimension": each.name.en,
                "zh": each.name.zh,
                "right": each.right,
                "asked": each.asked,
                "peers": each.others,
            }
            | scored(each.own, found.terms.standard)
            for each in found.dimensions
        ],
        "trend": {
            name.en: {f"{month:%Y-%m}": score for month, score in sorted(series.items())}
            for name, series in found.trend.items()
        },
        "failing": [
            {
                "check": each.finding.check.id,
                "asked": each.finding.asked,
                "failed": each.finding.failed,
                "cost": each.cost,
            }
            for each in found.losses
        ],
    }

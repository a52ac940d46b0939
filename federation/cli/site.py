"""`guantong site`: register institutions, one or a list of them, and show those that are registered."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.clock import now
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.broker.site import Site

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Register an institution and its tier, or list them.  登记机构",
)


@app.command()
def add(
    site: Annotated[str, typer.Argument(help="The site's id: letters, digits, `.`, `_`, `-`.")],
    tier: Annotated[str, typer.Option(help="tertiary, secondary, primary, public_health or unknown.")],
    name: Annotated[str, typer.Option(help="Its name.")],
    name_zh: Annotated[str, typer.Option(help="Its Chinese name.")] = "",
    level: Annotated[str, typer.Option(help="Its level as graded, e.g. 3A.")] = "",
    region: Annotated[str, typer.Option(help="Its region, a GB/T 2260 code.")] = "",
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Register one institution, or correct what is registered."""
    from federation.broker.sites_file import as_site

    words = {"id": site, "tier": tier, "name": name, "name_zh": name_zh, "level": level, "region": region}
    _register(home, [as_site(words, "the command line")], json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A TOML file with one [[site]] table an institution.")],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Register every institution of a TOML file."""
    from federation.broker.sites_file import read_sites

    _register(home, read_sites(file), json)


@app.command("list")
def list_(home: Home = HOME, json: Json = False) -> None:
    """Show every registered institution."""
    from federation.broker.home import registry
    from federation.broker.site import all_sites

    with registry(home).connect() as connection:
        sites = all_sites(connection)
    if json:
        show_json({"sites": [site.model_dump() for site in sites]})
        return
    from rich.table import Table

    table = Table("site", "tier", "level", "region", "name", "名称")
    for site in sites:
        table.add_row(site.id, site.tier, site.level, site.region, site.name, site.name_zh)
    answer.print(table)


def _register(home: Path, sites: "list[Site]", json: bool) -> None:
    from federation.broker.home import registry
    from federation.broker.recording import recording
    from federation.broker.site import register

    with recording(registry(home, make=True), home) as ledger:
        changed = register(ledger, sites, now())
    if json:
        show_json({"registered": [site.id for site in changed], "unchanged": len(sites) - len(changed)})
    else:
        answer.print(f"{len(changed)} registered, {len(sites) - len(changed)} as they were.", markup=False)

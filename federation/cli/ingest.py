"""`guantong ingest`: reads what a site exports and brings it, as far as a contract allows, into the pool.

Shows counts, files and reasons; never a value.
"""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from federation.cli.bar import bar, later
from federation.cli.clock import now
from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.node.home import Home as Opened
    from federation.node.report import Report

SHOWN = 10


def command(  # noqa: PLR0917 - typer hands its options over by name
    paths: Annotated[list[Path], typer.Argument(help="Files and folders; folders are walked. 文件或目录")],
    site: Annotated[str, typer.Option("--site", help="Id of the site the files are from. 机构")],
    kind: Annotated[str | None, typer.Option(help="Kind of source; found from the file where not given. 类型")] = None,
    profile: Annotated[str | None, typer.Option(help="Known export format; see `guantong connectors`. 规范")] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="The site's own mapping: a TOML file, or a folder of them. 映射")
    ] = None,
    home: Home = HOME,
    engine: Annotated[str, typer.Option(help="Where to compute: local. 计算引擎")] = "local",
    register: Annotated[
        bool, typer.Option("--register", help="The site is a new one: register it. 登记新机构")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, check and decide; keep nothing. 试运行")] = False,
    as_json: Json = False,
) -> None:
    """Read, conform, score, decide and pool what a site exports.  读入、转换、评分、决定、入池"""
    from federation.errors import Usage
    from federation.node.home import make_home
    from federation.node.ingest import ingest

    if engine != "local":
        raise Usage(f"There is no engine `{engine}` here. Use --engine local.")
    missing = [str(path) for path in [*paths, *([mapping] if mapping else [])] if not path.exists()]
    if missing:
        raise Usage(f"There is no {', '.join(missing)}. Name files or folders that exist.")
    opened = make_home(home)
    if not register:
        _must_be_known(opened, site)
    with bar() as begin:
        told = ingest(
            opened,
            paths,
            site,
            now=now(),
            kind=kind,
            profile=profile,
            mapping=mapping,
            dry_run=dry_run,
            progress=later(begin, f"reading {site}"),
            asking=later(begin, f"asking for {site}"),
        )
    if as_json:
        show_json(told.as_dict())
    else:
        _show(told)
    if told.unreachable:
        raise typer.Exit(4)
    if not told.complete:
        raise typer.Exit(3)
    if told.unkeyed:
        raise typer.Exit(1)


def _must_be_known(home: "Opened", site: str) -> None:
    """The first site of a home registers itself; a second one may be the first one's id with a slip of the finger."""
    from federation.broker.site import all_sites
    from federation.errors import Usage

    with home.engine.connect() as connection:
        known = [each.id for each in all_sites(connection)]
    if known and site not in known:
        near = get_close_matches(site, known, n=1, cutoff=0.6)
        mean = f"Did you mean `{near[0]}`? " if near else ""
        raise Usage(
            f"No site `{site}` is registered here, and {len(known)} other{'s are' * (len(known) > 1)}"
            f"{' is' * (len(known) == 1)}. {mean}A new site: say --register, or more of it with `guantong site add`."
        )


def _show(told: "Report") -> None:
    say = _say
    how = f"{told.kind or 'no kind'} {told.profile}".rstrip()
    say(f"Batch {told.batch or '-'} of {told.site}: {told.files} file{'s' * (told.files != 1)}, {how}")
    say(
        f"  read 读入 {told.read} = accepted 接收 {told.accepted} + rejected 退回 {told.rejected} "
        f"+ duplicate 重复 {told.duplicate}"
    )
    if told.superseded:
        say(f"  {told.superseded} earlier versions were replaced")
    _show_tables(told)
    for reason, count in told.reasons.items():
        say(f"  reject {reason:20} {count:>6}")
    if told.withheld:
        rows = sum(withheld.rows for withheld in told.withheld)
        tables = ", ".join(dict.fromkeys(withheld.table for withheld in told.withheld))
        say(f"  withheld 留在机构 {rows} rows of {tables}, in all 累计")
        say(f"    {told.withheld[0].reasons[0]}. Sign one with `guantong contract sign`, then run this again.")
    for title, lefts in (
        ("unreachable", told.unreachable),
        ("unreadable", told.unreadable),
        ("key 主键", told.unkeyed),
        ("passed over", told.skipped),
    ):
        for left in lefts[:SHOWN]:
            say(f"  {title} {left.file}: {left.reason}. {left.message}")
        if len(lefts) > SHOWN:
            say(f"  {title}: {len(lefts) - SHOWN} more; --json lists all")
    for note in told.notes[:SHOWN]:
        say(f"  {note}")
    if not told.files and not told.unreachable:  # of what could not be asked nobody knows
        say("  Nothing new was there. 无新增数据" if told.asked else "  There was no file to read.")
    say(f"  {told.seconds:.1f} s{', nothing was kept (dry run)' if told.dry_run else ''}")


def _show_tables(told: "Report") -> None:
    for name, rows in told.tables.items():
        went = told.pooled.get(name)
        _say(f"  {name:20} {rows:>10} rows   {'stayed at the site' if went is None else f'{went} pooled'}")
    for name, rows in told.pooled.items():
        if name not in told.tables:
            _say(f"  {name:20} {rows:>10} rows of earlier batches pooled 入池")


def _say(line: str) -> None:
    answer.print(line, markup=False, soft_wrap=True)

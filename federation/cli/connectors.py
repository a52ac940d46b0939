"""`guantong connectors`: the kinds of source that can be read, the formats that are known, and what each can fill.

It reads nothing but this program's own folders.
"""

from typing import TYPE_CHECKING, Any

from federation.cli.output import Json, answer, show_json

if TYPE_CHECKING:
    from connectors.coverage import Covered


def command(as_json: Json = False) -> None:
    """The kinds of source, the known export formats, and what each can fill.  列出连接器、规范及覆盖"""
    from connectors.coverage import coverage, together

    lines = coverage()
    document = {"kinds": _kinds(), "profiles": _profiles(), "coverage": [_line(each) for each in [*lines, together()]]}
    if as_json:
        show_json(document)
        return
    for title, rows in (("Kinds 连接器", document["kinds"]), ("Profiles 规范", document["profiles"])):
        answer.print(f"[bold]{title}[/bold]")
        for row in rows:
            name = row.get("name") or row["kind"]
            answer.print(f"  {name:<12} {row['means']}\n  {'':<12} {row['zh']}", markup=False, soft_wrap=True)
    _show_matrix([*lines, together()])


def _kinds() -> list[dict[str, Any]]:
    from connectors.kinds import kinds

    return [{"kind": each.kind, "means": each.means, "zh": each.zh} for each in kinds().values()]


def _profiles() -> list[dict[str, Any]]:
    from connectors.elements import places
    from connectors.landing import mapping as landing
    from connectors.profiles import profiles

    known = [
        {
            "name": each.name, "kind": each.about.kind, "means": each.about.means, "zh": each.about.zh,
            "found_by": [*each.about.detect.all, *each.about.detect.most], "columns": len(each.sources),
            "tables": sorted({rows.table.name for rows in each.rows}), "mapping_version": each.version,
        }
        for each in profiles().values()
    ]  # fmt: skip
    by_header = {
        "name": landing.NAME, "kind": "delimited", "means": landing.MEANS, "zh": landing.ZH,
        "found_by": ["WSnn_nn_nnn_nn"], "columns": len(places()), "tables": sorted(landing.fills()),
        "mapping_version": "",
    }  # fmt: skip
    return [*known, by_header]


def _line(each: "Covered") -> dict[str, Any]:
    from schemas.tables import TABLES

    shares = {name: each.share(name) for name in TABLES}
    tables = {
        name: {"filled": filled, "of": of, "columns": list(each.fills.get(name, ()))}
        for name, (filled, of) in shares.items()
    }
    return {"kind": each.kind, "profile": each.profile, "tables": tables}


def _show_matrix(lines: list["Covered"]) -> None:
    """Shares of the columns of each shared table, in per cent; the darker, the more."""
    from rich.table import Table

    from schemas.tables import TABLES

    title = "Share of the columns that can be filled, % 可填充字段占比"
    matrix = Table("", *(name.replace("_", " ") for name in TABLES), title=title, padding=(0, 0))
    for each in lines:
        matrix.add_row(each.name, *(_cell(*each.share(name)) for name in TABLES))
    answer.print(matrix)


def _cell(filled: int, of: int) -> str:
    share = round(100 * filled / of)
    style = "bold green" if share >= 75 else "green" if share >= 50 else "yellow" if share >= 25 else "dim"
    return f"[{style}]{share}[/{style}]" if filled else "[dim]·[/dim]"

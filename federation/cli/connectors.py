"""`guantong connectors`: the kinds of source that can be read, the formats that are known, and what each can fill.

It reads nothing but this program's own folders.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import Json, answer, show_json

if TYPE_CHECKING:
    from connectors.coverage import Covered

FAMILY = 9  # formats of one standard, from which on they are told as one
SHORT = {
    "organization": "org", "patient": "pat", "patient_identifier": "ids", "encounter": "enc", "condition": "cond",
    "procedure": "proc", "observation": "obs", "medication": "med", "followup": "fup", "document": "doc",
    "cost": "cost", "consent": "cons", "provenance": "prov", "quality_result": "qual",
}  # fmt: skip


def command(
    full: Annotated[bool, typer.Option("--full", help="Every format by itself, however many. 全部列出")] = False,
    as_json: Json = False,
) -> None:
    """The kinds of source, the known export formats, and what each can fill.  列出连接器、规范及覆盖"""
    from connectors.coverage import coverage, together

    lines = coverage()
    if as_json:
        every = [_line(each) for each in [*lines, together()]]
        show_json({"kinds": _kinds(), "profiles": _profiles(), "coverage": every})
        return
    families = [*_families(lines, full), together()]
    _show_kinds(families)
    _show_matrix(families)
    if not full:
        answer.print("[dim]--full lists every format by itself, --json all there is.  用 --full 逐个列出[/dim]")


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


def _families(lines: list["Covered"], full: bool) -> list["Covered"]:
    """Formats of one standard (`hlht_...`) as one line that fills what any of them fills, unless all are wanted."""
    from connectors.coverage import Covered

    groups: dict[str, list[Covered]] = {}
    for each in lines:
        groups.setdefault(each.name if full else each.name.split("_")[0], []).append(each)
    told: list[Covered] = []
    for family, some in groups.items():
        if len(some) < FAMILY:
            told += some
            continue
        fills: dict[str, set[str]] = {}
        for each in some:
            for table, columns in each.fills.items():
                fills.setdefault(table, set()).update(columns)
        sums = {table: tuple(sorted(columns)) for table, columns in fills.items()}
        told.append(Covered(some[0].kind, f"{family}_* ({len(some)})", sums))
    return told


def _show_kinds(lines: list["Covered"]) -> None:
    """Each kind with the formats that it knows beneath it, and how many shared tables each of these fills."""
    from rich.table import Table

    said = {each["name"]: each["zh"] or each["means"] for each in _profiles()}
    answer.print("[bold]Kinds and the formats that each knows 连接器与规范[/bold]")
    for kind in _kinds():
        answer.print(f"[bold]{kind['kind']}[/bold]  {kind['zh']}\n  [dim]{kind['means']}[/dim]", highlight=False)
        own = Table.grid(padding=(0, 2), pad_edge=True)
        for each in lines:
            if each.profile and each.kind == kind["kind"]:
                about = said.get(each.name) or next(zh for name, zh in said.items() if name.startswith(_stem(each)))
                about = about if each.name in said else f"{about[:7]}… 等"
                own.add_row("", each.name, about, f"{sum(map(bool, each.fills.values()))} tables")
        if own.row_count:
            answer.print(own, highlight=False)


def _stem(family: "Covered") -> str:
    return family.name.split("*")[0]


def _show_matrix(lines: list["Covered"]) -> None:
    """Shares of the columns of each shared table, in per cent; the darker, the more."""
    from rich.table import Table

    from schemas.tables import TABLES

    answer.print(
        "[bold]Columns that can be filled, % of each shared table's own 可填充字段占比[/bold]", highlight=False
    )
    matrix = Table("", *(SHORT[name] for name in TABLES), padding=(0, 1, 0, 0), box=None)
    for each in lines:
        matrix.add_row(each.name, *(_cell(*each.share(name)) for name in TABLES))
    answer.print(matrix)
    spoken = ", ".join(f"{short} {name}" for name, short in SHORT.items() if short != name)
    answer.print(f"[dim]{spoken}[/dim]", highlight=False)


def _cell(filled: int, of: int) -> str:
    share = round(100 * filled / of)
    style = "bold green" if share >= 75 else "green" if share >= 50 else "yellow" if share >= 25 else "dim"
    return f"[{style}]{share}[/{style}]" if filled else "[dim]·[/dim]"

"""`guantong connectors`: the kinds of source that can be read and the export formats that are known.

It reads nothing but this program's own folders.
"""

from typing import Any

from federation.cli.output import Json, answer, show_json


def command(as_json: Json = False) -> None:
    """The kinds of source and the known export formats.  列出连接器与规范"""
    document = {"kinds": _kinds(), "profiles": _profiles()}
    if as_json:
        show_json(document)
        return
    for title, rows in (("Kinds 连接器", document["kinds"]), ("Profiles 规范", document["profiles"])):
        answer.print(f"[bold]{title}[/bold]")
        for row in rows:
            name = row.get("name") or row["kind"]
            answer.print(f"  {name:<12} {row['means']}\n  {'':<12} {row['zh']}", markup=False, soft_wrap=True)


def _kinds() -> list[dict[str, Any]]:
    from connectors.kinds import kinds

    return [{"kind": each.kind, "means": each.means, "zh": each.zh} for each in kinds().values()]


def _profiles() -> list[dict[str, Any]]:
    from connectors.profiles import profiles

    return [
        {
            "name": each.name, "kind": each.about.kind, "means": each.about.means, "zh": each.about.zh,
            "found_by": [*each.about.detect.all, *each.about.detect.most], "columns": len(each.sources),
            "tables": sorted({rows.table.name for rows in each.rows}), "mapping_version": each.version,
        }
        for each in profiles().values()
    ]  # fmt: skip

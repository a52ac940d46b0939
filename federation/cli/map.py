"""`guantong map`: proposes a mapping for a table nobody has mapped, and says of each column why, and how sure it is.

Never guesses silently: what is not sure is written as a comment, for a person to confirm. Shows names, never values.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import Json, answer, show_json, talk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.propose.looking import Seen
    from connectors.propose.proposal import Proposal


def command(
    path: Annotated[Path, typer.Argument(help="A CSV, a workbook, a dBase table, or a ZIP of them. 文件")],
    table: Annotated[list[str] | None, typer.Option(help="Only this shared table; may be said again. 共享表")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write, or a folder for several sheets. 输出")] = None,
    member: Annotated[str | None, typer.Option(help="Of a ZIP, the file inside to propose for. 压缩包内文件")] = None,
    update: Annotated[bool, typer.Option("--update", help="Keep what a person wrote into it before. 保留修改")] = False,
    as_json: Json = False,
) -> None:
    """Propose a mapping from the header and the values.  生成映射建议"""
    from connectors.propose.proposal import propose
    from connectors.propose.writing import written
    from federation.errors import Usage
    from schemas.tables import table as shared

    if not path.is_file():
        raise Usage(f"There is no file {path}. Check the path.")
    wanted = tuple(shared(each).name for each in table or ())
    made = [propose(seen.name, seen.cells, wanted, seen.encoding, seen.separator) for seen in _seen(path, member, out)]
    targets = [_target(out, each, several=len(made) > 1) for each in made]
    told = []
    for proposal, target in zip(made, targets, strict=True):
        before = _before(target, update)
        text = written(proposal, before)
        if target is not None:
            _write(target, text)
        told.append(_told(proposal, target, text))
        if not as_json:
            _show(proposal, target, text)
    if as_json:
        show_json({"file": str(path), "tables": told})


def _seen(path: Path, member: str | None, out: Path | None) -> "Iterable[Seen]":
    """The tables to propose for; of a ZIP that holds several, those that were asked for."""
    from connectors.errors import UnknownFormat
    from connectors.propose.archived import inside, is_archive, tables_inside
    from connectors.propose.looking import tables
    from federation.errors import Usage

    if not is_archive(path):
        if member is not None:
            raise Usage(f"{path.name} is no ZIP archive: --member does not concern it.")
        return tables(path)
    held = inside(path)
    every = [*held.open, *(name for name, _ in held.known)]
    if member is not None:
        if len(asked := [name for name in every if name == member or Path(name).name == member]) != 1:
            raise Usage(f"{path.name} holds {len(asked)} tables called {member}. It holds {held.told()}.")
        return tables_inside(path, asked)
    if not held.open:
        raise UnknownFormat(f"{path.name} holds no table that needs a mapping. It holds {held.told() or 'no file'}.")
    if len(held.open) > 1 and out is None:
        raise Usage(f"{path.name} is a ZIP. It holds {held.told()}. "
                    "Say --member NAME for one of them, or --out FOLDER for a mapping of each.")  # fmt: skip
    return tables_inside(path, held.open)


def _target(out: Path | None, proposal: "Proposal", several: bool) -> Path | None:
    if out is None:
        return None
    if out.is_dir() or several or out.suffix != ".toml":
        out.mkdir(parents=True, exist_ok=True)
        return out / f"{proposal.source}.toml"
    return out


def _before(target: Path | None, update: bool) -> str:
    from federation.errors import Usage

    if target is None or not target.exists():
        return ""
    if not update:
        raise Usage(f"{target} is there already. Say --update to keep what was written into it, or name another file.")
    return target.read_text("utf-8")


def _write(target: Path, text: str) -> None:
    fresh = target.with_name(f".{target.name}.tmp")
    fresh.write_text(text, "utf-8")
    fresh.replace(target)


def _told(proposal: "Proposal", target: Path | None, text: str) -> dict[str, Any]:
    return {
        "source": proposal.source, "kind": proposal.kind, "written": None if target is None else str(target),
        "key": list(proposal.key),
        "apart": None if proposal.apart is None else vars(proposal.apart) | {"unique": proposal.apart.unique},
        "person": proposal.person, "tables": [block.table for block in proposal.blocks],
        "columns": [
            {
                "name": column.name, "sure": column.sure, "used": column in proposal.used,
                "guesses": [
                    {"concept": guess.concept, "sure": guess.sure, "why": guess.why,
                     "targets": proposal.targets(guess.concept)}
                    for guess in column.guesses
                ],
            }
            for column in proposal.columns
        ],
        "toml": text,
    }  # fmt: skip


def _show(proposal: "Proposal", target: Path | None, text: str) -> None:
    from rich.table import Table

    shown = Table(title=f"{proposal.source}: each row is a {proposal.kind} 每行为一条记录", title_justify="left")
    for head in ("column 源列", "goes to 目标", "sure 把握", "why 依据"):
        shown.add_column(head, overflow="fold")
    for column in proposal.columns:
        best = column.best
        goes = ", ".join(proposal.targets(best.concept)) if best else ""
        mark = "✔" if column in proposal.used else "?" if goes else "-"
        sure = f"{mark} {best.sure:.0%}" if best else mark
        shown.add_row(column.name, goes or "extra 留存本地", sure, best.why if best else "its name is not known 未识别")
    answer.print(shown)
    used, every = len(proposal.used), len(proposal.columns)
    open_lines = sum(line.startswith("# ? ") for line in text.splitlines())
    talk.print(
        f"{used} of {every} columns are mapped, {open_lines} lines are left for you to decide. "
        f"已映射 {used}/{every} 列，{open_lines} 处待确认",
        markup=False,
    )
    if target is None:
        answer.print(text, markup=False, highlight=False, soft_wrap=True)
    else:
        then = f"guantong ingest FILE --site ID --mapping {target} --dry-run"
        talk.print(f"Written to {target}. Look at the lines with `# ?`, then: {then}", markup=False, soft_wrap=True)

"""`guantong export`: the shared schema for other programs, and its dictionary and codes for people. Reads no data."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from federation.cli.output import Json, answer, show_json, talk
from federation.errors import BadInput, Unavailable, Usage

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

OneTable = Annotated[str | None, typer.Option("--table", help="One shared table; all of them without it.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write here; without it, on stdout.")]


@app.callback()
def export() -> None:
    """The shared schema as Arrow, JSON Schema or SQL, its data dictionary and its code lists.  导出共享表结构"""


@app.command()
def arrow(table: OneTable = None, out: Out = None, as_json: Json = False) -> None:
    """Arrow schemas: text on stdout; with --out, an IPC schema message a table in that folder."""
    from schemas.exports.arrow import arrow_ipc, arrow_schema

    chosen = _tables(table)
    if out is not None:
        for each in chosen:
            _write(out / f"{each.name}.arrow", arrow_ipc(each))
    elif as_json:
        show_json({each.name: {field.name: str(field.type) for field in arrow_schema(each)} for each in chosen})
    else:
        for each in chosen:
            _show(
                f"{each.name}\n{arrow_schema(each).to_string(show_schema_metadata=False, show_field_metadata=False)}\n"
            )


@app.command("json-schema")
def json_schema(table: OneTable = None, out: Out = None, as_json: Json = False) -> None:  # noqa: ARG001
    """JSON Schema 2020-12, one definition a table. The answer is JSON with and without --json."""
    from schemas.exports.json_schema import document

    _give(json.dumps(document(_tables(table)), ensure_ascii=False, indent=1) + "\n", out)


@app.command()
def ddl(
    dialect: Annotated[str, typer.Option("--dialect", help="postgres, duckdb, spark, starrocks or doris.")],
    table: OneTable = None,
    leaving: Annotated[bool, typer.Option("--leaving", help="Only the columns that may leave a site.")] = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """SQL that creates the tables, with Chinese comments."""
    from schemas.exports.ddl import ddl as written

    sql = written(_tables(table), dialect, leaving=leaving)
    if as_json and out is None:
        show_json({"dialect": dialect, "sql": sql})
    else:
        _give(sql, out)


@app.command()
def dictionary(out: Out = None, as_json: Json = False) -> None:
    """The data dictionary in both languages, as Markdown."""
    from schemas.code_system import code_system, names
    from schemas.exports.dictionary import dictionary as written

    text = written(_tables(None), [code_system(name) for name in names()])
    if as_json and out is None:
        show_json({"markdown": text})
    else:
        _give(text, out)


@app.command()
def codes(name: Annotated[str | None, typer.Argument()] = None, out: Out = None, as_json: Json = False) -> None:
    """The code lists there are, or the codes of one as CSV."""
    import polars as pl

    from schemas.code_system import code_system, names

    if name is None:
        listed = [code_system(each) for each in names()]
        rows = pl.DataFrame(
            [(s.name, s.zh, s.means, s.source, len(s.codes)) for s in listed],
            orient="row",
            schema=["name", "zh", "means", "source", "codes"],
        )
    else:
        rows = code_system(name).rows
    if as_json and out is None:
        show_json(rows.to_dicts())
    else:
        _give(rows.write_csv(), out)


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="An earlier answer of `export json-schema`.")], as_json: Json = False
) -> None:
    """What changed in the shared tables since an earlier version, and whether old programs can still read them.

    Exit code 1 where they cannot.
    """
    from schemas.exports.json_schema import document
    from schemas.version import compatible

    found = compatible(_earlier(old), document(_tables(None)))
    if as_json:
        show_json(
            {
                "old": found.old,
                "new": found.new,
                "size": found.size,
                "readable": found.readable,
                "differences": [vars(difference) for difference in found.differences],
            }
        )
    else:
        for each in found.differences:
            _show(f"{each.size:5}  {each.where}  {each.what}\n")
        talk.print(f"{found.old} -> {found.new}: {found.size}.", markup=False)
    if not found.readable:
        raise typer.Exit(1)


def _tables(name: str | None) -> list[Any]:
    from schemas.tables import TABLES, table

    return list(TABLES.values()) if name is None else [table(name)]


def _earlier(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Usage(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise BadInput(f"{path} is not JSON. Give a file that `guantong export json-schema` wrote.") from None
    if not isinstance(found, dict) or not {"$defs", "x-guantong"} <= found.keys():
        raise BadInput(f"{path} is no export of the shared tables. Write one with `guantong export json-schema`.")
    return found


def _give(text: str, out: Path | None) -> None:
    if out is None:
        _show(text)
    else:
        _write(out, text.encode())


def _show(text: str) -> None:
    answer.print(text, markup=False, soft_wrap=True, end="")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}.") from None
    talk.print(f"Wrote {path}.", markup=False, soft_wrap=True)

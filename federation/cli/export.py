"""`guantong export`: the shared schema for other programs, its dictionary and codes for people; rows as OMOP CDM."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json, talk
from federation.errors import BadInput, Unavailable, Usage

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

OneTable = Annotated[str | None, typer.Option("--table", help="One shared table; all of them without it.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write here; without it, on stdout.")]


@app.callback(invoke_without_command=True)
def export(
    context: typer.Context,
    as_format: Annotated[str | None, typer.Option("--format", help="omop: the same as `export omop`.")] = None,
    out: Out = None,
    site: Annotated[str | None, typer.Option("--site", help="With --format: rows of this site.")] = None,
    purpose: Annotated[str, typer.Option("--purpose", help="With --format: for rows of the pool.")] = "",
    recipient: Annotated[str, typer.Option("--as", help="With --format: who gets rows of the pool.")] = "city-centre",
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """The shared schema as Arrow, JSON Schema or SQL, its dictionary and codes; rows as OMOP CDM.  导出结构与数据"""
    if context.invoked_subcommand is not None:
        return
    if as_format is None:
        raise Usage("Say what to export: `guantong export omop --out DIR`, or see `guantong export --help`.")
    if as_format != "omop":
        raise Usage(f"Rows are not written as `{as_format}`. Use --format omop.")
    if out is None:
        raise Usage("Name the folder to write with --out.")
    _omop(out, site, purpose, recipient, "csv", home, as_json)


@app.command()
def omop(
    out: Annotated[Path, typer.Option("--out", help="The folder to write; it must not be there yet.")],
    site: Annotated[
        str | None, typer.Option("--site", help="Rows of this site, by its owner; else the pool's.")
    ] = None,
    purpose: Annotated[str, typer.Option("--purpose", help="Why, for rows of the pool: e.g. HRESCH.")] = "",
    recipient: Annotated[
        str, typer.Option("--as", help="The organisation that gets rows of the pool.")
    ] = "city-centre",
    as_format: Annotated[str, typer.Option("--tables", help="csv or parquet.")] = "csv",
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Rows as an OMOP CDM 5.4: a site's own, or those of the pool that contracts let go.  导出为 OMOP CDM"""
    _omop(out, site, purpose, recipient, as_format, home, as_json)


@app.command("omop-check")
def omop_check(
    folder: Annotated[Path, typer.Argument(help="A folder of CDM tables, CSV or Parquet.")],
    vocabulary: Annotated[bool, typer.Option("--vocabulary", help="Ask for OHDSI's own concepts, too.")] = False,
    as_json: Json = False,
) -> None:
    """Compare a CDM with OHDSI's field definitions: fields, required, types, keys, references.  校验 OMOP CDM

    Exit code 1 where it is no sound CDM 5.4.
    """
    from federation.node.cdm_folder import read_cdm
    from schemas.exports.omop_check import violations

    found = violations(read_cdm(folder), vocabulary=vocabulary)
    if as_json:
        show_json({"violations": [vars(each) for each in found]})
    else:
        for each in found:
            _show(f"{each.table}.{each.field}: {each.what}{f' in {each.rows} rows' if each.rows else ''}\n")
        _show(f"{len(found)} violations 不符.\n")
    if found:
        raise typer.Exit(1)


def _omop(out: Path, site: str | None, purpose: str, recipient: str, as_format: str, home: Path, as_json: bool) -> None:
    from federation.cli.clock import now
    from federation.node.cdm import Wanted, export_cdm
    from federation.node.home import open_home

    if as_format not in {"csv", "parquet"}:
        raise Usage(f"Tables are not written as `{as_format}`. Use --tables csv or parquet.")
    if site is None and not purpose:
        raise Usage("Rows of the pool need a --purpose. Name a --site for its own rows.")
    told = export_cdm(open_home(home), out, Wanted(site, now(), purpose, recipient, as_format))
    if as_json:
        show_json(told.as_dict())
        return
    for name, rows in told.tables.items():
        _show(f"  {name:22} {rows:>10} rows\n")
    for title, counts in (("left out 未导出", told.left_out), ("cut to the CDM's length 截断", told.cut)):
        for name, rows in counts.items():
            _show(f"  {title}: {name} {rows}\n")
    for name, why in told.outside.items():
        _show(f"  not in 未包含: {name}: {'; '.join(why)}\n")
    talk.print(f"Wrote {told.folder}: rows of {', '.join(told.sites)}. Ledger entry {told.ledger}.", markup=False)


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

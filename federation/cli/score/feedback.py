"""`guantong score feedback`: a file that goes back to a site, for a clerk to open, work through and hand on."""

from pathlib import Path
from typing import Annotated

import typer

from federation.cli.bar import bar
from federation.cli.output import HOME, Home, Json, answer, show_json
from federation.cli.score.scope import scheme_of

ROWS = 1000
KINDS = (".xlsx", ".csv")


def feedback(
    site: Annotated[str, typer.Option("--site", help="The site that the file is for. 机构")],
    out: Annotated[Path, typer.Option("--out", help="FILE.xlsx, or FILE.csv with the rows alone. 输出文件")],
    home: Home = HOME,
    dimension: Annotated[str, typer.Option(help="nhc, gbt or kahn. 维度体系")] = "nhc",
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows of each thing to mend. 每项条数")] = ROWS,
    raw: Annotated[bool, typer.Option("--raw", help="With values, for the owner of the home only. 含原值")] = False,
    as_json: Json = False,
) -> None:
    """A file for the site: summary, what to mend, which rows.  整改反馈文件"""
    from federation.errors import Usage
    from federation.node.durable import save
    from federation.node.home import open_home
    from federation.node.raw import must_own
    from federation.report.feedback import csv_of
    from federation.report.feedback import feedback as made
    from federation.report.fixes import fix_list
    from federation.report.sheets import workbook

    scheme = scheme_of(dimension)
    if out.suffix.lower() not in KINDS:
        raise Usage(f"{out.name} is neither .xlsx nor .csv. Name the file so.")
    if out.exists():
        raise Usage(f"{out} is there already. Name a new file with --out.")
    if not out.parent.is_dir():
        raise Usage(f"There is no folder {out.parent}. Make it, or name another with --out.")
    opened = open_home(home)
    if raw:
        must_own(opened)
    with bar() as begin:
        begin(f"asking the rows of {site}")(0, 1)
        found = fix_list(opened, site, scheme)
        told = made(opened, found, limit, raw)
    book = out.suffix.lower() == ".xlsx"
    save(out, workbook(told.sheets, told.summary.note) if book else csv_of(told.rows))
    counted = {"fixes": len(found.fixes), "rows": len(told.rows.rows), "left_out": told.left_out}
    if as_json:
        return show_json({"site": site, "file": str(out), **counted})
    answer.print(
        f"Written to 已写入 {out}: {counted['fixes']} things to mend 整改项, {counted['rows']:,} rows 记录, "
        f"{counted['left_out']:,} left out 未列出 (--limit).", markup=False, soft_wrap=True,
    )  # fmt: skip
    return None

"""`guantong score export`: answers of a site, or of a folder of CDM tables, in the shape of another program."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from datetime import date

    from federation.node.home import Home as AHome


OWNED = "Counts are exported whole, for the owner of the home only. `score bulletin` shows what others may see."


class Format(StrEnum):
    """Whose shape."""

    DQD = "dqd"


def export(
    out: Annotated[Path, typer.Option("--out", help="The file to write, FILE.json. 输出文件")],
    site: Annotated[str | None, typer.Option("--site", help="The site whose answers they are. 机构")] = None,
    cdm: Annotated[
        Path | None, typer.Option("--cdm", help="Or a folder of CDM 5.4 tables: asked OHDSI's 2,535 checks. OMOP 目录")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="dqd: OHDSI's DataQualityDashboard 2.8. 格式")] = Format.DQD,
    day: Annotated[str | None, typer.Option("--day", help="With --cdm: as of this day, YYYY-MM-DD. 日期")] = None,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """A site's or a CDM's answers for OHDSI's DataQualityDashboard viewer.  导出评分结果"""
    from federation.cli.bar import bar
    from federation.cli.score.scope import day_named
    from federation.errors import Usage
    from federation.node.home import open_home
    from federation.node.raw import must_own
    from federation.report.written import write

    if cdm is None:
        if site is None or day is not None:
            raise Usage("Name a --site, or a folder of CDM tables with --cdm; --day goes with --cdm.")
        opened = open_home(home)
        must_own(opened, OWNED)
        made = _document(opened, site)
    else:
        as_of = day_named(day) if day else None
        with bar() as begin:
            begin(f"asking {cdm.name}")(0, 0)
            made = _of_cdm(cdm, site, as_of)
    write(out, json.dumps(made, ensure_ascii=False, indent=1).encode())
    figures = {name: number for name, [number] in made["Overview"].items()}
    if as_json:
        return show_json({"site": site, "cdm": str(cdm) if cdm else None, "file": str(out), "format": form,
                          "overview": figures})  # fmt: skip
    passed, failed, without = (figures[f"count{name}"] for name in ("Passed", "OverallFailed", "NotApplicable"))
    answer.print(
        f"{passed} passed, {failed} failed, {without} not applicable (never counted as passed).  "
        f"通过 {passed}，不通过 {failed}，不适用 {without}（不计入通过）\nWritten to 已写入 {out}",
        markup=False,
        soft_wrap=True,
    )
    return None


def _of_cdm(folder: Path, site: str | None, as_of: "date | None") -> dict[str, Any]:
    """All checks of a CDM, its vocabulary's tables among them; `site` is the name it gets, else the folder's."""
    from importlib.metadata import version

    from federation.cli.clock import now
    from federation.node.cdm_folder import read_cdm
    from federation.quality.dqd import Source
    from federation.quality.omop.dqd import dqd_of_cdm
    from federation.quality.omop.run import answered

    day, name = as_of or now().date(), site or folder.resolve().name
    at = f"{day} 00:00:00"  # of the day it is asked as of: the same tables are the same file
    source = Source(name, name, f"OMOP CDM 5.4: {name}", name, str(day), version("guantong"), at, at)
    return dqd_of_cdm(source, answered(read_cdm(folder), day, vocabulary=True))


def _document(home: "AHome", site: str) -> dict[str, Any]:
    from importlib.metadata import version

    from federation.broker.site import find_site
    from federation.node.journal import batches
    from federation.node.kept import kept
    from federation.node.library import library_of
    from federation.quality.dqd import Source, dqd

    with home.engine.connect() as connection:
        known, recorded = find_site(connection, site), batches(connection, site)
    at = max((each.at for each in recorded), default="")
    stamp = at[:19].replace("T", " ")  # of the last batch: the same data is the same file
    source = Source(
        known.id, known.name, f"{known.name_zh or known.name} ({known.tier})", known.name, at[:10],
        version("guantong"), stamp, stamp,
    )  # fmt: skip
    return dqd(source, kept(home, recorded), library_of(home).checks)

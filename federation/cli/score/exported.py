"""`guantong score export`: a site's answers in the shape of another program, for its own viewer."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json

if TYPE_CHECKING:
    from federation.node.home import Home as AHome


OWNED = "Counts are exported whole, for the owner of the home only. `score bulletin` shows what others may see."


class Format(StrEnum):
    """Whose shape."""

    DQD = "dqd"


def export(
    site: Annotated[str, typer.Option("--site", help="The site. 机构")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, FILE.json. 输出文件")],
    form: Annotated[Format, typer.Option("--format", help="dqd: OHDSI's DataQualityDashboard 2.8. 格式")] = Format.DQD,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """A site's answers for OHDSI's DataQualityDashboard viewer.  导出评分结果"""
    from federation.node.home import open_home
    from federation.node.raw import must_own
    from federation.report.written import write

    opened = open_home(home)
    must_own(opened, OWNED)
    made = _document(opened, site)
    write(out, json.dumps(made, ensure_ascii=False, indent=1).encode())
    figures = {name: number for name, [number] in made["Overview"].items()}
    if as_json:
        return show_json({"site": site, "file": str(out), "format": form, "overview": figures})
    passed, failed, without = (figures[f"count{name}"] for name in ("Passed", "OverallFailed", "NotApplicable"))
    answer.print(
        f"{passed} passed, {failed} failed, {without} not applicable (never counted as passed).  "
        f"通过 {passed}，不通过 {failed}，不适用 {without}（不计入通过）\nWritten to 已写入 {out}",
        markup=False,
        soft_wrap=True,
    )
    return None


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

"""`guantong score recount`: asks the rows again, after a check was added."""

from typing import Annotated

import typer

from federation.cli.bar import bar
from federation.cli.output import HOME, Home, Json, answer, show_json


def recount(
    site: Annotated[str | None, typer.Option("--site", help="One site only. 机构")] = None,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Ask all rows again, after a check was added or changed.  重新评分"""
    from federation.node.home import open_home
    from federation.node.recount import recount as counting

    with bar() as begin:
        done = counting(open_home(home), site, begin("asking again"))
    if as_json:
        show_json({"batches": done})
    else:
        answer.print(f"{done} batches were asked again. 已重新评分 {done} 个批次", markup=False)

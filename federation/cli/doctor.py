"""`guantong doctor`: looks at this machine and this home, and says what to mend. Changes nothing."""

from typing import Annotated

import typer

from federation.cli.output import HOME, Home, Json, answer, show_json


def command(
    home: Home = HOME,
    as_json: Json = False,
    free: Annotated[float, typer.Option("--free", help="Gigabytes that must be free.")] = 1.0,
) -> None:
    """Look at this machine and this home, and say what to mend.  检查运行环境"""
    from federation.node.doctor import examine

    found = examine(home, free)
    if as_json:
        show_json({"healthy": all(item.well for item in found), "findings": [item.as_dict() for item in found]})
    for item in () if as_json else found:
        answer.print(f"{'ok  ' if item.well else 'MEND'}  {item.what}", markup=False, soft_wrap=True)
        if not item.well:
            answer.print(f"      {item.todo}", markup=False, soft_wrap=True)
    if not all(item.well for item in found):
        raise typer.Exit(1)

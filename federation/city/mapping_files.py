"""Mapping files for the clinics' exports: a template a table, filled with a layout's own headers.

A hospital would write them by hand; the city writes them, so that its exports can be read without any work.
"""

import re
from importlib.resources import files

from federation.city.layouts import Layout
from schemas.table import COMMON
from schemas.tables import TABLES

_HOLE = re.compile("«([a-z_]+)»")
_ABSENT = re.compile("«absent ([a-z_]+): ([^»]+)»")


def mapping_files(layout: Layout) -> dict[str, str]:
    """File name -> text, one for each of the layout's tables."""
    return {f"{layout.name}_{table}.toml": _filled(layout, table) for table in layout.tables}


def _filled(layout: Layout, table: str) -> str:
    stem, headers = layout.tables[table]
    words = {
        "source": stem,
        "visits": layout.tables["visits"][0],
        "separator": layout.spoken,
        "encoding": "utf-8-sig" if layout.bom else layout.encoding,
        "man": layout.sex[0],
        "woman": layout.sex[1],
        "pressure": layout.program[0],
        "sugar": layout.program[1],
        **headers,
    }
    template = files("federation.city").joinpath("mappings", f"{table}.toml").read_text("utf-8")
    filled = _HOLE.sub(lambda hole: words[hole[1]], template)
    return "".join(_without(part) for part in re.split(r"(?m)^(?=\[\[table\]\]$)", filled))


def _without(part: str) -> str:
    """Every column the part is silent about, with the reason why it is empty."""
    mark = _ABSENT.search(part)
    if mark is None:
        return part
    shared = TABLES[mark[1]]
    said = set(re.findall(r"(?m)^([a-z0-9_]+) = ", part))
    silent = [name for name in shared.columns if name not in COMMON and name != shared.person and name not in said]
    lines = "\n".join(f'{name} = {{ absent = "{mark[2]}" }}' for name in silent)
    return part[: mark.start()] + lines + part[mark.end() :]

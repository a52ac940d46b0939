"""From drawings to SVG that can stand inside a page: one worker process for all, then names made unique.

The worker may open no address; what comes back holds its letters as text and its tips as titles.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from federation.errors import Unavailable
from federation.report.drawing import Drawing

SVG = "http://www.w3.org/2000/svg"
LONGEST = 300  # seconds for all pictures of a page; twenty take about three

ET.register_namespace("", SVG)
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def draw(drawings: Mapping[str, Drawing]) -> dict[str, str]:
    """Name -> SVG text, in one start of the worker. Raises Unavailable when the worker dies or takes too long."""
    if not drawings:
        return {}
    specs = json.dumps([drawing.spec() for drawing in drawings.values()])
    svgs = json.loads(_work(specs))
    return {name: inline(svg, name, drawings[name].about) for name, svg in zip(drawings, svgs, strict=True)}


def _work(specs: str) -> str:
    command = [sys.executable, "-I", str(Path(__file__).with_name("worker.py"))]
    try:
        done = subprocess.run(  # noqa: S603 -- our own interpreter and file, no shell
            command, input=specs, capture_output=True, check=True, timeout=LONGEST, encoding="utf-8"
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise Unavailable("report: the process that draws the pictures died. Run the same command again.") from error
    return done.stdout


def inline(svg: str, name: str, about: str) -> str:
    """The SVG with ids that no other picture of the page has, tips as `<title>`, and its own name and role."""
    root = ET.fromstring(svg)  # noqa: S314 -- written by our own worker, not from outside
    for node in list(root.iter()):
        _prefix(node, name)
        _title(node)
    root.attrib.pop("aria-roledescription", None)
    root.set("role", "img")
    root.set("aria-label", about)
    return ET.tostring(root, encoding="unicode")


def _prefix(node: ET.Element, name: str) -> None:
    for key, value in node.attrib.items():
        if key == "id":
            node.set(key, f"{name}-{value}")
        elif "url(#" in value:
            node.set(key, value.replace("url(#", f"url(#{name}-"))


def _title(node: ET.Element) -> None:
    """Vega says a mark's description as aria-label; a browser without scripts shows it only as a title."""
    tip = node.attrib.pop("aria-label", "")
    node.attrib.pop("aria-roledescription", None)
    node.attrib.pop("role", None)
    if tip and node.tag == f"{{{SVG}}}path":
        title = ET.Element(f"{{{SVG}}}title")
        title.text = tip
        node.insert(0, title)

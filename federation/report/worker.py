"""Draws SVG in a process of its own: a JSON list of Vega-Lite documents on stdin, a JSON list of SVG texts on stdout.

vl-convert holds the interpreter's lock while it draws and would fetch addresses it is given; here it may fetch none.
This file is run by its path, and imports nothing of the project.
"""

import json
import sys

import vl_convert


def main() -> None:
    """One start for all pictures: the engine inside takes half a second to wake, a picture some milliseconds."""
    specs = json.load(sys.stdin)
    drawn = [vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]) for spec in specs]
    json.dump(drawn, sys.stdout)


if __name__ == "__main__":
    main()

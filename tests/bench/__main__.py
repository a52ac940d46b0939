"""`make bench`: every benchmark after the other; what it prints becomes docs/benchmarks.md.

`python -m tests.bench NAME ...` runs some of them and replaces only their parts of the page.
"""

import os
import platform
import re
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
BENCHES = (
    "start",
    "fhir",
    "hl7v2",
    "cda",
    "bad_lines",
    "front_page",
    "workbook",
    "dbf",
    "databases",
    "scoring",
    "rescore",
    "mllp",
    "linkage_tokens",
    "linkage_exact",
    "growth",
    "linkage",
)  # the long one last
LIBRARIES = ("polars", "pyarrow", "duckdb", "deltalake", "pointblank", "fhir.resources")


def measured(name: str) -> str:
    """The part of the page about one benchmark: its docstring, the command, and what it printed."""
    module = (ROOT / "tests" / "bench" / f"{name}.py").read_text("utf-8")
    about = module.split('"""')[1].strip()
    command = [sys.executable, "-m", f"tests.bench.{name}"]
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    versions = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    head = f"`python -m tests.bench.{name}` on {date.today().isoformat()}, {machine}; {versions}."  # noqa: DTZ011
    return f"{about}\n\n{head}\n\n{said}"


def main() -> None:
    """Runs the benchmarks named, or all, and rewrites their parts of the page at once."""
    for name in sys.argv[1:] or BENCHES:
        print(f"{name} ...", flush=True)
        part = measured(name)
        print(part, flush=True)
        page = PAGE.read_text("utf-8")
        fenced = rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)"
        PAGE.write_text(re.sub(fenced, lambda found, part=part: f"{found[1]}{part}\n{found[2]}", page, flags=re.DOTALL))


if __name__ == "__main__":
    main()

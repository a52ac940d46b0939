"""What came of every folder of real samples, as a page: `python -m tests.journeys.samples_table` writes docs/samples.md.

Counts and reasons only; no name of a file and no text of one.
"""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from federation.node.home import make_home
from federation.node.ingest import ingest
from federation.node.reconcile import reconcile
from federation.node.rejects import rejects
from federation.node.report import Report

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "samples.md"
ROOMS = ("hl7v2", "cda", "omop", "tabular", "cn", "fhir")
NOW = datetime(2026, 3, 1, 12)
KEY = bytes(range(32))
HEAD = """# Real samples
What `guantong ingest FOLDER --site A` makes of every folder of public samples, file by file and record by record. A test
holds this page: it is made by `python -m tests.journeys.samples_table`, with GUANTONG_SAMPLES naming the samples.

* **files** on disk = read + unreadable + passed over; **records read** = accepted + rejected + duplicate.
* *record* reasons reject a whole record; *value* reasons empty one cell of an accepted record. docs/rejects.md says
  what each means.
* Tables of nobody's patients (code lists, seeds of other projects, rows without a mapping) are `unknown-format`: nothing
  is guessed about them. `guantong map` begins a mapping.
"""


@dataclass(frozen=True)
class Folder:
    """One folder of samples and what came of it."""

    name: str
    files: int
    told: Report
    whole: dict[str, int]
    values: dict[str, int]
    balanced: bool


def folders(samples: Path) -> list[Path]:
    """The folders that the table is about."""
    return [path for room in ROOMS for path in sorted((samples / room).iterdir()) if path.is_dir()]


def taken(folder: Path) -> Folder:
    """Ingests the folder into a home of its own."""
    with TemporaryDirectory() as made:
        home = make_home(Path(made) / "home", KEY)
        told = ingest(home, [folder], "A", now=NOW)
        found = rejects(home, site="A").collect() if told.read else None
        whole = Counter() if found is None else Counter(found.filter("whole")["reason"])
        values = Counter() if found is None else Counter(found.filter(~found["whole"])["reason"])
        balanced = all(line.agrees for line in reconcile(home))
    files = sum(1 for path in folder.rglob("*") if path.is_file())
    return Folder(f"{folder.parent.name}/{folder.name}", files, told, dict(whole), dict(values), balanced)


def page(found: Iterable[Folder]) -> str:
    """The page."""
    every = list(found)
    rows = [
        "| folder | kinds | files | unreadable | passed over | read | accepted | rejected | duplicate |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(each) for each in every),
    ]
    return HEAD + "\n" + "\n".join(rows) + "\n\n" + "\n".join(map(_section, every))


def _row(each: Folder) -> str:
    told = each.told
    cells = (each.name, told.kind.replace("+", ", ") or "-", each.files, len(told.unreadable), len(told.skipped), told.read,
             told.accepted, told.rejected, told.duplicate)  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _section(each: Folder) -> str:
    told = each.told
    lines = [f"## {each.name}"]
    for what, counts in (
        ("rows", told.tables),
        ("records rejected", each.whole),
        ("values emptied", each.values),
        ("unreadable", Counter(left.reason for left in told.unreadable)),
        ("passed over", Counter(left.reason for left in told.skipped)),
    ):
        if counts:
            said = ", ".join(f"`{name}` {count}" for name, count in sorted(counts.items()))
            lines.append(f"* {what}: {said}")
    if told.superseded:
        lines.append(f"* earlier versions replaced: {told.superseded}")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes the page."""
    warnings.simplefilter("ignore")
    samples = Path(os.environ.get("GUANTONG_SAMPLES", ROOT.parent / "shared" / "data"))
    wanted = [path for path in folders(samples) if not sys.argv[1:] or path.name in sys.argv[1:]]
    made = page(map(taken, wanted))
    if sys.argv[1:]:
        sys.stdout.write(made)
    else:
        PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

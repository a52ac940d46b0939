"""The list of all checks as a document: `python -m federation.quality.reference` writes docs/checks.md.

Nothing is written by hand there; a test fails when it is stale.
"""

import sys
from itertools import groupby

from federation.quality.check import Check
from federation.quality.kind import zh
from federation.quality.library import OWN, all_checks
from schemas.tables import TABLES

HEAD = """# Checks 质控规则

Written by `python -m federation.quality.reference > docs/checks.md`; do not edit.

A check is asked of every row that can answer it. Empty cells are not asked (completeness asks them once, in its own
place), and a check nobody was asked is *no evidence*, never a pass. Errors and warnings count in a score; an info is
only listed. `tolerates` is the share of wrong rows under which a check still passes.
"""


def document() -> str:
    """The whole document, as markdown."""
    by_table = sorted(all_checks(), key=lambda each: each.table)
    parts = [_section(table, list(of_table)) for table, of_table in groupby(by_table, key=lambda each: each.table)]
    return "\n".join([HEAD, f"{len(by_table)} checks of {len(TABLES) - len(OWN)} tables.", *parts])


def _section(table: str, checks: list[Check]) -> str:
    title = f"\n## `{table}` {TABLES[table].zh}\n"
    head = "| check | rule | asks | 内容 | NHC | GB/T 36344 | Kahn | METRIC | severity | tolerates | source |"
    return "\n".join([title, head, "|---" * 11 + "|", *map(_row, checks)])


def _row(check: Check) -> str:
    tolerates = f"{check.tolerates:.1%}: {check.because}" if check.tolerates else ""
    tags = [f"{tag} {zh(tag)}" for tag in (check.nhc, check.gbt36344)]
    cells = [
        f"`{check.id}`",
        check.rule,
        check.means,
        check.zh,
        *tags,
        check.kind.value,
        check.kind.metric,
        check.severity,
        tolerates,
        check.source,
    ]
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "/") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(document() + "\n")

"""Writes the pages that are made from the code, so that they cannot disagree with it; `--check` only compares.

Generated text stands between `<!-- made: NAME -->` and `<!-- end -->`, or fills a whole file.
"""

import contextlib
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent


def verbs() -> str:
    """The list of verbs, as `guantong` prints it."""
    from federation.cli.main import overview

    return f"```\n{overview()}```"


def reasons() -> str:
    """Why a record or a value is rejected, with what to do."""
    from connectors.reason import REASONS

    rows = [
        f"| `{r.code}` | {'record' if r.whole else 'value'} | {r.means} | {r.zh} | {r.todo} |" for r in REASONS.values()
    ]
    return "\n".join(["| reason | rejects | means | 中文 | what to do |", "|---|---|---|---|---|", *rows])


def readers() -> str:
    """What `read_as` may name."""
    from connectors.readers import READERS

    made = {name: ", ".join(dict.fromkeys(map(str, reader.dtypes))) for name, reader in READERS.items()}
    rows = [f"| `{name}` | {reader.means} | {reader.zh} | {made[name]} |" for name, reader in READERS.items()]
    return "\n".join(["| reader | reads | 中文 | makes |", "|---|---|---|---|", *rows])


def helps() -> str:
    """The help of every verb, and of the verbs that it has of its own."""
    from federation.cli.main import under
    from federation.cli.verbs import VERBS

    parts = []
    for verb, means, zh in VERBS:
        parts.append(f"## guantong {verb}\n{means} {zh}\n\n{_help([verb])}")
        parts += [f"### guantong {verb} {own}\n{_help([verb, own])}" for own in under(verb)]
    return "\n\n".join(parts)


def _help(words: list[str]) -> str:
    from federation.cli.main import main

    with contextlib.redirect_stdout(io.StringIO()) as said:
        main([*words, "--help"])
    return f"```\n{said.getvalue().strip()}\n```"


def travels() -> str:
    """Which columns of the shared tables a CDM takes in, and gives out."""
    from connectors.omop.table import mappings
    from connectors.reach import filled
    from schemas.exports.omop_sql import gives
    from schemas.table import COMMON
    from schemas.tables import TABLES

    taken: dict[str, set[str]] = {}
    for mapping in mappings().values():
        for name, columns in filled(mapping).items():
            taken.setdefault(name, set()).update(columns)
    lines = [
        "| shared table | columns | in from CDM | out to CDM | stay behind on the way out |",
        "|---|---|---|---|---|",
    ]
    for name, table in TABLES.items():
        own = [column for column in table.columns if column not in COMMON]
        given = gives().get(name, set()) & set(own)
        if name in taken or given:
            behind = ", ".join(f"`{column}`" for column in own if column not in given)
            lines.append(f"| `{name}` | {len(own)} | {len(taken.get(name, set()))} | {len(given)} | {behind} |")
    return "\n".join(lines)


MARKED: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"verbs": verbs},
    "docs/rejects.md": {"reasons": reasons},
    "docs/mapping.md": {"readers": readers},
    "docs/omop.md": {"travels": travels},
    "docs/commands.md": {"helps": helps},
}


def dictionary() -> str:
    """The data dictionary, a whole page."""
    from schemas.code_system import code_system, names
    from schemas.exports.dictionary import dictionary as made
    from schemas.tables import TABLES

    return made(list(TABLES.values()), [code_system(name) for name in names()])


def checks() -> str:
    """Every check, a whole page."""
    from federation.quality.reference import document

    return document() + "\n"


def coverage_page() -> str:
    """What every kind and profile can fill, a whole page."""
    from connectors.coverage import coverage, own_columns, together
    from connectors.kinds import kinds
    from schemas.tables import TABLES

    head = "| | " + " | ".join(f"{name}<br>({len(own_columns(name))})" for name in TABLES) + " |"
    lines = [head, "|---|" + "---|" * len(TABLES)]
    for each in [*coverage(), together()]:
        cells = [f"{round(100 * n / of)} %" if n else "" for n, of in (each.share(name) for name in TABLES)]
        lines.append(f"| {f'`{each.name}`' if each.kind else each.name} | " + " | ".join(cells) + " |")
    containers = [name for name in kinds() if name not in {each.kind for each in coverage()}]
    return "\n".join([
        "# What each kind can fill 各类数据源的覆盖", "",
        "Written by `docs/generate.py` from the mappings and from what connectors declare; do not edit.",
        "A cell says which share of the shared table's own columns (their number is in brackets) can be filled. What a",
        "site's export really fills is what `guantong score` measures.", "", *lines, "",
        f"{', '.join(f'`{name}`' for name in containers)} fill what the mapping or the kind inside says.",
        "`provenance` and `quality_result` are made here, not read.", ""])  # fmt: skip


def filled(text: str, name: str, made: str) -> str:
    """The page with the part called `name` replaced."""
    part = re.compile(rf"(<!-- made: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not part.search(text):
        raise SystemExit(f"no part `{name}` in the page")
    return part.sub(lambda found: f"{found[1]}{made}\n{found[2]}", text)


WHOLE: dict[str, Callable[[], str]] = {
    "docs/data-dictionary.md": dictionary,
    "docs/checks.md": checks,
    "docs/coverage.md": coverage_page,
}


def page_of(page: str) -> str:
    """The page as it should be."""
    if page in WHOLE:
        return WHOLE[page]()
    text = (ROOT / page).read_text("utf-8")
    for name, make in MARKED[page].items():
        text = filled(text, name, make())
    return text


def main() -> int:
    """Writes or checks every page; 1 when a page is stale."""
    stale = []
    for page in [*MARKED, *WHOLE]:
        made = page_of(page)
        if made != (ROOT / page).read_text("utf-8"):
            stale.append(page)
            if "--check" not in sys.argv:
                (ROOT / page).write_text(made, "utf-8")
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"Stale: {', '.join(stale)}. Run: make docs\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

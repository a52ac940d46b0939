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

    rows = [f"| `{r.code}` | {'record' if r.whole else 'value'} | {r.means} | {r.zh} | {r.todo} |" for r in REASONS.values()]
    return "\n".join(["| reason | rejects | means | 中文 | what to do |", "|---|---|---|---|---|", *rows])


def helps() -> str:
    """The help of every verb."""
    from federation.cli.main import main
    from federation.cli.verbs import VERBS

    parts = []
    for verb, means, zh in VERBS:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            main([verb, "--help"])
        parts.append(f"## guantong {verb}\n{means} {zh}\n\n```\n{said.getvalue().strip()}\n```")
    return "\n\n".join(parts)


MARKED: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"verbs": verbs},
    "docs/rejects.md": {"reasons": reasons},
    "docs/commands.md": {"helps": helps},
}


def filled(text: str, name: str, made: str) -> str:
    """The page with the part called `name` replaced."""
    part = re.compile(rf"(<!-- made: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not part.search(text):
        raise SystemExit(f"no part `{name}` in the page")
    return part.sub(lambda found: f"{found[1]}{made}\n{found[2]}", text)


def main() -> int:
    """Writes or checks every page; 1 when a page is stale."""
    stale = []
    for page, parts in MARKED.items():
        old = new = (ROOT / page).read_text()
        for name, make in parts.items():
            new = filled(new, name, make())
        if new != old:
            stale.append(page)
            if "--check" not in sys.argv:
                (ROOT / page).write_text(new)
    if stale and "--check" in sys.argv:
        sys.stderr.write(f"Stale: {', '.join(stale)}. Run: make docs\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

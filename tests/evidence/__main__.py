"""`make evidence`: what the score finds of errors that are known, and whom linkage finds; it becomes docs/*-evidence.md.

`python -m tests.evidence NAME ...` measures some of them and replaces only their parts of the pages.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "quality": ("city", "hospital", "growth", "omop"),
    "linkage": ("linkage_febrl", "linkage_city", "linkage_attacks"),
}
PARTS = {part: ROOT / "docs" / f"{page}-evidence.md" for page, parts in PAGES.items() for part in parts}


def main() -> None:
    """Measures the parts named, or all, and rewrites them on their page at once."""
    for name in sys.argv[1:] or PARTS:
        about = (ROOT / "tests" / "evidence" / f"{name}.py").read_text("utf-8").split('"""')[1].strip()
        command = [sys.executable, "-m", f"tests.evidence.{name}"]
        said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        part = f"{about}\n\n{said}"
        print(part, flush=True)
        page = PARTS[name].read_text("utf-8")
        fenced = rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)"
        PARTS[name].write_text(
            re.sub(fenced, lambda found, part=part: f"{found[1]}{part}\n{found[2]}", page, flags=re.DOTALL)
        )


if __name__ == "__main__":
    main()

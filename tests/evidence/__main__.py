"""`make evidence`: what the score finds of errors that are known; what it prints becomes docs/quality-evidence.md.

`python -m tests.evidence NAME ...` measures some of them and replaces only their parts of the page.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "quality-evidence.md"
PARTS = ("city", "hospital", "growth", "omop")


def main() -> None:
    """Measures the parts named, or all, and rewrites them on the page at once."""
    for name in sys.argv[1:] or PARTS:
        about = (ROOT / "tests" / "evidence" / f"{name}.py").read_text("utf-8").split('"""')[1].strip()
        command = [sys.executable, "-m", f"tests.evidence.{name}"]
        said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        part = f"{about}\n\n{said}"
        print(part, flush=True)
        page = PAGE.read_text("utf-8")
        fenced = rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)"
        PAGE.write_text(re.sub(fenced, lambda found, part=part: f"{found[1]}{part}\n{found[2]}", page, flags=re.DOTALL))


if __name__ == "__main__":
    main()

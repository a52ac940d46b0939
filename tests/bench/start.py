"""How long `guantong --help` takes in a fresh process: imports are lazy, so it must feel instant."""

import sys
from pathlib import Path

from tests.bench.measure import side_by_side, table

HELP = {
    "guantong --help": [str(Path(sys.executable).with_name("guantong")), "--help"],
    "python -c pass": [sys.executable, "-c", "pass"],
}


def main() -> None:
    """Prints both, in turns."""
    print(table(side_by_side(HELP, rounds=7), against="python -c pass"))


if __name__ == "__main__":
    main()

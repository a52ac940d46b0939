"""Ingests in processes of their own that can be killed; run by the tests of crashes.

Reads requests from stdin, one a line: `[home, folder, die at]`, where `die at` is the number of the point at which the
process kills itself, 0 for never. Answers `pid N`, the points passed, and `ended CODE`. Each request is a fork of this
process, which has imported everything and done nothing: a fork costs a millisecond, the imports a second.
"""

import json
import os
import signal
import sys
import warnings
from pathlib import Path

import federation.quality.count
from federation.node.home import make_home
from tests.federation.node_city import KEY, take

assert federation.quality.count


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def one(home: Path, folder: Path, die_at: int) -> None:
    passed = 0

    def at(point: str) -> None:
        nonlocal passed
        passed += 1
        say(point)
        if passed == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    say(f"pid {os.getpid()}")
    take(make_home(home, KEY), *sorted(folder.iterdir()), at=at)


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside idle threads of libraries
    for line in sys.stdin:
        home, folder, die_at = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                one(Path(home), Path(folder), die_at)
                os._exit(0)
            finally:
                os._exit(70)
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


main()

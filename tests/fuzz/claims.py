"""Reads files whose sizes and counts lie, in a process that may not have much memory; says how many for each kind."""

import json
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.broken import claiming
from tests.fuzz.files import good_files
from tests.fuzz.good import Good
from tests.fuzz.reading import read

MORE = 768 << 20  # bytes beyond what the program has when it begins
SLOW = 5.0  # seconds for one file of a few kilobytes


def bounded(more: int = MORE) -> None:
    """From now on this process gets `more` bytes of address space, no further."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + more,) * 2)


def tried(kind: str, good: Good) -> int:
    """How many lying files of this kind were read; raises where one took long, or broke what must hold."""
    lying = list(claiming(good.content))
    for content in lying:
        began = time.process_time()
        with TemporaryDirectory() as folder:
            read(kind, good, content, Path(folder))
        assert time.process_time() - began < SLOW, f"{kind} {good.name}: too long"
    return len(lying)


def main() -> None:
    files = [(kind, each) for kind, some in sorted(good_files().items()) for each in some]
    for kind, each in files:
        with TemporaryDirectory() as folder:
            read(kind, each, each.content, Path(folder))  # imports what it needs
    bounded()
    counts: dict[str, int] = {}
    for kind, each in files:
        counts[kind] = counts.get(kind, 0) + tried(kind, each)
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    main()

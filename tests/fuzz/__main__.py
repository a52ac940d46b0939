"""`python -m tests.fuzz [TARGET...]`: atheris on every parser, each in a process of its own, for FUZZ_SECONDS each.

What is found is written to `build/fuzz/TARGET/` and told; a second run begins with it. Ends with 1 where anything was
found. Prints executions and rate of each target as a row of a table.
"""

import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "build" / "fuzz"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
LONGEST = 16_384  # bytes of one input
ONE = 20  # seconds for one input
MORE = 2 << 30  # bytes of address space beyond what the program begins with


def targets() -> dict[str, tuple[list[bytes], Callable[[bytes], object]]]:
    """Name -> good inputs, and what takes any."""
    from tests.fuzz.beside import beside
    from tests.fuzz.files import good_files
    from tests.fuzz.good import Good
    from tests.fuzz.reading import read

    def of(kind: str, good: Good) -> Callable[[bytes], object]:
        def take(content: bytes) -> None:
            with TemporaryDirectory(dir="/dev/shm") as folder:
                read(kind, good, content, Path(folder))

        return take

    made = dict(beside())
    for kind, some in good_files().items():
        for good in some:
            name = kind if len(some) == 1 else f"{kind}-{good.name.replace('.', '-')}"
            made[name] = ([good.content], of(kind, good))
    return dict(sorted(made.items()))


def one(name: str) -> None:
    """Fuzzes one target in this process; libFuzzer ends it."""
    import atheris

    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=["connectors"], enable_loader_override=False):
        import connectors.kinds

        connectors.kinds.kinds()
        good, take = targets()[name]
    for content in good:
        take(content)  # imports what it needs
    from tests.fuzz.claims import bounded

    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as corpus:
        for number, content in enumerate(good):
            (Path(corpus) / str(number)).write_bytes(content)
        bounded(MORE)
        words = [name, corpus, str(folder), f"-max_total_time={SECONDS}", f"-max_len={LONGEST}", f"-timeout={ONE}",
                 f"-artifact_prefix={folder}/", "-print_final_stats=1", "-rss_limit_mb=3072", "-seed=7"]  # fmt: skip
        atheris.Setup(words, take)
        atheris.Fuzz()


def main(names: list[str]) -> int:
    """Runs the targets one after the other and prints a table; how many found something."""
    found = 0
    sys.stdout.write("| target | executions | a second | found |\n|---|---|---|---|\n")
    for name in names or targets():
        ran = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--one", name], cwd=ROOT, capture_output=True, text=True, errors="replace",
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}, check=False,
        )  # fmt: skip
        count = re.search(r"number_of_executed_units:\s*(\d+)", ran.stderr)
        executed = int(count[1]) if count else 0
        found += ran.returncode != 0
        what = "nothing" if ran.returncode == 0 else _what(ran.stderr)
        sys.stdout.write(f"| {name} | {executed:,} | {executed // max(1, SECONDS)} | {what} |\n")
        sys.stdout.flush()
    return min(found, 1)


def _what(said: str) -> str:
    lines = [line.strip() for line in said.splitlines()]
    return next(
        (
            line[:160]
            for line in lines
            if re.match(r"[\w.]*(Error|Exception|Timeout)\b|ALARM|memory allocation|SUMMARY", line)
        ),
        "died",
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))

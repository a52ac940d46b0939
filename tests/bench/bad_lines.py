"""What bad lines cost: the same FHIR lines clean, with 0.01 % and with 0.1 % of them broken in eight ways.

Run as `python -m tests.bench.bad_lines [--mb 300] [--rounds 3]`. Every injected bad line must be found at its place with its
reason, and no good line lost, before a time is printed.
"""

import argparse
import os
import random
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.measure import call, median, side_by_side, table
from tests.bench.synthea import lines

SHARES = {"clean": 0.0, "0.01 % bad": 0.0001, "0.1 % bad": 0.001}


def doubled_top(line: bytes) -> bytes:
    """The id twice."""
    return re.sub(rb'("id":"[^"]*")', rb"\1,\1", line, count=1)


def doubled_deep(line: bytes) -> bytes:
    """A key twice in the innermost object that no column reads."""
    return re.sub(rb'("profile":)', rb'"x":{"y":[{"k":1,"l":2,"k":3}]},\1', line, count=1)


WAYS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut": (lambda line: line[: len(line) // 2], "not-json"),
    "not utf-8": (lambda line: line.replace(b'"id":"', b'"id":"\xc3\x28', 1), "not-utf8"),
    "NaN": (lambda line: line[:-1] + b',"n":NaN}', "not-json"),
    "comma": (lambda line: line[:-1] + b",}", "not-json"),
    "doubled": (doubled_top, "duplicate-key"),
    "doubled deep": (doubled_deep, "duplicate-key"),
    "shape": (lambda line: re.sub(rb'"id":"([^"]*)"', rb'"id":{"v":"\1"}', line, count=1), "wrong-shape"),
    "control": (lambda line: line.replace(b'"id":"', b'"id":"\x01', 1), "not-json"),
}  # fmt: skip


def spoil(path: Path, truth: Path, megabytes: int, share: float, seed: int = 11) -> None:
    """Writes the lines, a share of them broken, and the truth: line number and reason of each."""
    draw, written, known = random.Random(seed), 0, []
    with path.open("wb") as file:
        for number, line in enumerate(lines(megabytes * 2000), 1):
            if draw.random() < share:
                way, reason = WAYS[draw.choice(list(WAYS))]
                line = way(line)  # noqa: PLW2901
                known.append(f"{number} {reason}")
            written += file.write(line + b"\n")
            if written >= megabytes * 1_000_000:
                break
    truth.write_text(f"{number}\n" + "\n".join(known))


def wrong(folder: Path, truth: Path) -> str:
    """How the rejects on disk differ from the truth; empty when they do not."""
    import polars as pl

    total, *known = truth.read_text().splitlines()
    parts = sorted(folder.glob("rejects.*.parquet"))
    rejects = pl.concat([pl.read_parquet(part) for part in parts]).filter("whole") if parts else None
    found = (
        [] if rejects is None else [f"{line} {reason}" for line, reason in rejects.select("line", "reason").iter_rows()]
    )
    accepted = pl.scan_parquet(folder / "records.*.parquet").select(pl.len()).collect().item()
    if sorted(found) != sorted(known):
        return f"{len(set(known) - set(found))} bad lines missed, {len(set(found) - set(known))} refused wrongly"
    return "" if accepted + len(known) == int(total) else f"{int(total) - accepted - len(known)} good lines lost"


def main() -> None:
    """Make three files, read each in turns, check the rejects against the truth, print the ratios."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mb", type=int, default=300)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-bad-") as scratch:
        folder, commands = Path(scratch), {}
        for number, (name, share) in enumerate(SHARES.items()):
            spoil(folder / f"{number}.ndjson", folder / f"{number}.truth", options.mb, share)
            commands[name] = call("tests.bench.fhir", "ours", folder / f"{number}.ndjson", folder / f"out{number}")
        runs = side_by_side(commands, options.rounds)
        for number, name in enumerate(SHARES):
            bad = len((folder / f"{number}.truth").read_text().splitlines()) - 1
            found = wrong(folder / f"out{number}", folder / f"{number}.truth")
            print(f"{name}: {bad} bad lines: {found or 'all found, none lost'}")
        print(table(runs, "clean", options.mb))
        inside = {name: min(run.result["seconds"] for run in each) for name, each in runs.items()}  # type: ignore[index]
        clean = median(runs["clean"], "user") + median(runs["clean"], "sys")
        for name in list(SHARES)[1:]:
            cpu = median(runs[name], "user") + median(runs[name], "sys")
            wall = inside[name] / inside["clean"] - 1
            print(f"{name} costs {wall:+.0%} (best run), {cpu / clean - 1:+.0%} processor time")


if __name__ == "__main__":
    main()

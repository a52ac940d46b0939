"""The whole chain (city written, ingested, asked, drawn) for a city and for one ten times as large.

The figures are how much longer the larger one takes and how much more memory it needs at its peak.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import run


def chain(folder: Path, persons: int, core: int | None) -> tuple[float, float, float, float, int]:
    """Wall, user and sys seconds, peak MB of the largest process, and records read, of one demo."""
    guantong = Path(sys.executable).with_name("guantong")
    done = run([str(guantong), "demo", str(folder), "--persons", str(persons), "--json"], core)
    return done.wall, done.user, done.sys, done.peak_mb, int(done.result["read"])  # type: ignore[index,call-overload]


def main() -> None:
    """Measures both sizes one after the other and prints them with their ratios."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--persons", type=int, default=100_000, help="size of the smaller city")
    asked.add_argument("--times", type=int, default=10)
    options = asked.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for persons in (options.persons, options.persons * options.times):
            rows.append((persons, *chain(Path(folder) / str(persons), persons, None)))
    print("| persons | records | wall s | user s | sys s | peak MB |\n|---|---|---|---|---|---|")
    for persons, wall, user, sys_, peak, read in rows:
        print(f"| {persons:,} | {read:,} | {wall:.0f} | {user:.0f} | {sys_:.0f} | {peak:.0f} |")
    small, large = rows
    print(
        f"\n{options.times} times the city: {large[1] / small[1]:.1f}x the wall time, "
        f"{(large[2] + large[3]) / (small[2] + small[3]):.1f}x the processor time, "
        f"{large[4] / small[4]:.2f}x the peak memory"
    )


if __name__ == "__main__":
    main()

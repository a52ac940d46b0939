"""Tokens of distinct numbers: ours beside a plain `hmac` loop, HMAC-SHA256 and HMAC-SM3, on one core.

Run as `python -m tests.bench.linkage_tokens [--rows 1000000] [--rounds 3]`. Outputs are compared before times are. The plain
loop is `hmac.new(key, number.encode(), name).digest()[:16]` for each number; ours makes the same as a Polars column.
"""

import argparse
import hmac
import time
from hashlib import sha256

from tests.bench.measure import call, median, side_by_side, table

NAMES = {"std": "sha256", "gm": "sm3"}


def _numbers(rows: int) -> list[str]:
    return [f"{number * 7919 + 10**17:018d}" for number in range(rows)]


def plain(rows: str, profile: str) -> dict[str, object]:
    """Processor seconds of the plain loop, and a hash of all it made."""
    from federation.linkage.key import LinkageKey

    key, name = LinkageKey(bytes(range(32))).derive("token", "id"), NAMES[profile]
    numbers = _numbers(int(rows))
    started = time.process_time()
    made = [hmac.new(key, number.encode(), name).digest()[:16] for number in numbers]
    return {"seconds": time.process_time() - started, "all": sha256(b"".join(made)).hexdigest()}


def ours(rows: str, profile: str) -> dict[str, object]:
    """Processor seconds of a column of tokens, and a hash of all of them."""
    import polars as pl

    from federation.linkage.key import LinkageKey
    from federation.linkage.token import token_column

    key, numbers = LinkageKey(bytes(range(32))), pl.Series(_numbers(int(rows)))
    started = time.process_time()
    made = token_column("id", numbers, key, profile)
    return {"seconds": time.process_time() - started, "all": sha256(b"".join(made)).hexdigest()}


def main() -> None:
    """Both hashes: compare, then print times and ratios."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    for profile, name in NAMES.items():
        runs = side_by_side({
            f"plain hmac loop, {name}": call("tests.bench.linkage_tokens", "plain", options.rows, profile),
            f"ours, {name}": call("tests.bench.linkage_tokens", "ours", options.rows, profile),
        }, options.rounds)  # fmt: skip
        first, second = runs
        seen = {run.result["all"] for each in runs.values() for run in each}  # type: ignore[index]
        print(
            f"\n{options.rows:,} distinct numbers, HMAC-{name.upper()}; outputs compared: {'equal' if len(seen) == 1 else 'DIFFERENT'}"
        )
        print(table(runs, first))
        best = {each: min(run.result["seconds"] for run in runs[each]) for each in runs}  # type: ignore[index]
        print(
            f"without imports, processor time, best run: {best[first] / best[second]:.1f}x the plain loop, {options.rows / best[second] / 1e6:.2f} M/s"
        )
        cpu = {each: median(runs[each], "user") + median(runs[each], "sys") for each in runs}
        print(f"by processor time, imports included: {cpu[first] / cpu[second]:.1f}x")


if __name__ == "__main__":
    main()

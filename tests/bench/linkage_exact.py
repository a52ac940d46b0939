"""Exact linkage, 1 M + 1 M tokens of 16 bytes of which 60 % meet: ours beside a plain DuckDB join of the same tokens.

Run as `python -m tests.bench.linkage_exact [--records 1000000] [--rounds 3]`. Both read two Parquet files and write the
edges as Parquet, on one core. DuckDB's join finds the pairs and their names; ours also checks every token and looks for
crowded ones. Outputs are compared before times are; then once more without reading, writing and imports.
"""

import argparse
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from federation.linkage.exact import exact
from federation.linkage.token import TOKENS
from tests.bench.measure import call, side_by_side, table

SHARE = 0.6
JOIN = (
    'SELECT l.site left_site, l.record "left", r.site right_site, r.record "right", 0.999::DOUBLE score, \'exact\' how '
    "FROM {left} l JOIN {right} r USING (kind, token)"
)


def tokens(site: str, names: np.ndarray, chance: np.random.Generator) -> pl.DataFrame:
    """TOKENS of records, one each: the token is drawn from the person's number."""
    words = np.stack([names, names ^ np.uint64(0x9E3779B97F4A7C15)], 1) * np.uint64(0xD6E8FEB86659FD93)
    order = chance.permutation(len(names))
    flat = words[order].astype("<u8").tobytes()
    made = [flat[at : at + 16] for at in range(0, len(flat), 16)]
    records = [f"{site}-{row:07}" for row in range(len(names))]
    return pl.DataFrame({"site": site, "record": records, "kind": "id", "token": made}, TOKENS)


def write(folder: Path, records: int) -> None:
    """Two files of tokens."""
    chance = np.random.default_rng(20261128)
    meet = int(records * SHARE)
    people = chance.integers(1, 2**63, 2 * records - meet, dtype=np.uint64)
    tokens("hospital", people[:records], chance).write_parquet(folder / "left.parquet")
    tokens("community", people[records - meet :], chance).write_parquet(folder / "right.parquet")


def ours(folder: str) -> float:
    """Seconds of the linkage itself."""
    left, right = (pl.read_parquet(Path(folder) / f"{side}.parquet") for side in ("left", "right"))
    began = time.perf_counter()
    edges = exact(left, right, {"id": 0.999}).edges
    took = time.perf_counter() - began
    edges.write_parquet(Path(folder) / "ours.parquet")
    return took


def theirs(folder: str) -> float:
    """Seconds of the join itself, of tables that are in memory, into one in memory."""
    with duckdb.connect() as database:
        for side in ("left", "right"):
            database.execute(f"CREATE TABLE {side}_ AS FROM '{folder}/{side}.parquet'")
        began = time.perf_counter()
        database.execute(f"CREATE TABLE edges AS {JOIN.format(left='left_', right='right_')}")
        took = time.perf_counter() - began
        database.execute(f"COPY edges TO '{folder}/theirs.parquet'")
    return took


def alike(folder: Path) -> bool:
    """Whether both found the same pairs, whichever stands left."""
    names = [pl.concat_str(pl.min_horizontal("left", "right"), pl.max_horizontal("left", "right"), separator=" ")]
    found = [pl.read_parquet(folder / f"{who}.parquet").select(*names).to_series().sort() for who in ("ours", "theirs")]
    return found[0].equals(found[1], check_names=False)


def main() -> None:
    """Writes both files, compares the outputs, then the times."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--records", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=5)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, options.records)
        contenders = {
            "DuckDB join": call("tests.bench.linkage_exact", "theirs", folder),
            "ours": call("tests.bench.linkage_exact", "ours", folder),
        }
        runs = side_by_side(contenders, options.rounds)
        same = alike(folder)
        pairs = len(pl.read_parquet(folder / "ours.parquet"))
    print(f"outputs compared: {'equal' if same else 'DIFFERENT'}, {pairs:,} pairs\n")
    print(table(runs, "DuckDB join"))
    best = {who: min(float(run.result) for run in each) for who, each in runs.items()}  # type: ignore[arg-type]
    print(
        f"\nthe linkage alone, best run: {best['ours']:.2f} s, the join alone {best['DuckDB join']:.2f} s: "
        f"{best['DuckDB join'] / best['ours']:.2f}x its speed"
    )


if __name__ == "__main__":
    main()

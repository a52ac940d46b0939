"""Private linkage of two registers of a made-up city: encoding at the two sites, linking, and one new patient afterwards.

Nothing here has a peer that does the same on this machine (anonlink keeps tens of millions of candidates at this size), so
absolute seconds are told beside the share of links that are right. Both sites encode at once, a process each, as they would.
`GUANTONG_LINKAGE` persons a register; without it 100,000, of whom 60 % are in both.
"""

import hmac
import os
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from tests.bench.measure import Run, call, run

SIZE = int(os.environ.get("GUANTONG_LINKAGE", "100000"))
SITES = ("tertiary", "community")
ASKED = 50  # new patients, one after the other


def derive(purpose: str) -> bytes:
    """A key that protects nobody."""
    return hmac.digest(b"a key for benchmarks", purpose.encode(), "sha256")


def prepare(folder: str, size: str) -> None:
    """Both registers, normalised, and the truth as pairs of rows; not measured."""
    from federation.city.doubles import doubles
    from federation.linkage.encodable import encodable
    from federation.linkage.normal.persons import normal

    two = doubles(7, int(size))
    for name in SITES:
        register = getattr(two, name)
        encodable(*normal(register.identity, register.numbers)).write_parquet(Path(folder) / f"{name}.people.parquet")
    rows = [
        getattr(two, name).truth.with_row_index(side).select(side, "person")
        for name, side in zip(SITES, ("left", "right"), strict=True)
    ]
    rows[0].join(rows[1], on="person").select("left", "right").write_parquet(Path(folder) / "truth.parquet")


def encoded(folder: str, site: str) -> int:
    """Encodings of one site as a file."""
    from federation.linkage.bloom import encode
    from federation.linkage.spec import city_spec

    made = encode(pl.read_parquet(Path(folder) / f"{site}.people.parquet"), city_spec(), derive)
    made.write_parquet(Path(folder) / f"{site}.encodings.parquet", compression="uncompressed")
    return len(made)


def linked(folder: str) -> dict[str, float]:
    """Links all, then `ASKED` records alone; what was right, and seconds."""
    from federation.linkage.model import Model, one_to_one
    from federation.linkage.spec import city_spec

    started = time.perf_counter()
    left, right = (_side(Path(folder), name) for name in SITES)
    model = Model.fitted(left, right, city_spec())
    links = one_to_one(model.edges(left, right, city_spec(), model.threshold))
    whole = time.perf_counter() - started
    truth = pl.read_parquet(Path(folder) / "truth.parquet").cast({"left": pl.UInt32, "right": pl.UInt32})
    right_ones = len(links.join(truth, on=["left", "right"], how="semi"))
    alone = _alone(Path(folder), right, model)
    return {"seconds": whole, "links": len(links), "precision": right_ones / max(len(links), 1), "recall": right_ones / len(truth),
            "f1": 2 * right_ones / (len(links) + len(truth)), "alone": alone}  # fmt: skip


def _side(folder: Path, site: str):
    from federation.linkage.side import Side
    from federation.linkage.spec import city_spec

    count = pl.scan_parquet(folder / f"{site}.people.parquet").select(pl.len()).collect().item()
    encodings = pl.scan_parquet(folder / f"{site}.encodings.parquet")
    return Side.read_from(lambda each: encodings.filter(pl.col("salting") == each).collect(), count, city_spec())


def _alone(folder: Path, right, model) -> float:
    """Seconds of one new patient, encoding and all, in the middle of `ASKED`."""
    from federation.linkage.bloom import encode
    from federation.linkage.side import Side
    from federation.linkage.spec import city_spec

    people, spent = pl.read_parquet(folder / "tertiary.people.parquet", n_rows=ASKED), []
    for person in people.iter_slices(1):
        started = time.perf_counter()
        model.edges(Side.of(encode(person, city_spec(), derive), 1, city_spec()), right, city_spec(), model.threshold)
        spent.append(time.perf_counter() - started)
    return sorted(spent)[len(spent) // 2]


def main() -> None:
    """Prints what was measured."""
    with TemporaryDirectory() as folder:
        run(call("tests.bench.linkage", "prepare", folder, SIZE))
        started = time.perf_counter()
        sites = [
            subprocess.Popen(call("tests.bench.linkage", "encoded", folder, name), stdout=subprocess.DEVNULL)
            for name in SITES
        ]
        assert not [site for site in sites if site.wait()]
        encoding = time.perf_counter() - started
        alone = run(call("tests.bench.linkage", "encoded", folder, SITES[0]))
        whole = run(call("tests.bench.linkage", "linked", folder))
        _say(encoding, alone, whole)


def _say(encoding: float, alone: Run, whole: Run) -> None:
    said = whole.result
    assert isinstance(said, dict)
    print(f"{SIZE:,} + {SIZE:,} persons\n")
    print("| step | seconds | user | system | peak MB |\n|---|---|---|---|---|")
    print(f"| encoding, both sites at once | {encoding:.1f} | | | {alone.peak_mb:.0f} a site |")
    print(f"| encoding, one site alone | {alone.wall:.1f} | {alone.user:.1f} | {alone.sys:.1f} | {alone.peak_mb:.0f} |")
    print(
        f"| reading, learning, linking | {said['seconds']:.1f} | {whole.user:.1f} | {whole.sys:.1f} | {whole.peak_mb:.0f} |"
    )
    print(f"\nTogether {encoding + said['seconds']:.0f} s. Precision {said['precision']:.4f}, recall {said['recall']:.4f}, "
          f"F1 {said['f1']:.4f}. One new patient against one register, encoding and all: {said['alone'] * 1000:.0f} ms.")  # fmt: skip


if __name__ == "__main__":
    main()

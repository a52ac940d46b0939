"""The same seed and size make the same bytes, however they are made."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.city import City, Manifest
from federation.city.chance import Chance
from federation.errors import BadInput


def marks(manifest: Manifest) -> dict[str, str]:
    return {file.path: file.sha256 for file in manifest.files}


def test_a_city_is_the_same_bytes_whatever_the_block_size(tmp_path: Path) -> None:
    city = City(seed=5, persons=700, errors=3.0)
    whole = city.write(tmp_path / "whole")
    pieces = City(seed=5, persons=700, errors=3.0).write(tmp_path / "pieces", block=97)
    assert marks(whole) == marks(pieces)
    for name in ("truth.csv", "truth.parquet", "sites.toml", "manifest.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "pieces" / name).read_bytes(), name


def test_another_seed_makes_another_city(tmp_path: Path) -> None:
    one, other = (City(seed, 300).write(tmp_path / str(seed)) for seed in (1, 2))
    same = marks(one).items() & marks(other).items()
    assert {path.split("/")[-1] for path, _ in same} == {"Organization.0001.ndjson"}


def test_blocks_made_in_any_order_hold_the_same_lives() -> None:
    city = City(seed=5, persons=400)
    forwards = [city.lives(start, start + 100).visits for start in (0, 100, 200, 300)]
    backwards = [City(seed=5, persons=400).lives(start, start + 100).visits for start in (300, 200, 100, 0)]
    assert pl.concat(forwards).equals(pl.concat(reversed(backwards)))


def test_files_are_cut_at_the_same_records_whatever_the_block_size(tmp_path: Path) -> None:
    one = City(seed=5, persons=500).write(tmp_path / "one", per_file=150)
    other = City(seed=5, persons=500).write(tmp_path / "other", per_file=150, block=64)
    assert marks(one) == marks(other)
    assert max(file.records for file in one.files) == 150


def test_the_manifest_counts_what_lies_in_the_folder(clean: tuple[City, Path, Manifest]) -> None:
    _, folder, manifest = clean
    lying = {str(path.relative_to(folder)) for path in (folder / "exports").rglob("*") if path.is_file()}
    assert lying == {file.path for file in manifest.files}
    assert all((folder / file.path).stat().st_size == file.bytes for file in manifest.files)
    assert json.loads((folder / "manifest.json").read_text())["persons"] == 1_500
    assert not list(folder.rglob("*.part"))


def test_a_city_is_never_written_over_another(clean: tuple[City, Path, Manifest]) -> None:
    city, folder, _ = clean
    with pytest.raises(BadInput, match="Choose another folder"):
        city.write(folder)


@pytest.mark.parametrize("persons", [0, -1, 50_000_001])
def test_a_city_of_no_or_too_many_people_is_refused(persons: int) -> None:
    with pytest.raises(BadInput, match="Choose another size"):
        City(1, persons)


def test_progress_counts_persons_up_to_all(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    City(1, 250).write(tmp_path / "city", progress=lambda done, of: told.append((done, of)), block=100)
    assert told == [(100, 250), (200, 250), (250, 250)]


@given(seed=st.integers(0, 2**63), keys=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_a_draw_depends_on_its_own_key_only(seed: int, keys: list[int]) -> None:
    chance = Chance(seed)
    together = chance.even("x", np.array(keys, dtype=np.uint64))
    alone = [chance.even("x", np.array([key], dtype=np.uint64))[0] for key in keys]
    assert together.tolist() == alone
    assert all(0 <= value < 1 for value in alone)


def test_draws_are_spread_evenly_and_names_are_independent() -> None:
    keys = np.arange(200_000, dtype=np.uint64)
    one, other = Chance(3).even("one", keys), Chance(3).even("other", keys)
    tenths, _ = np.histogram(one, bins=10, range=(0, 1))
    assert np.abs(tenths / 20_000 - 1).max() < 0.03
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01
    bell = Chance(3).bell("bell", keys, 100.0, 15.0)
    assert abs(bell.mean() - 100) < 0.2
    assert abs(bell.std() - 15) < 0.2

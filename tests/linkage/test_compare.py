"""Which pairs are found alike: against every pair compared one by one."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.linkage import compare
from federation.linkage.compare import alike
from federation.linkage.shelf import Shelf

WIDTH = 32  # bytes


def shelf(blocks: list[int], seed: int) -> Shelf:
    drawn = np.random.default_rng(seed)
    base = np.random.default_rng(9).integers(0, 256, WIDTH, np.uint8)
    rows = [base ^ (drawn.integers(0, 256, WIDTH, np.uint8) & drawn.integers(0, 256, WIDTH, np.uint8)) for _ in blocks]
    frame = {
        "row": range(len(blocks)),
        "block": [bytes([n] * 16) for n in blocks],
        "bits": [row.tobytes() for row in rows],
    }
    return Shelf.of(pl.DataFrame(frame, schema={"row": pl.UInt32, "block": pl.Binary, "bits": pl.Binary}))


def one_by_one(left: Shelf, right: Shelf, floor: float) -> set[tuple[int, int, float]]:
    found = set()
    for key, row, bits in zip(left.keys, left.rows, left.bits, strict=True):
        for other, place, theirs in zip(right.keys, right.rows, right.bits, strict=True):
            likeness = 1 - 2 * int(np.unpackbits(bits ^ theirs).sum()) / (8 * WIDTH)
            if key == other and likeness >= floor:
                found.add((int(row), int(place), likeness))
    return found


@pytest.mark.parametrize("few", [0, 3, 1_024])
@given(
    st.lists(st.integers(0, 4), max_size=12),
    st.lists(st.integers(0, 4), max_size=12),
    st.sampled_from([-1.0, 0.5, 0.6]),
)
def test_alike_pairs_are_those_found_one_by_one_whether_counted_or_multiplied(few, left, right, floor):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "_FEW", few)
        one, other = shelf(left, 1), shelf(right, 2)
        found = alike(one, other, floor)
    assert len(found) == len(set(found.rows()))
    assert set(found.rows()) == one_by_one(one, other, floor)


def test_large_blocks_are_cut_and_nothing_between_the_cuts_is_lost(monkeypatch):
    one, other = shelf([1] * 60, 1), shelf([1] * 50, 2)
    whole = alike(one, other, 0.5)
    monkeypatch.setattr(compare, "_FEW", 0)
    monkeypatch.setattr(compare, "_ROWS", 7)
    assert set(alike(one, other, 0.5).rows()) == set(whole.rows())


def test_a_block_that_separates_nobody_is_left_out_and_told(monkeypatch):
    monkeypatch.setattr(compare, "CROWD", 100)
    monkeypatch.setattr(compare, "_FEW", 10)
    one, other = shelf([1] * 20 + [2] * 3, 1), shelf([1] * 20 + [2] * 4, 2)
    assert len(alike(one, other, -1)) == 12
    assert compare.crowded(one, other) == 1


def test_bits_of_unequal_length_are_refused():
    frame = pl.DataFrame(
        {"row": [0, 1], "block": [b"a" * 16] * 2, "bits": [b"a" * 32, b"a" * 31]}, schema_overrides={"row": pl.UInt32}
    )
    with pytest.raises(ValueError, match="not all of the same length"):
        Shelf.of(frame)

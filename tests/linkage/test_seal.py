"""Sealed cells: opened by who may, in their own place only; nothing of a value in an error."""

from collections.abc import Callable

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.broker.wrap import unwrapped, wrapped
from federation.errors import BadInput, Tampered
from federation.linkage.identity import IDENTITY
from federation.linkage.seal import FIELDS, SEALED, DataKey, opened, sealed

KEY = DataKey(bytes(range(32)))
PROFILES = pytest.mark.parametrize("profile", ["std", "gm"])


def people(*rows: tuple[str, str | None, str | None, str | None]) -> pl.DataFrame:
    named = [dict(zip(("record", *FIELDS), row, strict=True)) for row in rows]
    return pl.DataFrame([{"site": "A", **row} for row in named], schema=IDENTITY)


TWO = people(("1", "甲某", "15400000012", None), ("2", "乙某", "15400000012", "甲路1号"))


@PROFILES
def test_who_has_the_key_reads_what_was_sealed_and_nothing_is_in_clear(profile: str):
    rows = sealed(TWO, KEY, profile)
    assert rows.schema == SEALED
    assert opened(rows, KEY).rows() == TWO.select("site", "record", *FIELDS).rows()
    assert "甲某".encode() not in b"".join(rows["name"])


@settings(max_examples=30)
@given(st.lists(st.one_of(st.none(), st.text(max_size=70)), max_size=5), st.sampled_from(["std", "gm"]))
def test_opening_undoes_sealing(names: list[str | None], profile: str):
    rows = people(*((str(at), name, name, None) for at, name in enumerate(names)))
    assert opened(sealed(rows, KEY, profile), KEY)["name"].to_list() == names


def flipped(cell: bytes, at: int) -> bytes:
    return cell[:at] + bytes([cell[at] ^ 1]) + cell[at + 1 :]


@PROFILES
@pytest.mark.parametrize("change", [
    *(lambda cell, at=at: flipped(cell, at) for at in (0, 1, 12, 13, 30, -1)), lambda cell: cell[:-1], lambda cell: cell[:9],
    lambda cell: cell[:0], lambda cell: cell + b"\0", lambda cell: cell[:1] + "甲某".encode(),
])  # fmt: skip
def test_a_changed_cell_is_not_opened(profile: str, change: Callable[[bytes], bytes]):
    rows = sealed(TWO, KEY, profile)
    bad = pl.Series("name", [rows["name"][0], change(rows["name"][1])], dtype=pl.Binary)
    with pytest.raises(Tampered, match=r"`name`, row 2.*changed") as told:
        opened(rows.with_columns(bad), KEY)
    assert "某" not in str(told.value)
    assert told.value.__cause__ is None


@PROFILES
def test_a_cell_in_another_records_or_columns_place_is_not_opened(profile: str):
    rows = sealed(TWO, KEY, profile)
    for moved in (
        rows.with_columns(pl.col("name").reverse()),
        rows.with_columns(name="phone"),
        rows.with_columns(site=pl.lit("B")),
    ):
        with pytest.raises(Tampered, match="moved"):
            opened(moved, KEY)


@PROFILES
def test_another_key_opens_nothing(profile: str):
    with pytest.raises(Tampered, match="another key"):
        opened(sealed(TWO, KEY, profile), DataKey(bytes(range(1, 33))))


@PROFILES
def test_equal_values_of_two_persons_and_of_two_columns_look_unlike(profile: str):
    rows = sealed(people(("1", "甲", "甲", "甲"), ("2", "甲", "甲", "甲")), KEY, profile)
    cells = [cell for field in FIELDS for cell in rows[field]]
    assert len(set(cells)) == len({cell[1:13] for cell in cells}) == 6


def test_the_same_is_sealed_the_same_and_a_change_takes_another_nonce():
    assert sealed(TWO, KEY).equals(sealed(TWO, KEY))
    other = sealed(people(("1", "丙某", None, None)), KEY)
    assert other["name"][0][1:13] != sealed(TWO, KEY)["name"][0][1:13]


def test_names_of_two_and_of_nine_characters_are_equally_long():
    rows = sealed(people(("1", "甲乙", None, None), ("2", "甲" * 9, None, None)), KEY)
    assert rows["name"].bin.size().n_unique() == 1


def test_a_data_key_is_opened_by_its_recipient_for_its_site_only():
    mine, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    box = wrapped(KEY, "A", mine.public_key().public_bytes_raw())
    assert box != wrapped(KEY, "A", mine.public_key().public_bytes_raw())
    assert opened(sealed(TWO, KEY), unwrapped(box, "A", mine.private_bytes_raw()))["name"].to_list() == ["甲某", "乙某"]
    for text, site, secret in ((box, "A", other), (box, "B", mine), (flipped(box, 40), "A", mine), (b"", "A", mine)):
        with pytest.raises(Tampered, match="another recipient"):
            unwrapped(text, site, secret.private_bytes_raw())
    with pytest.raises(BadInput, match="32 bytes"):
        wrapped(KEY, "A", b"short")

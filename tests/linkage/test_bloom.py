"""What an encoding keeps of a record, and what it does not show."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import BadInput
from federation.linkage.bloom import ENCODINGS, encode
from federation.linkage.feature import features
from federation.linkage.harden import Fold
from federation.linkage.key import LinkageKey
from federation.linkage.spec import Spec, city_spec
from tests.linkage.made import SPEC, derive, everybody, slipped, spec

PEOPLE = everybody(400)


def bits(encodings: pl.DataFrame, salting: str = "year") -> np.ndarray:
    packed = b"".join(encodings.filter(pl.col("salting") == salting)["bits"].to_list())
    return np.unpackbits(np.frombuffer(packed, np.uint8).reshape(-1, 128), axis=1)


def likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return 1 - 2 * (one != other).mean(axis=1)


@pytest.mark.parametrize(("kind", "text", "cut"), [
    ("characters", "欧阳", ["欧", "阳"]), ("pairs", "ab", ["_a", "ab", "b_"]), ("pairs", "甲", ["_甲", "甲_"]),
    ("syllables", "ou yang", ["ou", "yang"]), ("places", "2001", ["02", "10", "20", "31"]), ("whole", "1", ["1"]),
])  # fmt: skip
def test_a_text_is_cut_as_its_kind_says(kind, text, cut):
    found = features(kind, pl.Series([None, "", text]))
    assert found.rows() == [(2, feature) for feature in cut]


def test_equal_records_have_equal_encodings_and_half_of_the_bits_are_set():
    first, again = encode(PEOPLE, spec(), derive), encode(PEOPLE, spec(), derive)
    assert first.equals(again)
    assert first.schema == ENCODINGS
    assert abs(bits(first).mean() - 0.5) < 0.02


def test_records_that_are_nearly_equal_stay_close_and_strangers_do_not():
    first, second = (bits(encode(people.with_columns(born=pl.lit("19500101")), spec(), derive))
                     for people in (PEOPLE, slipped(PEOPLE, 1.0).with_columns(pl.col("name"))))  # fmt: skip
    same, strangers = likeness(first, second), likeness(first, np.roll(second, 1, axis=0))
    assert np.quantile(same, 0.05) > np.quantile(strangers, 0.99)


@pytest.mark.parametrize("other", ["key", "salt"])
def test_under_another_key_or_salt_equal_records_look_like_strangers(other):
    first = bits(encode(PEOPLE, spec(), derive))
    if other == "key":
        second = bits(encode(PEOPLE, spec(), lambda purpose: derive(f"other {purpose}")))
    else:
        second = bits(encode(PEOPLE, spec(), derive), "day")
    assert abs(likeness(first, second).mean()) < 0.03


@given(st.lists(st.integers(0, 399), min_size=1, max_size=40, unique=True))
def test_a_record_is_encoded_the_same_whoever_is_encoded_beside_it(rows):
    whole = {tuple(cells) for cells in encode(PEOPLE, spec(), derive).rows()}
    some = {(rows[row], *cells) for row, *cells in encode(PEOPLE[rows], spec(), derive).rows()}
    assert len(some) == 3 * len(rows)
    assert some <= whole


def test_a_record_without_the_salt_is_not_encoded_under_it():
    people = PEOPLE.head(3).with_columns(born=pl.Series(["1950", None, "19500101"]), id=pl.lit(None, pl.String))
    made = encode(people, spec(), derive)
    assert made.select("salting", "row").rows() == [("year", 0), ("year", 2), ("day", 2)]


def test_records_with_nothing_in_their_fields_are_encoded_and_say_nothing():
    nobody = pl.DataFrame(
        {"name": [None], "born": ["19500101"], "street": [""], "id": ["7"]}, schema_overrides={"name": pl.String}
    )
    assert len(encode(nobody, spec(), derive)) == 3
    assert encode(nobody.clear(), spec(), derive).is_empty()


def test_folding_uses_every_bit_equally_often_and_keeps_likeness_as_its_power():
    fold = Fold.drawn(spec(), derive("fold"))
    assert all(sorted(order) == list(range(1024)) for order in fold.orders.tolist())
    drawn = np.random.default_rng(3)
    first = drawn.random((1024, 300)) < 0.5
    second = first ^ (drawn.random((1024, 300)) < 0.1)  # likeness 0.8
    folded = likeness(fold.of(first).T, fold.of(second).T)
    assert abs(folded.mean() - 0.8**3) < 0.01


def test_flipped_bits_are_as_many_as_said_and_the_same_every_time():
    plain, first, again = (bits(encode(PEOPLE, each, derive)) for each in (spec(), spec(flip=0.1), spec(flip=0.1)))
    assert abs((plain != first).mean() - 0.1) < 0.01
    assert (first == again).all()


def test_the_citys_key_in_another_version_makes_other_encodings():
    first, again, later = (
        encode(PEOPLE, spec(), LinkageKey(bytes(range(32)), version).derive) for version in (1, 1, 2)
    )
    assert first.equals(again)
    assert not set(first["block"]) & set(later["block"])


def test_no_key_shows_in_what_holds_one():
    secret = derive("fold")
    shown = repr(Fold.drawn(spec(), secret))
    assert not any(text in shown for text in (secret.hex(), repr(secret), "array"))


@pytest.mark.parametrize(("change", "said"), [
    (("length = 1024", "length = 1000"), "length"), (("bits = 300", "bits = 0"), "fields.0.bits"),
    (('name = "day"', 'name = "year"'), "named twice"), (("fold = 3", "fold = 9"), "hardening.fold"),
    (('features = "places"', 'features = "sounds"'), "fields.1.features"), (("[hardening]", "hardening"), "no TOML"),
])  # fmt: skip
def test_a_spec_that_cannot_be_is_refused_with_its_place(change, said):
    with pytest.raises(BadInput, match=said):
        Spec.told(SPEC.replace(*change), "mine.toml")


def test_the_spec_of_a_city_is_whole():
    assert city_spec().exact == ("phone", "id", "insurance")

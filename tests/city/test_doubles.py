"""Two registers of a made-up city hold the same people, with the errors that are stated and the truth about them."""

import polars as pl
import pytest

from federation.city.doubles import COMMUNITY, TERTIARY, Doubles, Register, doubles
from federation.city.doubles.called import FURTHER, GIVEN
from federation.city.doubles.characters import by_careless_ear, by_ear, by_eye, sound
from federation.city.doubles.lunar import lunar
from federation.city.names import SURNAMES
from federation.city.people import ID_WEIGHTS
from federation.errors import BadInput

SIZE = 12_000


@pytest.fixture(scope="module")
def two() -> Doubles:
    return doubles(seed=5, size=SIZE, again=0.02)


def slipped(register: Register) -> dict[str, int]:
    return dict(register.slips["slip"].value_counts().iter_rows())


def test_the_same_seed_gives_the_same_registers_and_another_seed_others():
    one, same, other = doubles(3, 300), doubles(3, 300), doubles(4, 300)
    assert one.tertiary.identity.equals(same.tertiary.identity)
    assert one.community.numbers.equals(same.community.numbers)
    assert not one.tertiary.identity.equals(other.tertiary.identity)


def test_as_many_people_are_in_both_as_was_asked_for():
    two = doubles(3, 500, overlap=0.4)
    assert two.pairs().height == 200
    assert (two.tertiary.identity.height, two.community.identity.height) == (500, 500)
    assert doubles(3, 50, overlap=0).pairs().height == 0


def test_each_record_has_one_truth_and_its_place_does_not_tell(two: Doubles):
    for register in (two.tertiary, two.community):
        assert register.truth["record"].to_list() == register.identity["record"].to_list()
        assert register.truth["record"].is_unique().all()
    ranks = two.pairs().select(pl.col("left", "right").str.slice(1).cast(pl.Int64))
    assert abs(ranks.select(pl.corr("left", "right")).item()) < 0.05


def test_some_people_are_twice_in_one_register(two: Doubles):
    twice = two.tertiary.truth.group_by("person").len().filter(pl.col("len") == 2)
    assert 0.015 < twice.height / SIZE < 0.025


@pytest.mark.parametrize(
    ("slip", "rate"),
    [
        ("id: missing", "id_missing"), ("id: placeholder", "id_placeholder"), ("name: by ear", "name_by_ear"),
        ("name: anyhow", "name_anyhow"), ("name: blanks", "name_blanks"), ("born: a year off", "born_year_off"),
        ("phone: changed", "phone_changed"), ("phone: missing", "phone_missing"), ("address: moved", "address_moved"),
        ("sex: wrong", "sex_wrong"),
    ],
)  # fmt: skip
def test_slips_are_as_frequent_as_stated(two: Doubles, slip: str, rate: str):
    for register, rates in ((two.tertiary, TERTIARY), (two.community, COMMUNITY)):
        height, stated = register.identity.height, getattr(rates, rate)
        assert abs(slipped(register)[slip] - stated * height) < 5 * (stated * height) ** 0.5 + 0.15 * stated * height


def test_errors_can_be_made_more_frequent_and_gaps_stay():
    twice = COMMUNITY.times(2)
    assert (twice.name_by_ear, twice.born_lunar, twice.id_missing) == (0.06, 0.06, 0.5)
    assert COMMUNITY.times(100).phone_changed == 0.5


def test_every_kind_of_slip_happens(two: Doubles):
    kinds = slipped(two.community).keys()
    assert len(kinds) == 42, sorted(kinds)


def test_what_is_not_noted_is_written_as_it_is(two: Doubles):
    slips = pl.concat([two.tertiary.slips, two.community.slips])
    for column, about in (("name", "name: "), ("birth_date", "born: "), ("sex", "sex: ")):
        wrong = slips.filter(pl.col("slip").str.starts_with(about))["record"].implode()
        said = [
            one.identity.filter(~pl.col("record").is_in(wrong)).select("record", column).join(one.truth, on="record")
            for one in (two.tertiary, two.community)
        ]
        assert pl.concat(said).group_by("person").agg(pl.col(column).n_unique())[column].max() == 1


def test_ids_without_a_slip_are_valid_and_held_by_one_person(two: Doubles):
    wrong = two.tertiary.slips.filter(pl.col("slip").str.starts_with("id: "))["record"].implode()
    right = two.tertiary.numbers.filter(~pl.col("record").is_in(wrong)).join(two.tertiary.truth, on="record")
    for number in right["value"]:
        total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, number, strict=False))
        assert "10X98765432"[total % 11] == number[17]
    assert right.group_by("value").agg(pl.col("person").n_unique())["person"].max() == 1


def test_a_hundred_surnames_carry_most_people_and_many_share_a_whole_name(two: Doubles):
    names = two.tertiary.identity["name"]
    common = names.str.slice(0, 1).is_in(list(SURNAMES[:100]))
    assert 0.80 < common.mean() < 0.88
    counts = names.value_counts()["count"]
    assert counts.max() > 5
    assert counts.filter(counts > 1).sum() / len(names) > 0.12


def test_some_who_share_name_sex_and_birth_date_are_two_people(two: Doubles):
    same = two.tertiary.identity.join(two.tertiary.truth, on="record").group_by("name", "sex", "birth_date")
    assert same.agg(pl.col("person").n_unique()).filter(pl.col("person") > 1).height > 5


def test_newborns_are_called_after_their_mother_at_the_hospital(two: Doubles):
    called = two.tertiary.identity.filter(pl.col("name").str.contains("之"))
    assert called.height == slipped(two.tertiary)["name: of the mother"] > 30
    assert called["birth_date"].drop_nulls().dt.year().is_in([2025, 2026]).mean() > 0.9


def test_the_clinic_has_half_the_ids(two: Doubles):
    assert 0.45 < two.community.numbers.height / two.community.identity.height < 0.52


def test_insurance_numbers_are_the_same_in_both_registers_where_asked_for():
    from dataclasses import replace

    two = doubles(3, 400, rates=(replace(TERTIARY, insurance=1.0), replace(COMMUNITY, insurance=1.0)))
    left, right = (
        one.numbers.filter(kind="insurance").join(one.truth, on="record").select("person", "value")
        for one in (two.tertiary, two.community)
    )
    both = left.join(right, on="person")
    assert both.height == 240
    assert (both["value"] == both["value_right"]).all()
    assert left["value"].is_unique().all()


def test_characters_go_by_sound_and_by_shape():
    assert sound(by_ear("伟", 3)) == "wei"
    assert by_ear("伟", 3) != "伟"
    assert {sound(by_careless_ear("林", n)) for n in range(9)} == {"nin", "ling"}
    assert by_eye("杨", 0) in "扬汤"
    assert by_eye("𬭚", 0) == "𬭚"


def test_the_lists_of_characters_hold_none_twice_where_it_would_count():
    assert not set(FURTHER) & set(SURNAMES[:100])
    assert all(len(letters) >= 55 for letters, _ in GIVEN.values())


@pytest.mark.parametrize(
    ("solar", "told"),
    [
        ("2000-02-05", (2000, 1, 1)),
        ("1990-01-27", (1990, 1, 1)),
        ("1964-09-20", (1964, 8, 15)),
        ("2024-02-09", (2023, 12, 30)),
    ],
)
def test_lunar_days_are_near_those_of_the_calendar(solar: str, told: tuple[int, int, int]):
    import numpy as np

    year, month, day = (int(part[0]) for part in lunar(np.array([np.datetime64(solar).astype(int)])))
    assert abs((year * 360 + month * 30 + day) - (told[0] * 360 + told[1] * 30 + told[2])) <= 1


@pytest.mark.parametrize(("size", "overlap"), [(0, 0.5), (-3, 0.5), (10**9, 0.5), (10, 1.5)])
def test_a_size_that_cannot_be_is_refused(size: int, overlap: float):
    with pytest.raises(BadInput, match="Choose other numbers"):
        doubles(1, size, overlap)

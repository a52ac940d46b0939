"""Who lives in the made-up city, and what happens to them, holds together."""

from pathlib import Path

import polars as pl
import pytest

from federation.city import SITES, City, Manifest
from federation.city.illnesses import ILLNESSES
from federation.city.people import ID_WEIGHTS
from federation.city.sites import DIVISIONS

PERSONS = 8_000


@pytest.fixture(scope="module")
def city() -> City:
    return City(seed=3, persons=PERSONS)


@pytest.fixture(scope="module")
def people(city: City) -> pl.DataFrame:
    return city.people.block(0, PERSONS)


def check_letter(number: str) -> str:
    return "10X98765432"[sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, number, strict=False)) % 11]


def test_every_id_number_is_valid_and_agrees_with_its_person(people: pl.DataFrame) -> None:
    for number, born, sex, division in people.select("id_number", "born", "sex", "household_code").iter_rows():
        assert check_letter(number) == number[17]
        assert number[6:14] == born.strftime("%Y%m%d")
        assert int(number[16]) % 2 == sex % 2
        assert number[:6] == division


def test_no_two_people_share_an_id_number(people: pl.DataFrame) -> None:
    assert people["id_number"].n_unique() == PERSONS


def test_ids_begin_with_divisions_that_ended_before_ids_were_issued() -> None:
    listed = pl.read_csv(Path(__file__).parents[2] / "schemas/codes/division.csv", infer_schema=False)
    until = dict(listed.select("code", "until").iter_rows())
    assert all(until[code] < "198400" for code in DIVISIONS)


def test_names_hold_rare_characters_and_middle_dots(people: pl.DataFrame) -> None:
    dotted = people.filter(pl.col("name").str.contains("·", literal=True))
    assert 0.001 < dotted.height / PERSONS < 0.05
    assert set(dotted["ethnicity"]) == {"05"}

    def outside_gbk(name: str) -> bool:
        return name.encode("gbk", "replace") != name.encode("gb18030")

    assert any(outside_gbk(name) for name in people["name"])


def test_about_half_the_people_are_seen_at_two_sites_or_more(people: pl.DataFrame) -> None:
    both = people.filter((pl.col("hospital") >= 0) & (pl.col("clinic") >= 0)).height
    none = people.filter((pl.col("hospital") < 0) & (pl.col("clinic") < 0)).height
    assert 0.42 < both / PERSONS < 0.58
    assert none == 0


def test_nobody_is_treated_before_birth_or_after_death(city: City) -> None:
    lives = city.lives(0, PERSONS)
    for rows in (lives.stays, lives.visits, lives.followups):
        assert rows.filter(pl.col("came").dt.date() < pl.col("born")).height == 0
    ends = lives.stays.filter("died").select("person", end=pl.col("left").dt.date())
    assert ends.height > 5
    later = pl.concat([rows.select("person", "came") for rows in (lives.stays, lives.visits, lives.followups)])
    assert later.join(ends, on="person").filter(pl.col("came").dt.date() > pl.col("end")).height == 0


def test_illnesses_fit_the_sex_and_age(city: City) -> None:
    for rows in (city.lives(0, PERSONS).stays, city.lives(0, PERSONS).visits):
        for sex, ill, came, born in rows.select("sex", "ill", "came", "born").iter_rows():
            illness = ILLNESSES[ill]
            age = (came.date() - born).days / 365
            assert illness.sex in (0, sex)
            assert illness.low - 1 <= age <= illness.high + 1 or age > 99


def test_pneumonia_comes_in_winter(city: City) -> None:
    pneumonia = next(place for place, ill in enumerate(ILLNESSES) if ill.code == "J18.900")
    months = city.lives(0, PERSONS).stays.filter(pl.col("ill") == pneumonia)["came"].dt.month()
    # Both winters and both springs lie in the 18 months, one summer and one autumn.
    assert months.is_in([1, 2]).sum() > 2 * months.is_in([7, 8]).sum()


def test_whoever_left_hospital_sees_the_clinic_within_a_month(city: City) -> None:
    lives = city.lives(0, PERSONS)
    last = lives.stays.filter(~pl.col("died")).group_by("person").agg(pl.col("left").max())
    first = lives.visits.filter((pl.col("turn") == 0) & (pl.col("place") > 3)).select("person", "came")
    days = first.join(last, on="person").select((pl.col("came") - pl.col("left")).dt.total_days()).to_series()
    assert days.len() > 1_000
    assert (days.is_between(1, 29)).mean() > 0.95


def test_ten_sites_of_three_tiers_have_valid_credit_codes() -> None:
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    assert [site.tier for site in SITES] == ["tertiary"] * 2 + ["secondary"] * 2 + ["primary"] * 6
    for site in SITES:
        weighed = sum(letters.index(letter) * pow(3, place, 31) for place, letter in enumerate(site.uscc[:17]))
        assert (weighed + letters.index(site.uscc[17])) % 31 == 0
        assert site.uscc[2:8] == site.region


def test_a_person_has_six_to_eight_records(clean: tuple[City, Path, Manifest]) -> None:
    city, _, manifest = clean
    assert 6 <= manifest.records / city.persons <= 8


def test_no_file_is_named_after_a_person(clean: tuple[City, Path, Manifest]) -> None:
    city, _, manifest = clean
    names = set(city.people.block(0, city.persons)["name"])
    assert not any(name in file.path for file in manifest.files for name in names)

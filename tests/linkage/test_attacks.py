"""Who has the encodings but no key reads hardly a name out of them; of encodings that are not hardened, many."""

import polars as pl
import pytest

from federation.city.doubles import doubles
from federation.linkage.spec import city_spec
from tests.evidence import linkage_attacks as attacks

SIZE = 6_000


@pytest.fixture(scope="module")
def registers() -> tuple[pl.DataFrame, attacks.Names]:
    two = doubles(attacks.SEED, SIZE)
    return attacks.register(two.tertiary), attacks.name_of(attacks.register(two.community))


@pytest.mark.slow
def test_names_encoded_by_themselves_are_read_by_frequency(registers: tuple[pl.DataFrame, attacks.Names]):
    rows, census = registers
    surnames, whole = attacks.by_field(rows, attacks.variants(city_spec())[attacks.PLAIN][0], census)
    assert surnames > 0.2
    assert whole > 0.005


@pytest.mark.slow
def test_what_is_not_hardened_is_read_and_what_ships_is_not(registers: tuple[pl.DataFrame, attacks.Names]):
    rows, census = registers
    read = {
        name: attacks.attacked(rows, spec, salting, census)
        for name, (spec, salting) in attacks.variants(city_spec()).items()
        if name in {attacks.NAMED, attacks.PLAIN, attacks.SHIPPED}
    }
    _, mined, known = read[attacks.NAMED]
    assert mined[0] > 0.1
    assert known[1] > 0.02
    assert read[attacks.PLAIN][2][1] > 0.02
    assert (read[attacks.SHIPPED][:, 1] < 0.01).all()


@pytest.mark.slow
def test_hardening_alone_keeps_names_from_who_knows_five_hundred_people(registers: tuple[pl.DataFrame, attacks.Names]):
    rows, census = registers
    spec, salting = attacks.variants(city_spec())[attacks.HARDENED]
    assert (attacks.attacked(rows, spec, salting, census)[:, 1] < 0.01).all()

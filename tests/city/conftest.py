"""Small cities, written once a session."""

from pathlib import Path

import pytest

from federation.city import City, Manifest

Written = tuple[City, Path, Manifest]


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A city without any injected error."""
    folder = tmp_path_factory.mktemp("clean-city")
    city = City(seed=11, persons=1_500, errors=0.0)
    return city, folder, city.write(folder)


@pytest.fixture(scope="session")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A city with so many errors that every class occurs."""
    folder = tmp_path_factory.mktemp("spoilt-city")
    city = City(seed=11, persons=6_000, errors=100.0)
    return city, folder, city.write(folder, per_file=5_000)

"""A listener of its own for each test that names one, forked by one process for the whole module."""

import pytest

from tests.federation.listening import (
    Driver,
    listening,
)


@pytest.fixture(scope="module")
def driver():
    """The process that forks listeners."""
    made = Driver()
    yield made
    made.close()


@pytest.fixture
def listener(driver, tmp_path):
    """A running listener in a home of its own."""
    with listening(driver, tmp_path, limits={"quiet": 1.0, "stall": 2.0, "largest": 100_000}) as running:
        yield running

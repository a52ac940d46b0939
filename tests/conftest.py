"""What tests share: where the real samples are, and how many examples Hypothesis tries."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.started import mariadb, postgres  # noqa: F401 - fixtures for whoever names them

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "short", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("long", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real samples that nobody here wrote."""
    folder = Path(os.environ.get("GUANTONG_SAMPLES", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"The real samples are not at {folder}; set GUANTONG_SAMPLES.")
    return folder

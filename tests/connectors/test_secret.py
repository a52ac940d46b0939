"""Secrets come from the environment or from a file of one's own; no message shows one."""

import pytest

from connectors.errors import BadMapping
from connectors.secret import secret

CANARY = "canary-4711"


def test_a_secret_comes_from_the_environment_or_from_a_file_of_ones_own(tmp_path):
    file = tmp_path / "url"
    file.write_text(f"{CANARY}\n")
    file.chmod(0o600)
    assert secret("his.toml", "HIS_URL", "", {"HIS_URL": CANARY}) == CANARY
    assert secret("his.toml", "", str(file)) == CANARY


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o700, 0o660])
def test_a_file_that_others_read_is_refused(tmp_path, mode):
    file = tmp_path / "url"
    file.write_text(CANARY)
    file.chmod(mode)
    with pytest.raises(BadMapping, match="chmod 600") as refused:
        secret("his.toml", "", str(file))
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(("env", "file"), [("", ""), ("HIS_URL", "url"), ("HIS_URL", ""), ("", "nowhere")])
def test_a_secret_that_is_not_there_is_said(env, file):
    with pytest.raises(BadMapping):
        secret("his.toml", env, file, {})

"""The command line's manners: help is quick, every verb answers, every known error is one sentence."""

import json
import subprocess
import sys
from pathlib import Path
from pkgutil import iter_modules

import pytest

from federation.cli.verbs import VERBS

GUANTONG = Path(sys.executable).with_name("guantong")
VERB_NAMES = [verb for verb, *_ in VERBS]


def run(*args, **kwargs):
    return subprocess.run([GUANTONG, *args], capture_output=True, text=True, check=False, timeout=120, **kwargs)


LOADED = """
import sys
from federation.cli.main import main
main(["--help"])
print(sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_the_overview_imports_nothing_heavy():
    said = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    loaded = set(said.splitlines()[-1].strip("[]").replace("'", "").split(", "))
    assert "federation" in loaded
    assert not {"polars", "pyarrow", "duckdb", "typer", "rich"} & loaded


@pytest.mark.parametrize("verb", VERB_NAMES)
def test_every_verb_has_help(verb):
    done = run(verb, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: guantong" in done.stdout


def test_every_verb_has_a_module_and_every_module_is_a_verb():
    folder = Path(__file__).parents[2] / "federation" / "cli"
    modules = {module.name for module in iter_modules([str(folder)])} - {
        "bar",
        "clock",
        "main",
        "output",
        "verbs",
        "visible",
    }
    assert modules == set(VERB_NAMES)


def test_a_wrong_verb_is_a_usage_error_with_a_suggestion():
    done = run("inges")
    assert (done.returncode, done.stdout) == (2, "")
    assert "`ingest`" in done.stderr


def test_doctor_answers_with_one_json_document(tmp_path):
    done = run("doctor", "--json", "--home", str(tmp_path))
    assert json.loads(done.stdout)["healthy"] is True


def test_doctor_says_what_to_mend_when_the_disk_is_small(tmp_path):
    done = run("doctor", "--home", str(tmp_path), "--free", "1000000")
    assert done.returncode == 1
    assert "Free at least" in done.stdout


def test_a_terminal_without_chinese_gets_escapes_and_no_traceback():
    done = run("--help", env={"PYTHONIOENCODING": "ascii", "PATH": ""})
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u8d2f\\u901a" in done.stdout

"""The code about itself: what STYLE asks of every file, held by tests."""

import ast
import importlib
import inspect
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "connectors", "federation")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_module_opens_with_what_it_is(path):
    text = ast.get_docstring(ast.parse(path.read_text()))
    assert text, f"{named(path)} says nothing about itself"
    assert text.rstrip().endswith((".", "?", "`", "”")) or "\n" in text


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_file_holds_two_nouns(path):
    assert len(path.read_text().splitlines()) <= 400, f"{named(path)}: look for the second noun in it"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_public_class_and_function_says_what_a_caller_must_know(path):
    module = ast.parse(path.read_text())
    silent = [
        node.name
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent, f"{named(path)}: {', '.join(silent)}"


def test_no_file_is_called_after_nothing():
    assert not [named(path) for path in FILES if re.search(r"util|helper|manager|common|misc", path.stem)]


def test_nothing_is_left_unfinished():
    marks = re.compile(r"TODO|FIXME|XXX|NotImplementedError|pytest\.mark\.(skip|xfail)\b")
    sources = [path for path in [*FILES, *(ROOT / "tests").rglob("*.py")] if path != Path(__file__)]
    assert not [named(path) for path in sources if marks.search(path.read_text())]


@pytest.mark.parametrize("room", ["schemas", "connectors", "federation"])
def test_the_tree_of_errors_is_drawn_as_it_is(room):
    module = importlib.import_module(f"{room}.errors")
    drawn = set(re.findall(r"^ {4}[│├└─ ]*([A-Z][A-Za-z]+) {2,}", module.__doc__.split("\n", 1)[1], re.MULTILINE))
    there = {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, Exception) and value.__module__ == module.__name__
    }
    assert drawn == there


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_error_message_shows_a_value(path):
    shown = re.compile(r"raise \w+\([^)]*\{(value|cell|text|raw|row)(!r)?\}")
    assert not shown.search(path.read_text())


def test_tracked_files_name_no_machine_and_no_registry():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    here = [f"{ROOT}/", f"{Path.home()}/", "pythonhosted.", "pypi.org", "deb.debian.org"]
    machine = re.compile("|".join(map(re.escape, here)).encode())
    found = [
        name
        for name in tracked
        if (ROOT / name).is_file() and name != named(Path(__file__)) and machine.search((ROOT / name).read_bytes())
    ]
    assert not found


def test_the_pinned_packages_carry_hashes_and_no_address():
    text = (ROOT / "constraints.txt").read_text()
    assert "://" not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text.strip()))

"""Rooms import downwards only; the pure ones touch no file, socket, clock or randomness."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = [
    path for room in ("quality", "consent", "privacy", "linkage") for path in (ROOT / "federation" / room).rglob("*.py")
]
EFFECTS = {
    "os",
    "socket",
    "time",
    "random",
    "secrets",
    "sqlite3",
    "sqlalchemy",
    "httpx",
    "subprocess",
    "shutil",
    "tempfile",
    "deltalake",
}


def test_rooms_import_downwards_only():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pure_rooms_have_no_effects(path):
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {
        (node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    assert not imported & EFFECTS


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pure_rooms_do_not_ask_for_the_time(path):
    asked = [
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow", "urandom"}
    ]
    assert not asked

"""Every kind, found by walking: whatever the bytes are, it reads what is good, says what is not, and shows no value."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kinds import kinds
from tests.fuzz.beside import beside
from tests.fuzz.broken import cut, mutated
from tests.fuzz.files import good_files
from tests.fuzz.good import Good
from tests.fuzz.reading import read

ROOT = Path(__file__).parents[2]
KINDS = sorted(kinds())
GOOD = good_files()
FILES = [(kind, good) for kind in KINDS for good in GOOD.get(kind, ())]
FEW = settings(max_examples=settings.default.max_examples // 5)
ASKED = {"sql", "fhir_server"}  # their files hold no record


def named(value: object) -> str:
    return value.name if isinstance(value, Good) else str(value)


def test_every_kind_has_good_files():
    assert set(KINDS) <= set(GOOD)


@pytest.mark.parametrize(("kind", "good"), FILES, ids=named)
def test_good_files_are_read(kind, good, tmp_path):
    came = read(kind, good, good.content, tmp_path)
    if kind in ASKED:
        assert (came.refused, came.read) == ("UnknownFormat", 0)
    else:
        assert (came.refused, came.rejected) == ("", 0)
        assert came.accepted > 0


@pytest.mark.parametrize(("kind", "good"), FILES, ids=named)
def test_a_file_cut_off_anywhere_is_told(kind, good, tmp_path):
    for content in cut(good.content):
        read(kind, good, content, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"{", b"<", b"\n", b"\xef\xbb\xbf", b"PK", b"M", b"\x1f\x8b", b"\xff\xfe"]
)
def test_next_to_nothing_is_told(kind, content, tmp_path):
    for good in GOOD[kind]:
        assert read(kind, good, content, tmp_path).accepted == 0


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_other_kinds_are_told(kind, tmp_path):
    for other, good in FILES:
        if other != kind:
            read(kind, Good(good.name, b"", GOOD[kind][0].mapping), good.content, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(content=st.binary(max_size=300))
def test_any_bytes_are_told(kind, content):
    with TemporaryDirectory() as folder:
        read(kind, GOOD[kind][0], content, Path(folder))


@pytest.mark.parametrize(("kind", "good"), FILES, ids=named)
@FEW
@given(data=st.data())
def test_a_good_file_after_accidents_is_read_as_far_as_it_goes(kind, good, data):
    with TemporaryDirectory() as folder:
        read(kind, good, data.draw(mutated(good.content)), Path(folder))


@pytest.mark.parametrize("name", sorted(beside()))
@FEW
@given(data=st.data())
def test_what_is_no_file_is_parsed_the_same_way(name, data):
    some, take = beside()[name]
    take(data.draw(st.binary(max_size=200) | mutated(some[0])))


def test_huge_claims_take_neither_memory_nor_time():
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.claims"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert {kind for kind, tried in json.loads(ran.stdout).items() if tried > 10} == set(KINDS)

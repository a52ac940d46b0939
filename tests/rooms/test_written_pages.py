"""The pages written by hand stay true: words, places and tests they name are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# DESIGN's nouns: the words of the house's sentences.
WORDS = [
    "Site",
    "Source",
    "Connector",
    "Profile",
    "Mapping",
    "Table",
    "Column",
    "CodeSystem",
    "CodeMap",
    "Batch",
    "Rejected",
    "Check",
    "Finding",
    "Scorecard",
    "Certificate",
    "Mandate",
    "Contract",
    "Consent",
    "Request",
    "Decision",
    "Release",
    "Receipt",
    "Ledger",
    "Credit",
    "Node",
    "Broker",
    "Centre",
]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("word", WORDS)
def test_the_glossary_says_every_word_in_both_languages(word: str):
    rows = [row for row in page("GLOSSARY.md").splitlines() if re.match(rf"\|[^|]*\b{word}\b", row)]
    assert rows, f"{word} is not in GLOSSARY.md"
    assert re.search(r"[\u4e00-\u9fff]", rows[0].split("|")[2])


def test_every_place_that_contributing_names_is_there():
    place = r"`((?:schemas|connectors|federation|docs|changes|\.ci)/[^`*<>]*)`"
    named = set(re.findall(place, page("CONTRIBUTING.md")))
    assert len(named) > 10
    assert not [place for place in sorted(named) if not (ROOT / place).exists()]


def test_every_test_that_threats_names_is_there():
    named = re.findall(r"`([a-z_]+\.py)::(\w+)`", page("THREATS.md"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 10
    assert not [f"{file}::{test}" for file, test in named if f"\ndef {test}(" not in texts.get(file, "")]


@pytest.mark.parametrize("path", sorted((ROOT / "changes").glob("*.md")), ids=lambda path: path.name)
def test_a_change_says_its_kind_in_its_name(path: Path):
    kinds = r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md"
    assert path.name == "README.md" or re.fullmatch(kinds, path.name)

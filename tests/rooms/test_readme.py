"""The README does what it says: its contract can be signed, its verbs exist, its links lead somewhere."""

import re
from pathlib import Path

import pytest

from federation.cli.verbs import VERBS
from federation.consent.contract import parse
from federation.consent.request import CENTRE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_its_contract_can_be_signed_as_it_stands():
    [text] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    contract = parse(text, "README.md")
    assert contract.recipients == [CENTRE]


def test_every_command_it_shows_begins_with_a_verb_there_is():
    shown = set(re.findall(r"guantong ([a-z]+) ", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))))
    assert shown
    assert shown <= {verb for verb, *_ in VERBS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_page(page):
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")) if "://" not in link]
    assert not [link for link in links if not (page.parent / link).exists()]

"""docs/checks.md lists the checks as they are."""

from federation.quality.reference import document


def test_the_list_of_checks_is_current(root):
    written = (root / "docs" / "checks.md").read_text(encoding="utf-8")
    assert written == document() + "\n", "Run: python -m federation.quality.reference > docs/checks.md"

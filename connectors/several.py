"""Some of many names in a sentence: `a, b and 7 more`. Whoever says them sees to it that they are no values."""

from collections.abc import Sequence


def several(names: Sequence[str], most: int, between: str = ", ") -> str:
    """The first `most` names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{between.join(names[:most])}{more}"

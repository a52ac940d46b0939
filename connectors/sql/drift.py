"""Whether a view still has the columns it had when it was read last, told as a difference. Reads nothing itself."""

from collections.abc import Sequence
from hashlib import sha256

from connectors.errors import Unreadable
from connectors.several import several

SHOWN = 8
Columns = Sequence[tuple[str, str]]


def fingerprint(columns: Columns) -> str:
    """Eight hexadecimal digits that stand for names and types, whatever their order."""
    return sha256("\n".join(f"{name}\t{of}" for name, of in sorted(columns)).encode()).hexdigest()[:8]


def difference(before: Columns, now: Columns) -> list[str]:
    """`+ new`, `- gone`, `~ changed: was, is`, in words."""
    old, new = dict(before), dict(now)
    lines = [f"- {name} ({of})" for name, of in before if name not in new]
    lines += [f"+ {name} ({of})" for name, of in now if name not in old]
    return lines + [f"~ {name}: was {old[name]}, is {of}" for name, of in now if name in old and old[name] != of]


def must_be_the_same(where: str, before: Columns, now: Columns, accept: str, *, follow: bool) -> list[str]:
    """What whoever runs it should know. Raises Unreadable where the view changed and nobody accepted it."""
    changed = difference(before, now) if before else []
    if not changed:
        return []
    shown = several(changed, SHOWN, "; ")
    if follow or accept == fingerprint(now):
        return [f"{where}: the view's columns changed: {shown}."]
    raise Unreadable(
        f"{where}: the view's columns changed since it was read last: {shown}. Nothing was read of it. Look at its "
        f'mapping; then write accept = "{fingerprint(now)}" into this table\'s part of the description.',
        "columns-changed",
    )

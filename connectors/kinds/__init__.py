"""Kinds of source, one module each, found by walking this folder; each module defines `CONNECTOR`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from connectors.connector import Connector
from connectors.errors import NoSuchKind


@cache
def kinds() -> dict[str, Connector]:
    """Every connector by its kind, in alphabetical order."""
    found = [import_module(f"{__name__}.{name}").CONNECTOR for name in sorted(e.name for e in iter_modules(__path__))]
    return {connector.kind: connector for connector in found}


def kind(name: str) -> Connector:
    """The connector of one kind; raises NoSuchKind, which lists the kinds there are."""
    if name not in kinds():
        raise NoSuchKind(f"There is no kind `{name}`. There are: {', '.join(kinds())}.")
    return kinds()[name]

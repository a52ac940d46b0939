"""The databases that can be asked, one module each, found by walking this folder; each module defines `DIALECT`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from connectors.sql.dialect import Dialect


@cache
def dialects() -> dict[str, Dialect]:
    """Every dialect by each of its URL schemes."""
    names = sorted(each.name for each in iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}").DIALECT for name in names]
    return {scheme: dialect for dialect in found for scheme in dialect.schemes}

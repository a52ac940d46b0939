"""The shared tables, one file each, found by walking this folder."""

from importlib import import_module
from pkgutil import iter_modules

from schemas.errors import NoSuchTable
from schemas.table import Table, snake


def _found() -> dict[str, type[Table]]:
    for module in sorted(entry.name for entry in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return {
        table.name: table
        for table in sorted(Table.__subclasses__(), key=lambda table: table.name)
        if table.__module__ == f"{__name__}.{snake(table.__name__)}"
    }


TABLES: dict[str, type[Table]] = _found()


def table(name: str) -> type[Table]:
    """The shared table called `name`; raises NoSuchTable, which lists the names there are."""
    if name not in TABLES:
        raise NoSuchTable(f"There is no shared table `{name}`. There are: {', '.join(TABLES)}.")
    return TABLES[name]

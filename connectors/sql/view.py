"""One view made ready to be asked: its columns as they are now, its mapping, its order. Reads no row."""

from dataclasses import dataclass, replace
from pathlib import Path

from connectors.errors import BadMapping
from connectors.landing.mapping import NAME, refused
from connectors.mapping import Mapping, load, nearest
from connectors.profiles import profiles
from connectors.recased import recased
from connectors.sql.description import Description, TableOf
from connectors.sql.dialect import Connection, Dialect, Seen
from connectors.sql.drift import must_be_the_same
from connectors.sql.position import Position
from connectors.sql.question import Question
from connectors.sql.readonly import only_reads


@dataclass(frozen=True)
class View:
    """`question` is not yet bounded; `position` is where it was read up to. `notes` are sentences for people."""

    table: TableOf
    question: Question
    position: Position
    mapping: Path | None
    notes: tuple[str, ...]


def view(
    dialect: Dialect, connection: Connection, description: Description, table: TableOf, before: Position, folder: Path
) -> View:
    """Looks at the view's columns. Raises BadMapping, or Unreadable where they changed and nobody accepted it."""
    where = f"{description.name}, table `{table.name}`"
    source = source_of(dialect, table, where)
    try:
        there, _ = dialect.rows(connection, f"SELECT * FROM {source} WHERE 1 = 0")
    except BadMapping as error:
        raise BadMapping(
            where, str(error).removeprefix("the database: ").split(". Nothing")[0], "See its name"
        ) from None
    _distinct(where, there)
    known = {each.name: each for each in there}
    file, mapping = _mapping(table, folder)
    if mapping is not None:
        mapping = recased(mapping, known)
    elif why := refused(list(known)):
        raise BadMapping(where, why, "Or give it a `mapping`.")
    key = (
        table.key
        if table.key is not None
        else [each for each in (mapping.about.key if mapping else []) if each in known]
    )
    chosen, left = _chosen(dialect, where, table, there, key)
    if mapping is not None:
        _has_what_it_needs(where, mapping, chosen)
    columns = tuple((each.name, each.of) for each in there)
    of_interest = {each.name for each in chosen} if table.columns else {name for name, _ in [*before.columns, *columns]}
    was, now = ([each for each in some if each[0] in of_interest] for some in (before.columns, columns))
    notes = must_be_the_same(where, was, now, table.accept, follow=description.drift == "follow")
    if left:
        notes.append(f"{where}: {', '.join(left)} hold bytes, not text, and were left out; name them in `columns`.")
    mark = known[table.watermark.column] if table.watermark else None
    question = Question(
        dialect, source, tuple(chosen), mark, table.watermark.type if table.watermark else "",
        tuple(known[name] for name in key), _raw(table, chosen, dialect),
    )  # fmt: skip
    return View(table, question, replace(before, columns=columns), file, tuple(notes))


def source_of(dialect: Dialect, table: TableOf, where: str) -> str:
    """The view's name, or the query in parentheses. Raises BadMapping where the query does not only read."""
    if table.query is not None:
        return dialect.derived(only_reads(where, table.query, dialect.grammar, table.functions))
    names = [table.schema_, table.view] if table.schema_ else [table.view]
    return ".".join(dialect.quoted(name) for name in names if name)


def _mapping(table: TableOf, folder: Path) -> tuple[Path | None, Mapping | None]:
    if table.profile is not None and table.profile != NAME:
        if table.profile not in profiles():
            raise BadMapping(
                f"table `{table.name}`", f"there is no profile `{table.profile}`", "See `guantong connectors`."
            )
        return None, profiles()[table.profile]
    if table.mapping is None:
        return None, None
    file = folder / table.mapping
    return file, load(file)


def _distinct(where: str, there: list[Seen]) -> None:
    names = [each.name for each in there]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadMapping(where, f"two columns are called `{twice}`", "Give each a name of its own in the query.")


def _chosen(
    dialect: Dialect, where: str, table: TableOf, there: list[Seen], key: list[str]
) -> tuple[list[Seen], list[str]]:
    """Columns to read, in the view's order, and those of bytes that nobody named."""
    ordering = [*key, *([table.watermark.column] if table.watermark else [])]
    names = [each.name for each in there]
    for name in [*table.columns, *ordering, *table.bytes_in]:
        if name not in names:
            close = next((each for each in names if each.lower() == name.lower()), None)
            hint = f"Did you mean `{close}`? Capitals count." if close else nearest(name, names) or "See the view."
            raise BadMapping(where, f"the view has no column `{name}`", hint)
    wanted = {*table.columns, *ordering} if table.columns else None
    if wanted is not None:
        return [each for each in there if each.name in wanted], []
    left = [each.name for each in there if each.of in dialect.binary and each.name not in ordering]
    return [each for each in there if each.name not in left], left


def _has_what_it_needs(where: str, mapping: Mapping, chosen: list[Seen]) -> None:
    names = [each.name for each in chosen]
    needed = [*mapping.about.key, *mapping.about.person] if mapping.about.partial else mapping.sources
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadMapping(
            where, f"{mapping.name} needs `{missing[0]}`, which is not among the columns",
            nearest(missing[0], names) or "Correct the mapping, or name the column in `columns`.",
        )  # fmt: skip


def _raw(table: TableOf, chosen: list[Seen], dialect: Dialect) -> frozenset[str]:
    """Columns whose bytes are asked for; where a whole session takes bytes, none needs to be."""
    if not table.bytes_are or dialect.takes_bytes:
        return frozenset()
    return frozenset(table.bytes_in or [each.name for each in chosen if each.of in dialect.texts])

"""How one source table becomes shared tables: read from TOML, checked against the shared tables when it is loaded.

A mapping is refused when it is loaded, never halfway through a batch; nothing is mapped by default.
"""

import re
import tomllib
from collections import abc
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from pydantic import ValidationError

from connectors.errors import BadMapping
from connectors.mapping_rules import FileModel, Repeat, Rows, Rule, TableModel
from connectors.readers import READERS, TAKES_FLAGS
from schemas.code_system import code_system
from schemas.column import Column
from schemas.errors import NoSuchTable
from schemas.table import COMMON, Table
from schemas.tables import table

Model = TypeVar("Model", FileModel, TableModel)
OPTIONAL = ("updated_at", "deleted", "sec_level")  # common columns that a mapping may fill; the others fill themselves


@dataclass(frozen=True)
class RowsOf:
    """Rows of one shared table made from each record: `rules` holds a rule for every own column."""

    table: type[Table]
    spec: Rows
    rules: abc.Mapping[str, Rule]
    where: str

    @property
    def repeat(self) -> Repeat | None:
        return self.spec.repeat

    def sources(self) -> Iterator[str]:
        """Every source column these rows are read from."""
        for rule in self.rules.values():
            yield from (name for name in rule.sources if not name.startswith("@"))
        yield from (name for name in self.spec.when if not name.startswith("@"))
        if self.spec.repeat:
            yield from self.spec.repeat.sources()
        if self.spec.split:
            yield self.spec.split.cell


@dataclass(frozen=True)
class Mapping:
    """One source table's way into the shared tables. `version` is the hash of the text it was read from."""

    name: str
    about: FileModel
    rows: tuple[RowsOf, ...]
    version: str

    @property
    def source(self) -> str:
        return self.about.source

    @property
    def main(self) -> str:
        """The shared table whose first row of a record carries `extra`."""
        return self.about.main or self.rows[0].table.name

    @property
    def entries(self) -> dict[str, set[str]]:
        """Lists inside records that are used, and the cells of their entries that rules read."""
        used: dict[str, set[str]] = {}
        for rows in self.rows:
            if rows.spec.entries:
                used.setdefault(rows.spec.entries.of, set()).update(rows.spec.entries.as_)
        return used

    @property
    def sources(self) -> list[str]:
        """Source columns that are used, each once, in the order of first use."""
        named = [*self.about.key, *self.about.key_also, *self.about.person]
        return list(dict.fromkeys([*named, *(name for rows in self.rows for name in rows.sources())]))


def load(path: Path) -> Mapping:
    """A mapping from one TOML file, or from a folder: `profile.toml` and one file a shared table.

    Raises BadMapping: file, column, what is wrong, what to do.
    """
    files = (
        sorted(path.glob("*.toml"), key=lambda file: (file.name != "profile.toml", file.name))
        if path.is_dir()
        else [path]
    )
    texts = {file.name: _text(file) for file in files}
    if not texts:
        raise BadMapping(path.name, "holds no mapping", "Put profile.toml and one TOML a shared table in it.")
    documents = {name: _document(name, text) for name, text in texts.items()}
    first, *others = documents.items()
    about, tables = _parts(*first)
    for name, document in others:
        if set(document) == {"codes"}:
            about["codes"] = {**about.get("codes", {}), **document["codes"]}
        else:
            tables.append((name, document))
    return built(first[0], path.stem, about, tables, "\0".join(texts.values()))


def built(
    file: str, name: str, about: dict[str, Any], tables: Sequence[tuple[str, dict[str, Any]]], text: str
) -> Mapping:
    """A mapping from what its TOML says, or would say; `text` is what its version is the hash of. Raises BadMapping."""
    model = _about(file, about)
    rows = tuple(each for where, document in tables for each in _rows(where, document, model))
    if not rows:
        raise BadMapping(file, "maps no shared table", "Name one with `target`.")
    return Mapping(model.name or name, model, rows, sha256(text.encode()).hexdigest()[:16])


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise BadMapping(file.name, f"cannot be read: {error.strerror}", "Name a mapping file or folder.") from error
    except UnicodeDecodeError as error:
        raise BadMapping(file.name, "is not UTF-8", "Save it as UTF-8.") from error


def _document(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(name, f"is not TOML: {error}", "Quote every text; see docs/mapping.md.") from error


def _parts(name: str, document: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """What is said of the source, and what is said of each table: in one file both may stand together."""
    own = set(TableModel.model_fields)
    about = {key: value for key, value in document.items() if key not in own | {"table"}}
    single = {key: value for key, value in document.items() if key in own}
    return about, [(name, each) for each in ([single] if single else []) + list(document.get("table", []))]


def _about(name: str, document: dict[str, Any]) -> FileModel:
    return _model(FileModel, name, document)


def _model(kind: type[Model], name: str, document: dict[str, Any]) -> Model:
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise BadMapping(name, f"`{place}`: {first['msg']}", "Correct it; see docs/mapping.md.") from error


def _rows(name: str, document: dict[str, Any], about: FileModel) -> Iterator[RowsOf]:
    model = _model(TableModel, name, document)
    try:
        shared = table(model.target)
    except NoSuchTable as error:
        raise BadMapping(name, f"`target`: {str(error).rstrip('.')}", "Name a shared table.") from error
    blocks = model.rows or (Rows(),)
    if len({block.suffix for block in blocks}) < len(blocks):
        raise BadMapping(
            name, "two [[rows]] have the same `suffix`", "Give each one of its own: record ids hang on it."
        )
    for block in blocks:
        if shared.person and not about.person:
            raise BadMapping(name, f"rows of `{shared.name}` belong to a person, and no column says whose they are",
                             "Name the patient's key with `person`.")  # fmt: skip
        rules = {**model.columns, **block.columns}
        _refuse_strangers(name, rules, shared)
        _refuse_silence(name, rules, shared)
        for column in shared.columns:
            _checked(name, column, rules.get(column), shared, about, block)
        yield RowsOf(shared, block, rules, name)


def _refuse_strangers(name: str, rules: abc.Mapping[str, Rule], shared: type[Table]) -> None:
    known = [column for column in shared.columns if column not in COMMON or column in OPTIONAL]
    for column in rules:
        if column not in known or column == shared.person:
            why = "fills itself" if column in shared.columns else f"is no column of `{shared.name}`"
            raise BadMapping(f"{name}: column `{column}`", why, nearest(column, known) or "Take it out.")


def _refuse_silence(name: str, rules: abc.Mapping[str, Rule], shared: type[Table]) -> None:
    """All columns that a mapping says nothing about at once: whoever writes one must not have to ask for each."""
    silent = [column for column in shared.columns if column not in {*rules, *COMMON, shared.person}]
    if silent:
        others = f", nor have {', '.join(f'`{column}`' for column in silent[1:])}" if silent[1:] else ""
        raise BadMapping(
            f"{name}: column `{silent[0]}`",
            f"has no rule{others}",
            "Name its source with `from`, or say why it is missing with `absent`.",
        )


def _checked(name: str, column: str, rule: Rule | None, shared: type[Table], about: FileModel, block: Rows) -> None:
    where = f"{name}: column `{column}`"
    if rule is None or column in COMMON or column == shared.person:
        return
    if isinstance(rule.codes, str) and rule.codes not in about.codes:
        raise BadMapping(
            where,
            f"there is no code list `{rule.codes}`",
            nearest(rule.codes, list(about.codes)) or "Write it under [codes].",
        )
    if rule.read_as and rule.read_as not in READERS:
        raise BadMapping(
            where, f"there is no reader `{rule.read_as}`", nearest(rule.read_as, list(READERS)) or _readers()
        )
    _slots_are_known(where, rule, block)
    _codes_are_shared(where, rule, shared.columns[column], about)
    _type_fits(where, rule, shared.columns[column].dtype)


def _readers() -> str:
    return f"There are: {', '.join(READERS)}."


def _slots_are_known(where: str, rule: Rule, block: Rows) -> None:
    slots = block.slots()
    for name in rule.sources:
        if name.startswith("@") and name[1:] not in slots:
            raise BadMapping(where, f"`{name}` is no cell of `repeat`", nearest(name[1:], slots) or "Name it in `as`.")


def _codes_are_shared(where: str, rule: Rule, column: Column, about: FileModel) -> None:
    """What a mapping writes itself must be in the shared code list; what a site writes is for the checks to say."""
    codes = about.codes[rule.codes] if isinstance(rule.codes, str) else rule.codes
    written = {*(codes or {}).values(), *([rule.value] if rule.value is not None else [])}
    if column.dtype == pl.Boolean:
        known: Collection[str] = ("true", "false")
    elif column.codes and written:
        known = frozenset(code_system(column.codes).codes)
    else:
        return
    for code in sorted(written):
        if code not in known:
            raise BadMapping(
                where, f"`{code}` is not in the shared code list", nearest(code, list(known)) or "See docs."
            )


def _type_fits(where: str, rule: Rule, dtype: pl.DataType) -> None:
    if dtype == pl.Boolean and rule.sources and not rule.codes and rule.read_as not in TAKES_FLAGS:
        raise BadMapping(
            where,
            "is yes or no, and the codes differ between exports",
            'Say which is which: codes = { "1" = "true", "2" = "false" }.',
        )
    if (
        rule.value is not None
        and not isinstance(dtype, (pl.String, pl.Boolean))
        and not re.fullmatch(r"-?\d+", rule.value)
    ):
        raise BadMapping(where, f"a constant for {dtype} must be a number", "Take it from a source column.")
    reads = READERS[rule.read_as].dtypes if rule.read_as else None
    if reads and not isinstance(dtype, reads):
        raise BadMapping(where, f"`{rule.read_as}` does not make {dtype}", "Choose another reader.")
    if rule.sources and not rule.read_as and len(rule.sources) > 1 and dtype != pl.String:
        raise BadMapping(where, "is read from several columns without a reader that takes several", _readers())


def nearest(name: str, known: Sequence[str]) -> str:
    """`Did you mean ...?`, or nothing."""
    found = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean `{found[0]}`?" if found else ""

"""Checks that a deployer writes in TOML: what is right is one SQL expression over columns of a shared table or view.

Pure: the text is handed in. A check that cannot be asked is refused alone; the others of its file stay.
"""

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.quality import views
from federation.quality.check import Check
from federation.quality.frame import AS_OF, Frame, Given, frame_of
from federation.quality.kind import Kind, Severity
from federation.quality.probe import fails
from schemas.errors import BadDeclaration
from schemas.tables import TABLES

PREFIX = "custom."  # of the id, so that a later library never takes a deployer's name
DOCS = "docs/custom-checks.md"
OVER_ROWS = ('"Agg"', '"Over"', '"Window"', '"Len"', '"Rolling"')  # parts of a plan that look at other rows
QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
CLOCK = re.compile(r"(?i)\b(current_date|current_time|current_timestamp|localtime|localtimestamp|now|today)\b")
Words = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class Custom:
    """`checks` can be asked; `problems` says of each of the others which it is, what is wrong and what to do."""

    checks: tuple[Check, ...] = ()
    problems: tuple[str, ...] = ()


class _Written(BaseModel):
    """One [[check]]. `right` is true where a row is right; a row is asked where `asked` is true, always if left out."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    of: Words
    right: Words
    asked: Words | None = None
    kind: Annotated[Kind, Field(strict=False)]
    means: Words
    zh: Words
    source: Words
    severity: Annotated[Severity, Field(strict=False)] = Severity.ERROR
    tolerates: float = 0.0
    because: str = ""


@cache
def frames() -> dict[str, Frame]:
    """What a check may be asked of, by name: every shared table, and every view that joins some."""
    joined = {frame.name: frame for frame in vars(views).values() if isinstance(frame, Frame)}
    return {name: frame_of(table) for name, table in TABLES.items()} | joined


def custom(text: str, file: str, taken: Collection[str] = ()) -> Custom:
    """The checks of one TOML file, in its order; `taken` are ids that are there already."""
    try:
        entries = tomllib.loads(text.removeprefix("\ufeff")).get("check")
    except tomllib.TOMLDecodeError as error:
        return Custom(problems=(f"{file} is not TOML: {error}. Correct it; see {DOCS}.",))
    if not isinstance(entries, list) or not entries:
        return Custom(problems=(f"{file} holds no [[check]]. Write one; see {DOCS}.",))
    found: dict[str, Check] = {}
    problems: list[str] = []
    for place, entry in enumerate(entries, 1):
        try:
            made = _check(entry)
            if made.id in found or made.id in taken:
                raise BadDeclaration("there is one with this id already. Choose another")
            found[made.id] = made
        except (BadDeclaration, ValidationError) as error:
            name = entry.get("id") if isinstance(entry, dict) else None
            problems.append(f"{file}: check {f'`{name}`' if isinstance(name, str) else place}: {_words(error)}.")
    return Custom(tuple(found.values()), tuple(problems))


def _check(entry: Any) -> Check:
    written = _Written.model_validate(entry)
    frame = frames().get(written.of)
    if frame is None:
        raise BadDeclaration(f"there is no table or view `{written.of}`. There are: {', '.join(frames())}")
    right = _boolean(frame, written.right, "right")
    if written.asked is not None:
        right = pl.when(_boolean(frame, written.asked, "asked")).then(right)
    return Check(
        id=f"{PREFIX}{written.id}", frame=frame, right=right, kind=written.kind, means=written.means, zh=written.zh,
        source=written.source, severity=written.severity, tolerates=written.tolerates, because=written.because,
    )  # fmt: skip


def _boolean(frame: Frame, text: str, what: str) -> pl.Expr:
    """The expression, known to say yes, no or nothing of every row by itself."""
    if CLOCK.search(QUOTED.sub("", text)):
        raise BadDeclaration(f"`{what}` asks the clock. Use `{AS_OF}`, the day the row's batch came")
    try:
        made = pl.sql_expr(text)
        roots = set(made.meta.root_names())
    except pl.exceptions.PolarsError as error:
        raise BadDeclaration(f"`{what}` is no SQL expression: {_first_line(error)}") from None
    if unknown := sorted(roots - {*frame.schema(), AS_OF}):
        raise BadDeclaration(f"`{what}`: {frame.name} has no column `{unknown[0]}`")
    if any(part in made.meta.serialize(format="json") for part in OVER_ROWS):
        raise BadDeclaration(f"`{what}` looks at other rows. A row must be right or wrong by itself")
    try:
        rows = frame.build(Given({})).with_columns(pl.lit(None, pl.Date).alias(AS_OF))
        dtype = rows.select(made.alias("answer")).collect().schema["answer"]
    except pl.exceptions.PolarsError as error:
        raise BadDeclaration(f"`{what}` cannot be asked of {frame.name}: {_first_line(error)}") from None
    if dtype != pl.Boolean:
        raise BadDeclaration(f"`{what}` is {dtype}, and must be true or false")
    if why := fails(made, frame):
        raise BadDeclaration(f"`{what}`: {why}")
    return made


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(_places(error))
    return str(error).rstrip(".")


def _places(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_input=False, include_url=False):
        yield f"`{'.'.join(str(step) for step in each['loc'])}`: {each['msg']}" if each["loc"] else each["msg"]

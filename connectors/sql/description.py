"""What may be said of a database in its TOML file: which views, how far apart from each other reads may be, how gently.

Nothing unknown is taken, and no address: it holds a password, which is in the environment or in a file of one's own.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from connectors.sql.hours import Hours, hours

_UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d+)\s*(ms|s|min|h|d)")
Text = Annotated[str, Field(min_length=1)]


def span(said: str) -> timedelta:
    """`30s`, `10min`, `2h`, `1d` as a length of time; raises ValueError."""
    found = _SPAN.fullmatch(said.strip()) if isinstance(said, str) else None
    if found is None:
        raise ValueError("say a length of time as 30s, 10min, 2h or 1d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


Span = Annotated[timedelta, BeforeValidator(span)]
Window = Annotated[Hours, BeforeValidator(hours)]


def _plain(name: str) -> str:
    if not name.isprintable():
        raise ValueError("a name has printable signs only")
    return name


Name = Annotated[Text, AfterValidator(_plain)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Watermark(_Strict):
    """A column that grows with every change. Rows that came late, up to `overlap` ago, are asked for once more.

    `overlap` and `lag` are lengths of time for a datetime, numbers for an integer; rows younger than `lag` wait.
    """

    column: Name
    type: Literal["datetime", "integer"] = "datetime"
    overlap: str | int = 0
    lag: str | int = 0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for said in (self.overlap, self.lag):
            if self.type == "integer" and not isinstance(said, int):
                raise ValueError("for an integer, `overlap` and `lag` are whole numbers")
            if isinstance(said, int) and said < 0:
                raise ValueError("`overlap` and `lag` are not negative")
            if self.type == "datetime" and said:
                span(str(said))
        return self

    def before(self, top: str, by: str | int) -> str:
        """The watermark that lies `by` before `top`, as text."""
        if self.type == "integer":
            return str(int(top) - int(by))
        return (datetime.fromisoformat(top) - (span(str(by)) if by else timedelta())).isoformat(" ")


class TableOf(_Strict):
    """One view (with or without `schema`), or one `query`, and how its rows become rows of the shared tables."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$")]
    schema_: Name | None = Field(None, alias="schema")
    view: Name | None = None
    query: Text | None = None
    functions: list[Text] = []
    columns: list[Name] = []
    mapping: Text | None = None
    profile: Text | None = None
    key: list[Name] | None = None
    watermark: Watermark | None = None
    accept: str = ""
    bytes_are: Literal["", "gb18030", "utf-8"] = ""
    bytes_in: list[Name] = []

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.view is None) == (self.query is None):
            raise ValueError("say either `view` or `query`")
        if self.query is not None and self.schema_ is not None:
            raise ValueError("`schema` goes with `view`; a query names its schemas itself")
        if self.mapping is not None and self.profile is not None:
            raise ValueError("say either `mapping` or `profile`, or neither where the columns tell")
        if self.bytes_in and not self.bytes_are:
            raise ValueError("`bytes_in` names columns whose bytes are in `bytes_are`: say which encoding")
        twice = {name for name in self.columns if self.columns.count(name) > 1}
        if twice:
            raise ValueError("a column stands twice in `columns`")
        return self


class Description(_Strict):
    """A database: where its address is kept, how gently it is asked, and its tables."""

    kind: Literal["sql"]
    name: Name
    url_env: str = ""
    url_file: str = ""
    statement_timeout: Span = timedelta(minutes=10)
    lock_timeout: Span = timedelta(seconds=5)
    row_cap: Annotated[int, Field(gt=0)] = 1_000_000
    rows_per_second: Annotated[int, Field(gt=0)] | None = None
    fetch: Annotated[int, Field(gt=0, le=100_000)] = 5_000
    allowed: Window | None = None
    drift: Literal["freeze", "follow"] = "freeze"
    table: Annotated[list[TableOf], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.url_env) == bool(self.url_file):
            raise ValueError("name one of `url_env` and `url_file`: the address holds a password and is kept there")
        names = [table.name for table in self.table]
        if len(set(names)) < len(names):
            raise ValueError("two tables have the same name")
        return self

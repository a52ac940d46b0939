"""A digital contract (数字合约): what one site allows or forbids, to whom, for what, how long. Read from TOML.

A contract that says something unknown is refused when it is read, never when it is needed.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from federation.consent.purpose import purposes
from federation.consent.request import Request
from federation.consent.written import text_of
from federation.errors import BadInput
from schemas.tables import TABLES

EVERY = "*"


def _known(code: str) -> str:
    if code not in purposes():
        raise ValueError(f"`{code}` is not a purpose; there are {', '.join(purposes())}")
    return code


class Contract(BaseModel):
    """One contract. `tables` holds, for each table, the columns it is about; `*` alone means all that may leave.

    `recipients` are ids of organisations, or `*` for all. It holds on both `since` and `until` (`from` in TOML).
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    site: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    effect: Literal["allow", "deny"] = "allow"
    tables: dict[str, list[str]]
    purposes: Annotated[list[Annotated[str, AfterValidator(_known)]], Field(min_length=1)]
    recipients: Annotated[list[str], Field(min_length=1)]
    since: date = Field(alias="from")
    until: date
    signed_by: Annotated[str, Field(min_length=1)]
    note: str = ""

    @field_validator("tables", mode="before")
    @classmethod
    def _listed(cls, tables: Any) -> Any:
        return {name: [EVERY] for name in tables} if isinstance(tables, list) else tables

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.tables:
            raise ValueError("`tables` is empty; name the tables it is about")
        for name, columns in self.tables.items():
            if name not in TABLES:
                raise ValueError(f"`{name}` is not a shared table; there are {', '.join(TABLES)}")
            unknown = sorted(set(columns) - set(TABLES[name].columns) - {EVERY})
            if unknown or not columns:
                raise ValueError(f"`{name}` has no column {', '.join(unknown) or '(none is named)'}")
        if self.until < self.since:
            raise ValueError("`until` lies before `from`")
        return self

    def speaks_of(self, request: Request, as_of: date) -> bool:
        """Whether it is about this site, table, purpose and recipient, and holds on `as_of`."""
        return (
            request.site == self.site
            and request.table in self.tables
            and request.purpose in self.purposes
            and (request.recipient in self.recipients or EVERY in self.recipients)
            and self.since <= as_of <= self.until
        )

    def names(self, table: str, column: str) -> bool:
        """Whether it is about this column of the table."""
        columns = self.tables.get(table, [])
        return EVERY in columns or column in columns


def parse(text: str, name: str) -> Contract:
    """The contract written in `text`; raises BadInput that names the file and what to mend."""
    try:
        return Contract(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{name} is not TOML: {error}.") from error
    except (ValidationError, TypeError) as error:
        raise BadInput(f"{name} is not a contract. {_told(error)}") from error


def read(path: Path) -> tuple[Contract, str]:
    """The contract in a file, and its text as it was signed."""
    text = text_of(path)
    return parse(text, path.name), text


def _told(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "Write it as keys and values."
    lines = (f"`{'.'.join(map(str, item['loc'])) or 'contract'}`: {item['msg']}" for item in error.errors())
    return "; ".join(lines) + "."

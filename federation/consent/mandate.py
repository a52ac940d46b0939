"""A mandate (归集任务): what the city requires of whom, of which months, by which day, on which legal basis. From TOML.

A mandate that says something unknown is refused when it is read, never when it is needed. It lets nothing leave a site.
"""

import calendar
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from federation.consent.written import text_of
from federation.errors import BadInput
from schemas.tables import TABLES

EVERY = "*"
ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


def _month(text: Any) -> Any:
    try:
        return date.fromisoformat(f"{text}-01") if isinstance(text, str) and len(text) == 7 else None
    except ValueError:
        return None


Month = Annotated[date, BeforeValidator(_month)]


@dataclass(frozen=True)
class Task:
    """One table of one month that one site owes by the end of a day."""

    mandate: str
    site: str
    table: str
    month: date
    due: date


class Mandate(BaseModel):
    """One mandate. `sites` are ids, or `*` for all; `tiers`, where given, keeps those of these tiers among them.

    Rows dated in a month are due by the end of day `due_day` of the month `due_months` later (the last day where the
    month is shorter). `within_days`, where given, is asked of each record: days from its event until it came.
    `at_least` is the lowest score of the month, of 100. It holds for months from `since` to `until` (`from` in TOML).
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)

    id: Annotated[str, Field(pattern=ID)]
    means: Annotated[str, Field(min_length=1)]
    zh: Annotated[str, Field(min_length=1)]
    basis: Annotated[str, Field(min_length=1)]
    published_by: Annotated[str, Field(min_length=1)]
    sites: Annotated[list[str], Field(min_length=1)]
    tiers: list[str] = []
    tables: Annotated[list[str], Field(min_length=1)]
    since: Month = Field(alias="from")
    until: Month | None = None
    due_day: Annotated[int, Field(ge=1, le=31)]
    due_months: Annotated[int, Field(ge=0, le=24)] = 1
    within_days: Annotated[int, Field(ge=0)] | None = None
    at_least: Annotated[float, Field(ge=0, le=100, strict=False)] | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for name in self.tables:
            if name not in TABLES:
                raise ValueError(f"`tables`: `{name}` is not a shared table; there are {', '.join(TABLES)}")
            if TABLES[name].when is None:
                raise ValueError(f"`tables`: rows of `{name}` carry no date, so that no month of them can be due")
        if self.until is not None and self.until < self.since:
            raise ValueError("`until` lies before `from`")
        return self

    def asks(self, site: str, tier: str) -> bool:
        """Whether it asks something of the site."""
        return (site in self.sites or EVERY in self.sites) and (not self.tiers or tier in self.tiers)

    def due(self, month: date) -> date:
        """The last day on which rows of the month are in time."""
        whole = month.year * 12 + month.month - 1 + self.due_months
        year, number = whole // 12, whole % 12 + 1
        return date(year, number, min(self.due_day, calendar.monthrange(year, number)[1]))

    def months(self, up_to: date) -> Iterator[date]:
        """The first days of the months it asks for, up to the one of the day."""
        month, last = self.since, min(self.until or up_to, up_to)
        while month <= last:
            yield month
            month = date(month.year + month.month // 12, month.month % 12 + 1, 1)

    def tasks(self, site: str, tier: str, up_to: date) -> list[Task]:
        """What the site owes for the months up to the one of the day; nothing where it is not asked."""
        if not self.asks(site, tier):
            return []
        months = list(self.months(up_to))
        return [Task(self.id, site, table, month, self.due(month)) for month in months for table in self.tables]


def parse(text: str, name: str) -> Mandate:
    """The mandate written in `text`; raises BadInput that names the file and what to mend."""
    try:
        return Mandate(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{name} is not TOML: {error}.") from error
    except ValidationError as error:
        raise BadInput(f"{name} is not a mandate. {'; '.join(map(_told, error.errors()))}.") from error


def read(path: Path) -> Mandate:
    """The mandate in a file."""
    return parse(text_of(path), path.name)


def _told(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    if where in {"from", "until", "since"} and error["type"] == "date_type":
        return f'`{where}`: a month is written "YYYY-MM", in quotes'
    return f"`{where}`: {error['msg']}" if where else error["msg"].removeprefix("Value error, ")

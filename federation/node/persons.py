"""Which token stands for which of a site's patients: fixed when a patient is first seen, kept at the site.

A patient with a valid resident identity number has the same token at every site; any other has one of the site's own.
A number learned later is recorded as an alias and changes no token: the pool never has to be rewritten.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from federation.node.batch import Gone, rows_of
from federation.privacy.token import Tokens
from schemas.identifiers.resident_id import to_18, valid

RESIDENT = ("1", "01")  # RC038 and the two-digit code of WS/T 364
BY_NUMBER, BY_SITE = "number", "site"
AT_ONCE = 500  # names in one question to SQLite

_TABLES = """
CREATE TABLE IF NOT EXISTS person (local TEXT PRIMARY KEY, token TEXT NOT NULL, basis TEXT NOT NULL,
                                   batch TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (local TEXT NOT NULL, token TEXT NOT NULL, batch TEXT NOT NULL,
                                  PRIMARY KEY (local, token)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Persons:
    """The patients of one site, in one SQLite file in its folder."""

    site: str
    tokens: Tokens
    connection: sqlite3.Connection

    def learn(self, batch: str, folder: Path, gone: Gone) -> None:
        """Gives a token to every patient of whom the batch has a valid resident identity number."""
        wanted = ["person_id", "id_type_code", "id_value"]
        for rows in rows_of(folder, "patient_identifier", gone, wanted):
            number = to_18(pl.col("id_value"))
            known = rows.filter(pl.col("id_type_code").is_in(RESIDENT) & valid(number)).select("person_id", number)
            made = self.tokens.of_many("person", (f"id|{text}" for text in known["id_value"]))
            self._add(batch, BY_NUMBER, zip(known["person_id"], made, strict=True))
        self.connection.commit()

    def column(self, batch: str, names: pl.Series) -> pl.Series:
        """The patients' tokens in the place of the site's own keys; a patient first seen here gets one."""
        distinct = names.drop_nulls().unique().to_list()
        known = dict(self._known(distinct))
        fresh = [name for name in distinct if name not in known]
        made = self.tokens.of_many("person", (f"site|{self.site}|{name}" for name in fresh))
        self._add(batch, BY_SITE, zip(fresh, made, strict=True))
        known |= zip(fresh, made, strict=True)
        return names.replace_strict(
            pl.Series(list(known), dtype=pl.String),
            pl.Series(known.values(), dtype=pl.String),
            default=None,
            return_dtype=pl.String,
        )

    def forget(self, recorded: Iterable[str]) -> None:
        """Removes what runs learned that ended before their batch was recorded."""
        marks = ",".join("?" * len(batches := list(recorded)))
        for table in ("person", "alias"):
            self.connection.execute(f"DELETE FROM {table} WHERE batch NOT IN ({marks})", batches)
        self.connection.commit()

    def _known(self, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            marks = ",".join("?" * len(some))
            yield from self.connection.execute(f"SELECT local, token FROM person WHERE local IN ({marks})", some)

    def _add(self, batch: str, basis: str, pairs: Iterable[tuple[str, str]]) -> None:
        found = [(local, token, basis, batch) for local, token in pairs]
        self.connection.executemany("INSERT OR IGNORE INTO person VALUES (?, ?, ?, ?)", found)
        # A token that differs from the one fixed at first sight is another name of the same patient.
        self.connection.executemany(
            "INSERT OR IGNORE INTO alias SELECT local, ?, ? FROM person WHERE local = ? AND token <> ?",
            [(token, batch, local, token) for local, token, _, _ in found] if basis == BY_NUMBER else (),
        )


@contextmanager
def persons(folder: Path, site: str, tokens: Tokens) -> Iterator[Persons]:
    """The patients of the site whose folder is given; the file is made if it is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "persons.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -32768")
        connection.executescript(_TABLES)
        yield Persons(site, tokens, connection)
        connection.commit()

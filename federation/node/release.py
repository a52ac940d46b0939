"""Rows as they leave a site: only columns that may, and tokens in the place of every name of a person or a record.

Never lets a column through that its table does not let leave, whatever a contract says.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import polars as pl

from federation.privacy.token import Tokens
from schemas.identifiers.resident_id import to_18
from schemas.tables import TABLES

# What a token column names: equal texts of one domain get equal tokens, so that rows still find each other.
DOMAINS = {
    "record_id": "record",
    "encounter_id": "record",
    "part_of": "record",
    "evidence_doc": "record",
    "target_id": "record",
    "source_pk": "source",
    "id_value": "identifier",
}
CITY_WIDE = {"identifier"}  # the same identifier has the same token at every site; all else is the site's own


def released(
    table: str,
    rows: Iterable[pl.DataFrame],
    columns: Sequence[str],
    site: str,
    tokens: Tokens,
    person: Callable[[pl.Series], pl.Series],
) -> Iterator[pl.DataFrame]:
    """The rows with `columns`, names as tokens. `person` turns the site's patient keys into tokens."""
    barred = sorted(set(columns) - set(TABLES[table].leaving()))
    if barred:
        raise ValueError(f"`{table}`: {', '.join(barred)} may not leave a site")
    named = [name for name in columns if TABLES[table].columns[name].token]
    for frame in rows:
        yield frame.with_columns(_token(name, frame[name], site, tokens, person) for name in named)


def source_keys(keys: pl.Series, site: str, tokens: Tokens) -> pl.DataFrame:
    """Record keys (`source_table|source_pk`) as the pool knows them: `source_table`, `source_pk` as token."""
    split = keys.str.splitn("|", 2).struct.rename_fields(["source_table", "source_pk"]).struct.unnest()
    return split.with_columns(tokens.column("source", split["source_pk"], site))


def _token(
    name: str, names: pl.Series, site: str, tokens: Tokens, person: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    if name == "person_id":
        return person(names)
    domain = DOMAINS.get(name, name)
    if domain in CITY_WIDE:
        # A number of 15 digits and its 18-character form are one identifier.
        names = names.to_frame().select(pl.coalesce(to_18(pl.col(name)), pl.col(name)))[name]
        return tokens.column(domain, names)
    return tokens.column(domain, names, site)

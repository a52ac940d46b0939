"""What lies beside a CDM table and is needed to read it: concepts, locations, and the events that costs are of.

Files are found by the names OHDSI gives the tables. Only what the table refers to is kept, so memory follows the table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import file_digest, sha256
from pathlib import Path

import polars as pl

from connectors.errors import ConnectorError
from connectors.omop.laid import Laid, laid
from connectors.omop.vocabulary import URIS

SMALL = 64 << 20  # a CONCEPT table up to this size is read whole, a bigger one for the ids that are used
NAMES = ("concept", "vocabulary", "location", "visit_occurrence", "visit_detail", "drug_exposure",
         "procedure_occurrence", "condition_occurrence", "measurement", "observation", "device_exposure")  # fmt: skip
EVENTS = {"visit": "visit_occurrence", "visit detail": "visit_detail", "drug": "drug_exposure",
          "procedure": "procedure_occurrence", "condition": "condition_occurrence", "measurement": "measurement",
          "observation": "observation", "device": "device_exposure"}  # fmt: skip
_SUFFIXES = (".csv", ".parquet", ".txt", ".tsv", ".csv.gz")


@dataclass(frozen=True)
class Beside:
    """The tables in the folder of `of`."""

    of: Laid

    def table(self, name: str) -> Laid | None:
        """The CDM table of that name beside, None where it is not there or cannot be read."""
        path = self._files.get(name)
        if path is None:
            return None
        try:
            found = laid(path)
        except ConnectorError:
            return None  # it is reported when it is read itself
        return found if found and found.known.table == name else None

    @cached_property
    def _files(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for path in sorted(self.of.path.parent.iterdir()):
            name = path.name.lower()
            stem = next((name.removesuffix(end) for end in _SUFFIXES if name.endswith(end)), "")
            if stem in NAMES and path.is_file():
                found.setdefault(stem, path)
        return found

    def mark(self, names: Iterable[str]) -> str:
        """Eight hex digits that follow from the content of the tables named, empty where none of them is there."""
        marks = [_digest(path, stat.st_size, stat.st_mtime_ns)
                 for name in names if (path := self._files.get(name)) and (stat := path.stat())]  # fmt: skip
        return sha256("".join(marks).encode()).hexdigest()[:8] if marks else ""

    def concepts(self) -> pl.DataFrame:
        """`concept_id`, `code`, `system`, `version`, `name`, `class` of the concepts, all String; maybe no rows."""
        columns = ["concept_id", "concept_code", "vocabulary_id", "concept_name", "concept_class_id"]
        wanted = None
        there = self.table("concept")
        if there is not None and there.path.stat().st_size > SMALL:
            wanted = self._used()
        rows = self._read("concept", columns, "concept_id", wanted)
        systems = self._systems()
        joined = rows.unique("concept_id", keep="first").join(systems, on="vocabulary_id", how="left")
        return joined.select(
            "concept_id",
            pl.col("concept_code").alias("code"),
            pl.coalesce("system", "vocabulary_id").alias("system"),
            "version",
            pl.col("concept_name").alias("name"),
            pl.col("concept_class_id").alias("class"),
        )

    def locations(self) -> pl.DataFrame:
        """`location_id`, `location_county`, `location_address`, all String; maybe no rows."""
        lines = ["address_1", "address_2", "city", "state", "zip"]
        rows = self._read("location", ["location_id", "county", *lines], "location_id", None)
        address = pl.concat_str([pl.col(name).replace("", None) for name in lines], separator=" ", ignore_nulls=True)
        return rows.unique("location_id", keep="first").select(
            "location_id",
            pl.col("county").alias("location_county"),
            address.replace("", None).alias("location_address"),
        )

    def persons_of(self, domain: str, ids: pl.Series) -> pl.DataFrame:
        """`cost_event_id`, `event_person` of the events of one domain that are asked for."""
        table = EVENTS.get(domain.lower())
        key = f"{table}_id"
        if table is None:
            return pl.DataFrame(schema={"cost_event_id": pl.String(), "event_person": pl.String()})
        rows = self._read(table, [key, "person_id"], key, ids)
        return rows.unique(key, keep="first").rename({key: "cost_event_id", "person_id": "event_person"})

    def _used(self) -> pl.Series:
        """Ids of concepts that the table refers to."""
        names = [name for name in self.of.known.renamed if name.endswith("concept_id")]
        found = [
            piece.cells.select(names).unpivot()["value"].unique() for piece in self.of.pieces() if piece.cells.width
        ]
        return pl.concat([pl.Series(dtype=pl.String), *found]).unique()

    def _systems(self) -> pl.DataFrame:
        """`vocabulary_id`, `system`, `version`: a vocabulary of a site's own says its URI as its reference."""
        own = self._read("vocabulary", ["vocabulary_id", "vocabulary_reference", "vocabulary_version"], "", None)
        is_uri = pl.col("vocabulary_reference").str.contains(r"^(?:urn:|https?://\S+$|local$)")
        ohdsi = pl.col("vocabulary_id").is_in(list(URIS))
        known = pl.DataFrame({"vocabulary_id": list(URIS), "system": list(URIS.values())})
        local = own.filter(is_uri & ~ohdsi).select(
            "vocabulary_id",
            pl.col("vocabulary_reference").alias("system"),
            pl.col("vocabulary_version").alias("version"),
        )
        with_version = known.with_columns(version=pl.lit(None, pl.String()))
        return pl.concat([with_version, local]).unique("vocabulary_id", keep="first")

    def _read(self, table: str, columns: Sequence[str], key: str, wanted: pl.Series | None) -> pl.DataFrame:
        schema = dict.fromkeys(columns, pl.String())
        there = self.table(table)
        if there is None:
            return pl.DataFrame(schema=schema)
        frames = []
        for piece in there.pieces():
            if piece.cells.width:
                missing = [pl.lit(None, pl.String()).alias(name) for name in columns if name not in piece.cells.columns]
                rows = piece.cells.with_columns(missing).select(columns)
                rows = rows.with_columns(pl.all().str.strip_chars().replace("", None))
                frames.append(rows if wanted is None else rows.filter(pl.col(key).is_in(wanted.implode())))
        return pl.concat([pl.DataFrame(schema=schema), *frames])


@lru_cache(256)
def _digest(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:8]

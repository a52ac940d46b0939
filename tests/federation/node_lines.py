"""A source that draws itself: one record a line, `key | person | number | value`; a line without key is rejected."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from connectors.chunk import RECORDS, REJECTS, Chunk
from connectors.connector import Context, Sniffed
from connectors.errors import Unreadable
from schemas.tables import TABLES

AT_ONCE = 50


@dataclass(frozen=True)
class LineFile:
    path: Path
    profile: str = "drawn"
    mapping_version: str = "1"

    def chunks(self, context: Context):
        content = self.path.read_bytes()
        if not content.strip():
            raise Unreadable(f"{self.path} is empty.", "not-the-format")
        offset, lines = 0, []
        for position, line in enumerate(content.splitlines(keepends=True), 1):
            lines.append((position, offset, line.rstrip(b"\r\n")))
            offset += len(line)
        for start in range(0, len(lines), AT_ONCE):
            yield self._chunk(context, lines[start : start + AT_ONCE])

    def _chunk(self, context, lines):
        good, rejects, persons, numbers, values = [], [], [], [], []
        for position, offset, line in lines:
            if line == b"BROKEN":
                raise Unreadable(f"{self.path}: broken at record {position}.", "truncated")
            cells = [cell.strip() for cell in line.decode().split("|")]
            if not cells[0]:
                rejects.append((position, position, offset, "", "no-key", True, line))
                continue
            key, person, number, value = cells
            mark = sha256(line).hexdigest()[:32]
            good.append((position, position, offset, len(line), mark, f"line|{key}"))
            persons.append(person)
            numbers.append(number)
            values.append(value)
        records = pl.DataFrame(good, schema=RECORDS, orient="row")
        common = records.select(
            person_id=pl.Series(persons, dtype=pl.String),
            record_id="key",
            org_code=pl.lit(context.site),
            source_system=pl.lit("lines/drawn"),
            source_table=pl.lit("line"),
            source_pk=pl.col("key").str.strip_prefix("line|"),
            source_row_hash="hash",
            source_file=pl.lit(context.file),
            source_position="position",
            batch_id=pl.lit(context.batch),
            deleted=pl.lit(False),
            sec_level=pl.lit(3, dtype=pl.Int8),
        )
        found = common.with_columns(encounter_id="record_id", value_text=pl.Series(values, dtype=pl.String))
        named = common.with_columns(id_type_code=pl.lit("1"), id_value=pl.Series(numbers, dtype=pl.String)).filter(
            pl.col("id_value") != ""
        )
        # A value `short` makes a record with no observation, so that a later version can have fewer rows.
        found = found.filter(pl.col("value_text") != "short")
        tables = {"observation": whole("observation", found), "patient_identifier": whole("patient_identifier", named)}
        return Chunk(
            len(lines),
            records,
            tables,
            pl.DataFrame(rejects, schema=REJECTS, orient="row"),
            sum(len(line) + 1 for _, _, line in lines),
        )


def whole(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    schema = TABLES[table].schema()
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return rows.with_columns(absent).select(schema.names()).cast(schema)


@dataclass(frozen=True)
class Lines:
    kind: str = "lines"
    means: str = "Records drawn as lines."
    zh: str = "逐行记录"
    version: str = "1"
    takes_mapping: bool = False

    def sniff(self, path: Path) -> Sniffed | None:
        return Sniffed("lines", "drawn", 1.0, "lines", "逐行") if path.suffix == ".lines" else None

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> LineFile:  # noqa: ARG002
        return LineFile(path, mapping_version=self.version)


KINDS = {"lines": Lines()}

"""FHIR NDJSON to tables on disk: ours beside DuckDB's read_json and beside fhir.resources, on one core.

Run as `python -m tests.bench.fhir [--mb 300] [--rounds 3] [--file PATH]`. Outputs are compared before times are. DuckDB
writes the same fields as text and quarantines, types, hashes and checks nothing; fhir.resources writes nothing.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.bench.measure import call, median, side_by_side, table
from tests.bench.synthea import write

SAMPLE = 1000  # lines of each type given to fhir.resources, which needs about half a millisecond for each


def ours(path: str, folder: str) -> dict[str, float]:
    """Read, conform, hash and write every chunk as zstd Parquet; counts, and seconds without imports."""
    from connectors.connector import Context
    from connectors.kinds.fhir_r4 import CONNECTOR

    made = _fresh(folder)
    started, read, accepted, rejected = time.perf_counter(), 0, 0, 0
    for number, chunk in enumerate(CONNECTOR.open(Path(path)).chunks(Context("A", "b", "f" * 16))):
        chunk.check()
        read, accepted, rejected = read + chunk.read, accepted + chunk.records.height, rejected + chunk.rejected
        for name, rows in (*chunk.tables.items(), ("records", chunk.records), ("rejects", chunk.rejects)):
            if rows.height:
                rows.write_parquet(
                    made / f"{name}.{number}.parquet", compression="zstd", compression_level=1, statistics=False
                )
    return {"read": read, "accepted": accepted, "rejected": rejected, "seconds": time.perf_counter() - started}


CODED = "STRUCT(system VARCHAR, version VARCHAR, code VARCHAR, display VARCHAR)"
CONCEPT = f"STRUCT(coding {CODED}[], text VARCHAR)"
REFERENCE = "STRUCT(reference VARCHAR, identifier STRUCT(system VARCHAR, value VARCHAR))"
QUANTITY = "STRUCT(value VARCHAR, comparator VARCHAR, unit VARCHAR, system VARCHAR, code VARCHAR)"
PERIOD = 'STRUCT("start" VARCHAR, "end" VARCHAR)'
RESULT = (
    f"code {CONCEPT}, valueQuantity {QUANTITY}, valueString VARCHAR, valueCodeableConcept {CONCEPT}, "
    f"interpretation {CONCEPT}[], referenceRange STRUCT(low {QUANTITY}, high {QUANTITY}, text VARCHAR)[]"
)
COLUMNS = {
    "resourceType": "VARCHAR", "id": "VARCHAR", "meta": "STRUCT(lastUpdated VARCHAR, profile VARCHAR[])",
    "subject": REFERENCE, "encounter": REFERENCE, "code": CONCEPT, "category": f"{CONCEPT}[]",
    "effectiveDateTime": "VARCHAR", "issued": "VARCHAR", "performer": f"{REFERENCE}[]", "method": CONCEPT,
    "valueQuantity": QUANTITY, "valueString": "VARCHAR", "valueCodeableConcept": CONCEPT,
    "interpretation": f"{CONCEPT}[]", "referenceRange": f"STRUCT(low {QUANTITY}, high {QUANTITY}, text VARCHAR)[]",
    "component": f"STRUCT({RESULT})[]", "onsetDateTime": "VARCHAR", "recordedDate": "VARCHAR",
    "class": "STRUCT(code VARCHAR)", "period": PERIOD, "partOf": REFERENCE,
    "hospitalization": f"STRUCT(admitSource {CONCEPT}, dischargeDisposition {CONCEPT})",
    "identifier": f'STRUCT("type" {CONCEPT}, system VARCHAR, value VARCHAR, period {PERIOD}, assigner {REFERENCE})[]',
    "name": "STRUCT(text VARCHAR, family VARCHAR, given VARCHAR[])[]",
    "telecom": "STRUCT(system VARCHAR, value VARCHAR)[]",
    "gender": "VARCHAR", "birthDate": "VARCHAR", "deceasedDateTime": "VARCHAR", "maritalStatus": CONCEPT,
    "address": 'STRUCT(text VARCHAR, line VARCHAR[], city VARCHAR, district VARCHAR, "state" VARCHAR)[]',
}  # fmt: skip
# The paths that become columns of ours: one column each; lists that become rows of ours stay lists.
PATHS = tuple(
    """resourceType id meta.lastUpdated subject.reference encounter.reference code.coding[1].system
code.coding[1].version code.coding[1].code code.coding[1].display code.text category[1].coding[1].code effectiveDateTime
issued performer[1].reference method.text valueQuantity.value valueQuantity.comparator valueQuantity.unit
valueQuantity.system valueQuantity.code valueString valueCodeableConcept.text interpretation[1].coding[1].code
referenceRange[1].low.value referenceRange[1].high.value referenceRange[1].text component onsetDateTime recordedDate
class.code period.start period.end partOf.reference hospitalization.admitSource.coding[1].code
hospitalization.dischargeDisposition.coding[1].code identifier name[1].text name[1].family name[1].given[1] telecom
gender birthDate deceasedDateTime maritalStatus.coding[1].code address[1]""".split()  # noqa: SIM905 - forty names read better without quotes
)


def duckdb_peer(path: str, folder: str) -> dict[str, float]:
    """read_json with the same fields, written as zstd Parquet, on one thread; counts, and seconds without imports."""
    import duckdb

    made = _fresh(folder)
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    fields = ", ".join(f'{each} AS "{each}"' for each in PATHS)
    started = time.perf_counter()
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    [count] = connection.execute(
        f"COPY (SELECT {fields} FROM read_json('{path}', format = 'newline_delimited', columns = {{{columns}}})) "
        f"TO '{made / 'all.parquet'}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    ).fetchone() or [0]
    return {"read": count, "seconds": time.perf_counter() - started}


def validated(path: str) -> dict[str, float]:
    """fhir.resources (R4B) validating the lines of a sample; it keeps and writes nothing."""
    from fhir.resources.R4B import get_fhir_model_class

    lines = Path(path).read_bytes().splitlines()
    models = {name: get_fhir_model_class(name) for name in ("Patient", "Encounter", "Condition", "Observation")}
    started = time.perf_counter()
    for line in lines:
        models[json.loads(line)["resourceType"]].model_validate_json(line)
    return {"read": len(lines), "seconds": time.perf_counter() - started}


def compare(folder: Path) -> list[str]:
    """What differs between ours and DuckDB's, field by field; empty when nothing does."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW theirs AS FROM '{folder}/theirs/all.parquet'")
    differing = []
    for name, (source, fields) in SAME.items():
        connection.execute(
            f"CREATE OR REPLACE VIEW mine AS FROM '{folder}/ours/{name}.*.parquet' WHERE source_table = '{source}'"
        )
        for own, other in fields.items():
            query = (
                f"SELECT count(*) FROM (SELECT source_pk, {own} v FROM mine "
                "WHERE record_id = source_table || '|' || source_pk) m "
                f"FULL JOIN (SELECT id, {other} v FROM theirs WHERE resourceType = '{source}') t ON m.source_pk = t.id "
                "WHERE m.v IS DISTINCT FROM t.v"
            )
            [count] = connection.execute(query).fetchone() or [1]
            differing += [f"{name}.{own}: {count} rows"] * (count > 0)
    [ours_] = connection.execute(
        f"SELECT count(*) FROM '{folder}/ours/observation.*.parquet' WHERE record_id LIKE '%|%|c%'"
    ).fetchone() or [0]
    [theirs_] = connection.execute("SELECT sum(len(component)) FROM theirs").fetchone() or [0]
    return differing + [f"components: {ours_} and {theirs_}"] * (ours_ != theirs_)


def _clock(path: str) -> str:
    return f"""timezone('Asia/Shanghai', strptime("{path}", '%Y-%m-%dT%H:%M:%S%z'))"""


WHO = {"person_id": "replace(\"subject.reference\", 'Patient/', '')",
       "encounter_id": "replace(\"encounter.reference\", 'Encounter/', 'Encounter|')"}  # fmt: skip
SAME = {
    "observation": ("Observation", WHO | {
        "item_code": '"code.coding[1].code"', "item_name": '"code.text"', "value_text": '"valueQuantity.value"',
        "value_num": '"valueQuantity.value"::DOUBLE', "unit": '"valueQuantity.unit"',
        "category": '"category[1].coding[1].code"', "sampled_time": _clock("effectiveDateTime"),
        "reported_time": _clock("issued"),
    }),
    "condition": ("Condition", WHO | {"code": '"code.coding[1].code"', "display": '"code.coding[1].display"',
                                      "recorded_time": _clock("recordedDate")}),
    "encounter": ("Encounter", {"person_id": WHO["person_id"], "start_time": _clock("period.start"),
                                "end_time": _clock("period.end")}),
    "patient": ("Patient", {
        "birth_date": '"birthDate"::DATE', "name": '"name[1].family" || \' \' || "name[1].given[1]"',
    }),
}  # fmt: skip


def _fresh(folder: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    made = Path(folder)
    made.mkdir(parents=True)
    return made


def main() -> None:
    """Make the lines, compare outputs, then measure in turns and print the ratios."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mb", type=int, default=300)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--file", type=Path, help="lines of these four types to use instead of made ones")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-fhir-") as scratch:
        folder = Path(scratch)
        path = options.file or folder / "lines.ndjson"
        if options.file is None:
            write(path, options.mb)
        megabytes = path.stat().st_size / 1e6
        runs = side_by_side({
            "duckdb read_json -> parquet": call("tests.bench.fhir", "duckdb_peer", path, folder / "theirs"),
            "ours": call("tests.bench.fhir", "ours", path, folder / "ours"),
        }, options.rounds)  # fmt: skip
        differing = compare(folder)
        print("outputs compared: " + ("; ".join(differing) if differing else "equal"))
        print(table(runs, "duckdb read_json -> parquet", megabytes))
        inside = {name: min(run.result["seconds"] for run in each) for name, each in runs.items()}  # type: ignore[index]
        cpu = {name: median(each, "user") + median(each, "sys") for name, each in runs.items()}
        theirs, mine = runs
        print(f"without imports, best run: {inside[theirs] / inside[mine]:.2f}x the speed of DuckDB")
        print(f"by processor time, imports included: {cpu[theirs] / cpu[mine]:.2f}x")
        _beside_validation(path, folder, megabytes, inside[mine])


def _beside_validation(path: Path, folder: Path, megabytes: float, seconds: float) -> None:
    """MB/s of fhir.resources on as many lines of each type, and how many times that is ours on the whole."""
    sample, left = (
        folder / "sample.ndjson",
        dict.fromkeys((b"Patient", b"Encounter", b"Condition", b"Observation"), SAMPLE),
    )
    with path.open("rb") as every, sample.open("wb") as some:
        for line in every:
            kind = line[17:40].split(b'"')[0]
            left[kind] -= 1
            some.write(line if left[kind] >= 0 else b"")
    [run] = side_by_side({"validation": call("tests.bench.fhir", "validated", sample)}, 1)["validation"]
    rate = sample.stat().st_size / 1e6 / run.result["seconds"]  # type: ignore[index]
    print(f"fhir.resources validates {rate:.1f} MB/s; ours is {megabytes / seconds / rate:.0f}x that")


if __name__ == "__main__":
    main()

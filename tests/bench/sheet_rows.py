"""Twenty columns of outpatient visits, drawn: the rows of the benchmarks of workbooks and dBase tables, and a mapping."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

COLUMNS = ("JZLSH", "BRID", "XM", "XB", "CSRQ", "JZSJ", "KS", "YS", "ICD", "ZD", "SBP", "DBP", "TZ", "SG", "XT", "FY", "DH", "DZ", "BZ1", "BZ2")  # fmt: skip
MAPPING = """
source = "MZ"
key = ["JZLSH"]
person = ["BRID"]
[[table]]
target = "encounter"
[table.columns]
class_code = {{ value = "OP" }}
visit_no = {{ from = "JZLSH", read_as = "identifier" }}
start_time = {{ from = "JZSJ" }}
admit_dept_code = {{ from = "KS" }}
attending_physician = {{ from = "YS" }}
{encounter}
[[table]]
target = "condition"
[[table.rows]]
suffix = "dx"
when = ["ICD", "ZD"]
[table.rows.columns]
encounter_id = {{ record = true }}
code = {{ from = "ICD" }}
display = {{ from = "ZD" }}
recorded_time = {{ from = "JZSJ" }}
{condition}
"""


def visits(height: int) -> Iterator[tuple[object, ...]]:
    """Rows as a clinic has them: text, whole numbers, measured numbers and moments."""
    chance, begin = Random(7), datetime(2024, 1, 1)
    for n in range(height):
        yield (
            f"V{n:08}", f"P{chance.randrange(90_000):06}", f"甲{chance.randrange(9999)}", "男女"[n % 2],
            f"{1930 + n % 90}-0{1 + n % 9}-1{n % 9}", begin + timedelta(minutes=chance.randrange(500_000)),
            f"0{chance.randrange(1, 9)}", f"医生{chance.randrange(300)}", f"I{chance.randrange(10, 99)}.{n % 9}",
            f"诊断{chance.randrange(800)}", chance.randrange(90, 190), chance.randrange(50, 110),
            chance.randrange(4000, 9000) / 100, chance.randrange(1400, 1900) / 10, chance.randrange(300, 1500) / 100,
            chance.randrange(100, 90_000) / 100, f"000{n:08}", f"某区某路{chance.randrange(999)}号", "", "-",
        )  # fmt: skip


def mapping(folder: Path) -> Path:
    """The mapping, with every other column absent."""
    from connectors.mapping import OPTIONAL
    from schemas.table import COMMON
    from schemas.tables import TABLES

    said = {name: {line.split(" =")[0] for line in MAPPING.splitlines()} for name in ("encounter", "condition")}
    absent = {
        name: "\n".join(
            f'{column} = {{ absent = "Not in the export." }}'
            for column in TABLES[name].columns
            if column not in said[name] | set(COMMON) | set(OPTIONAL) | {TABLES[name].person}
        )
        for name in said
    }
    path = folder / "mz.toml"
    path.write_text(MAPPING.format(**absent), "utf-8")
    return path


def conformed(kind: str, path: str, mapping_: str, folder: str) -> dict[str, float]:
    """Our connector of this kind, through to zstd Parquet of the shared tables, records and rejects."""
    import time
    from importlib import import_module

    from connectors.connector import Context

    connector = import_module(f"connectors.kinds.{kind}").CONNECTOR
    made = Path(folder)
    made.mkdir(parents=True, exist_ok=True)
    started, read, accepted, rejected = time.perf_counter(), 0, 0, 0
    source = connector.open(Path(path), None, Path(mapping_))
    for number, chunk in enumerate(source.chunks(Context("A", "bench", "f"))):
        read, accepted, rejected = read + chunk.read, accepted + chunk.records.height, rejected + chunk.rejected
        for name, rows in (*chunk.tables.items(), ("records", chunk.records), ("rejects", chunk.rejects)):
            if rows.height:
                rows.write_parquet(made / f"{name}.{number}.parquet", compression="zstd", compression_level=1)
    return {"read": read, "accepted": accepted, "rejected": rejected, "seconds": time.perf_counter() - started}

"""How fast a PostgreSQL view of ten columns lands as a file, against SQLAlchemy with pandas, and how fast it is conformed.

Both read the same million rows from a server that the benchmark starts, on loopback; every value is compared as text
before a time is told. Run it as `python -m tests.bench.databases [ROWS]`.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import call, side_by_side, table
from tests.servers.asked import Site, rest_absent

ROWS, ROUNDS = 1_000_000, 3
MADE = """
CREATE TABLE lab AS SELECT n AS id, 'P' || lpad((n % 50000)::text, 8, '0') AS patient, 'V' || (n / 7) AS visit,
    'LIS' || (n % 400) AS item, '项目' || (n % 400) AS name, round((n % 9973) / 7.0, 3) AS value, 'mmol/L' AS unit,
    '2025-01-01'::timestamp + n * interval '3 second' AS reported, CASE WHEN n % 5 = 0 THEN NULL ELSE '正常' END AS flag,
    n % 3 = 0 AS urgent
FROM generate_series(1, {rows}) n
"""
TABLE = '[[table]]\nname = "lab"\nview = "lab"\nkey = ["id"]\nwatermark = { column = "reported" }\n'
CITED = {"item_code": '{ from = "item" }', "item_name": '{ from = "name" }', "value_num": '{ from = "value" }',
         "unit": '{ from = "unit" }', "result_time": '{ from = "reported" }', "value_text": '{ from = "flag" }'}  # fmt: skip


def ours(url: str, folder: str) -> int:
    """Lands all rows; returns the file's bytes."""
    site = Site(Path(folder), url)
    site.describe(TABLE, "row_cap = 100000000")
    landing = Path(folder) / "landing"
    landing.mkdir(exist_ok=True)
    size = 0
    for number, landed in enumerate(site.feed().pull({}, landing, lambda _done, _whole: None)):
        size += landed.path.stat().st_size
        landed.path.rename(landing / f"{number}.csv")
    return size


def conformed(url: str, folder: str) -> int:
    """Lands all rows and makes rows of the shared table of them; returns how many."""
    from connectors.connector import Context
    from connectors.kinds.delimited import CONNECTOR

    ours(url, folder)
    mapping = Path(folder) / "lab.toml"
    mapping.write_text(rest_absent("observation", CITED, 'source = "lab"\nkey = ["id"]\nperson = ["patient"]'))
    rows = 0
    for file in sorted((Path(folder) / "landing").glob("*.csv")):
        for chunk in CONNECTOR.open(file, mapping=mapping).chunks(Context("A", "b", "f")):
            rows += chunk.tables["observation"].height
    return rows


def theirs(url: str, folder: str) -> int:
    """SQLAlchemy and pandas, as data people do it; returns the number of rows."""
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        frame = pd.read_sql("SELECT * FROM lab ORDER BY reported, id", connection)
    frame.to_pickle(Path(folder) / "theirs.pickle")
    return len(frame)


def same(folder: Path) -> None:
    """Every value of both, as text; raises AssertionError where they differ."""
    import pandas as pd

    want = pd.read_pickle(folder / "theirs.pickle")
    files = sorted((folder / "landing").glob("*.csv"), key=lambda file: int(file.stem))
    got = pd.concat([pd.read_csv(file, dtype=str, encoding="utf-8-sig", keep_default_na=False) for file in files])
    assert len(got) == len(want)
    for name in want.columns:
        if name == "value":  # pandas makes floats of exact numbers
            assert (got[name].astype(float).to_numpy() == want[name].to_numpy()).all()
            continue
        said = want[name].map(lambda value: "" if pd.isna(value) else str(value))
        said = said.str.lower() if name == "urgent" else said
        assert (said.to_numpy() == got[name].to_numpy()).all(), name


def main() -> None:
    """Makes the server and the rows, compares, measures, prints."""
    from tests.servers.started import Postgres

    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    folder = Path(tempfile.mkdtemp(prefix="server-"))
    folder.chmod(0o755)
    try:
        server = Postgres(folder / "postgres")
        try:
            server.run(MADE.format(rows=rows), "CREATE INDEX ON lab (reported, id)", "ANALYZE lab")
            work = folder / "work"
            work.mkdir(mode=0o700)
            ours(server.url(), str(work))
            theirs(server.url(), str(work))
            same(work)
            contenders = {
                "SQLAlchemy + pandas, into memory": call("tests.bench.databases", "theirs", server.url(), work),
                "guantong, landed file": call("tests.bench.databases", "ours", server.url(), work),
                "guantong, through to rows of `observation`": call(
                    "tests.bench.databases", "conformed", server.url(), work
                ),
            }
            runs = side_by_side(contenders, ROUNDS)
        finally:
            server.end()
    finally:
        shutil.rmtree(folder)
    print(f"{rows:,} rows of 10 columns, PostgreSQL on loopback, all values equal.\n")
    print(table(runs, "SQLAlchemy + pandas, into memory"))


if __name__ == "__main__":
    main()

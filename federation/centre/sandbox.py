"""Runs one emitted question in a process of its own, with a locked DuckDB, and hands the cells back as Arrow.

Reads the pool at pinned versions and nothing else: no file, no network, no setting can be reached from its SQL.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from federation.errors import Unavailable
from federation.privacy.rules import Rules

NOT_ANSWERED = "The question could not be answered within the rules for time and memory. Ask for less at once."
LOCKS = (
    "SET temp_directory = ''",  # nothing of a patient is spilled to disk
    "SET threads = 2",
    "SET allow_community_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_unsigned_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET disabled_filesystems = 'LocalFileSystem'",
    "SET lock_configuration = true",
)


@dataclass(frozen=True)
class Job:
    """What the child is told: the pool, the pinned version of every table in it, the queries, and the limits."""

    pool: str
    versions: Mapping[str, int]
    queries: Sequence[str]
    seconds: int
    memory_mb: int


def run(pool: Path, versions: Mapping[str, int], queries: Sequence[str], rules: Rules) -> list[pa.Table]:
    """The answers to `queries`, in order. Raises Unavailable where time or memory did not suffice.

    The reason for a failure is not told: it could depend on a row.
    """
    job = Job(str(pool.resolve()), versions, queries, rules.seconds, rules.memory_mb)
    command = [sys.executable, "-P", "-m", "federation.centre.sandbox"]
    try:
        child = subprocess.run(  # noqa: S603 -- our own module; the question goes through stdin
            command, input=json.dumps(asdict(job)).encode(), capture_output=True, timeout=rules.seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(NOT_ANSWERED) from None
    if child.returncode != 0:
        raise Unavailable(NOT_ANSWERED)
    return _parts(child.stdout, len(queries))


def _parts(output: bytes, count: int) -> list[pa.Table]:
    stream, tables = pa.BufferReader(output), []
    for _ in range(count):
        with pa.ipc.open_stream(stream) as reader:
            tables.append(reader.read_all())
    return tables


def limit(job: Job) -> None:
    """Binds this process: processor time, address space, no file it could write, no core dump."""
    import resource

    reserve = 6 << 30  # address space is not memory: libraries map far more than they touch
    resource.setrlimit(resource.RLIMIT_CPU, (2 * job.seconds, 2 * job.seconds))
    resource.setrlimit(resource.RLIMIT_AS, ((job.memory_mb << 20) + reserve,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(job: Job) -> bytes:
    """The Arrow streams of all answers, one after another."""
    import duckdb

    from federation.centre.pool import Pool

    connection = duckdb.connect(":memory:")
    connection.execute(f"SET memory_limit = '{job.memory_mb}MB'")
    pool = Pool(Path(job.pool))
    for name, version in job.versions.items():
        connection.register(name, pool.dataset(name, version))
    for lock in LOCKS:
        connection.execute(lock)
    out = pa.BufferOutputStream()
    for query in job.queries:
        table = connection.sql(query).to_arrow_table()
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
    told: bytes = out.getvalue().to_pybytes()
    return told


def main() -> int:
    """Reads a job from stdin and writes its answer to stdout; says nothing else, whatever happens."""
    try:
        job = Job(**json.loads(sys.stdin.buffer.read()))
        limit(job)
        told = answer(job)
    except BaseException:  # noqa: BLE001 -- an error's words could hold a row's value
        return 1
    sys.stdout.buffer.write(told)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    # At once: under the limits, taking the libraries' threads down can abort a process that has answered already.
    os._exit(main())

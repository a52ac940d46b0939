"""Takes the tail off a Delta log: commits that no snapshot ever showed, and the files they wrote.

Safe only under the home's lock, for versions that nobody can read. A version that was shown is never touched.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from deltalake import DeltaTable

from federation.centre.sheaf import PENDING, files_of, remove_run
from federation.errors import Tampered


def drop_after(path: Path, version: int | None) -> bool:
    """Makes `version` the newest of the table in `path`, or removes the table for None; says whether it had to.

    Raises Tampered where the table does not reach `version`: then something else took rows out of the pool.
    """
    if version is None:
        if path.is_dir():
            shutil.rmtree(path)
            return True
        return False
    tail = [log for log in _commits(path) if int(log.stem) > version]
    written = [name for log in tail for name in _added(log)]
    for log in sorted(tail, reverse=True):
        _drop_checkpoint(path, int(log.stem))
        log.unlink()
    for name in written:
        (path / name).unlink(missing_ok=True)
    _must_reach(path, version)
    return _drop_pending(path) or bool(tail)


def _commits(path: Path) -> list[Path]:
    return [log for log in (path / "_delta_log").glob("*.json") if log.stem.isdigit()]


def _added(log: Path) -> Iterator[str]:
    for line in log.read_text("utf-8").splitlines():
        action = json.loads(line).get("add")
        if action:
            yield action["path"]


def _drop_checkpoint(path: Path, version: int) -> None:
    logs = path / "_delta_log"
    last = logs / "_last_checkpoint"
    if last.exists() and json.loads(last.read_text("utf-8"))["version"] >= version:
        last.unlink()
    for checkpoint in logs.glob(f"{version:020}.checkpoint*.parquet"):
        checkpoint.unlink()


def _must_reach(path: Path, version: int) -> None:
    newest = max((int(log.stem) for log in _commits(path)), default=-1)
    if newest < version:
        raise Tampered(f"Pool table `{path.name}` ends at version {newest}; the registry shows {version}. Restore it.")


def _drop_pending(path: Path) -> bool:
    mark = path / PENDING
    if not mark.exists():
        return False
    current = frozenset(files_of(DeltaTable(path)))
    run = mark.read_text("ascii").strip()
    left = [found for found in path.glob(f"*/{run}.parquet") if found.relative_to(path).as_posix() not in current]
    remove_run(path, run, current)
    mark.unlink()
    return bool(left)

"""Contenders side by side: each run in a fresh child process pinned to one core, in turns, with times and peak memory.

It measures and prints; it never decides whether a figure is good enough.
Why interleaved and pinned: absolute times on a shared machine move by half from one minute to the next; ratios do not.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALL = """
import importlib, json, sys
module, function, *arguments = sys.argv[1:]
print(json.dumps(getattr(importlib.import_module(module), function)(*arguments)))
"""


@dataclass(frozen=True)
class Run:
    """One run of one contender: seconds and the highest resident set in MB; `result` is what its last line said."""

    wall: float
    user: float
    sys: float
    peak_mb: float
    result: object = None


def call(module: str, function: str, *arguments: object) -> list[str]:
    """The command that calls `module.function(*arguments)` (all strings) in a fresh interpreter; prints JSON."""
    return [sys.executable, "-c", CALL, module, function, *map(str, arguments)]


def side_by_side(
    contenders: Mapping[str, Sequence[str]], rounds: int = 3, core: int | None = None
) -> dict[str, list[Run]]:
    """Every contender `rounds` times, in turns, on one core (the last one, unless named)."""
    core = max(os.sched_getaffinity(0)) if core is None else core
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, command in contenders.items():
            runs[name].append(run(command, core))
    return runs


def run(command: Sequence[str], core: int | None = None) -> Run:
    """One command in a fresh process, pinned where a core is named. Raises CalledProcessError when it fails."""
    pinned = ["taskset", "-c", str(core), *command] if core is not None else list(command)
    started = time.perf_counter()
    child = subprocess.Popen(pinned, stdout=subprocess.PIPE, cwd=ROOT)
    peak, said = _watch(child)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, pinned)
    return Run(wall, used.ru_utime, used.ru_stime, peak, _answer(said))


def _watch(child: "subprocess.Popen[bytes]") -> tuple[float, bytes]:
    """Peak resident MB, looked at every 10 ms, and all that was printed.

    `ru_maxrss` would not do: it counts the parent's memory up to the exec.
    """
    assert child.stdout is not None
    os.set_blocking(child.stdout.fileno(), False)
    peak, said, status = 0.0, b"", Path(f"/proc/{child.pid}/status")
    while True:
        piece = child.stdout.read()
        if piece == b"":
            return peak, said
        said += piece or b""
        peak = max(peak, _high_water_mb(status))
        time.sleep(0.01)


def _high_water_mb(status: Path) -> float:
    try:
        text = status.read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmHWM")), 0.0)


def _answer(said: bytes) -> object:
    lines = said.decode().strip().splitlines()
    try:
        return json.loads(lines[-1]) if lines else None
    except json.JSONDecodeError:
        return lines[-1]


def median(runs: Sequence[Run], what: str) -> float:
    """Median of `wall`, `user`, `sys` or `peak_mb` over the runs."""
    return float(statistics.median(getattr(each, what) for each in runs))


def table(runs: Mapping[str, Sequence[Run]], against: str, megabytes: float | None = None) -> str:
    """A markdown table of medians; `speed` is the wall time of `against` divided by the contender's own.

    `megabytes` adds a MB/s column.
    """
    base = median(runs[against], "wall")
    lines = ["| contender | wall s | user s | sys s | peak MB | MB/s | speed |", "|---|---|---|---|---|---|---|"]
    for name, each in runs.items():
        wall, user, sys_, peak = (median(each, what) for what in ("wall", "user", "sys", "peak_mb"))
        rate = f"{megabytes / wall:.0f}" if megabytes else ""
        lines.append(f"| {name} | {wall:.2f} | {user:.2f} | {sys_:.2f} | {peak:.0f} | {rate} | {base / wall:.2f}x |")
    return "\n".join(lines)

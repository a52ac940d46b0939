"""Looks at the machine a node runs on: room names, disk, permissions, fonts, time zone. Changes nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

ROOMS = ("federation", "connectors", "schemas")


@dataclass(frozen=True)
class Examined:
    """One thing looked at: what was seen, whether it is well, and what to do when it is not."""

    what: str
    well: bool
    todo: str = ""

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


def examine(home: Path, free_gb: float) -> list[Examined]:
    """Everything there is to look at, in a fixed order."""
    looks: tuple[Callable[[], Examined], ...] = (
        _python,
        _rooms,
        _fonts,
        lambda: _disk(home, free_gb),
        lambda: _writable(home),
        lambda: _private(home),
    )
    return [look() for look in looks]


def _python() -> Examined:
    version = ".".join(map(str, sys.version_info[:3]))
    return Examined(f"Python {version}", sys.version_info >= (3, 11), "Install Python 3.11 or newer.")


def _rooms() -> Examined:
    # another distribution with the same package names overwrites ours without a word when it is installed later
    owners = {owner for room in ROOMS for owner in packages_distributions().get(room) or ["guantong"]} - {"guantong"}
    return Examined(
        f"packages {', '.join(ROOMS)} belong to {', '.join(sorted(owners)) or 'guantong'}",
        not owners,
        "Use an environment of its own for guantong: `make setup`.",
    )


def _fonts() -> Examined:
    lister = shutil.which("fc-list")
    found = subprocess.run([lister, ":lang=zh"], capture_output=True, check=False).stdout if lister else b""  # noqa: S603
    return Examined(
        "a Chinese font for pictures" if found else "no Chinese font found",
        bool(found),
        "Install `fonts-noto-cjk`; without it pictures drawn as PNG lose their letters.",
    )


def _nearest(path: Path) -> Path:
    return next(parent for parent in (path, *path.resolve().parents) if parent.exists())


def _disk(home: Path, free_gb: float) -> Examined:
    free = shutil.disk_usage(_nearest(home)).free / 1e9
    return Examined(
        f"{free:.1f} GB free for {home}", free >= free_gb, f"Free at least {free_gb:g} GB, or move the home."
    )


def _writable(home: Path) -> Examined:
    return Examined(
        f"{home} can be written",
        os.access(_nearest(home), os.W_OK),
        "Make it writable for this user, or choose another with --home.",
    )


def _private(home: Path) -> Examined:
    key = home / "keys" / "person.key"
    open_to_others = key.exists() and key.stat().st_mode & 0o077
    return Examined(
        "the person key is readable by its owner only" if key.exists() else "no person key yet",
        not open_to_others,
        f"Run `chmod 600 {key}`.",
    )

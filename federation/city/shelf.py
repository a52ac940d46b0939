"""Where lines become files: encoded, cut into parts of bounded length, renamed only when whole.

A part's name tells the export and a number, never anything of a person.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from federation.city.chance import Ints
from federation.city.faults import BAD_BYTE
from federation.city.sheet import Sheet

PER_FILE = 200_000  # records
NEVER_DECODES = b"\xff"  # in UTF-8 and in GB18030 alike


@dataclass(frozen=True)
class Written:
    """One finished file. `path` is relative to the city's folder, `sha256` in hex."""

    site: str
    path: str
    records: int
    bytes: int
    sha256: str


class Shelf:
    """The growing files of one sheet. Only `close` makes the last one visible under its name."""

    def __init__(self, folder: Path, sheet: Sheet, per_file: int = PER_FILE) -> None:
        self.folder, self.sheet, self.per_file = folder, sheet, per_file
        self.written: list[Written] = []
        self._file: BinaryIO | None = None
        self._records = self._breaks = self._bytes = 0
        self._hash = hashlib.sha256()

    def add(self, lines: pl.Series, at: Ints) -> pl.DataFrame:
        """Appends the lines; returns `file`, `record` and `line` for each of the places `at` (ascending, from 0)."""
        pieces, start = [], 0
        while start < len(lines):
            if self._file is None:
                self._open()
            take = min(self.per_file - self._records, len(lines) - start)
            here = at[(at >= start) & (at < start + take)] - start
            pieces.append(self._append(lines[start : start + take], here))
            start += take
            if self._records == self.per_file:
                self._finish()
        return pl.concat(pieces) if pieces else pl.DataFrame(schema=PLACE)

    def close(self) -> list[Written]:
        """Finishes the last file; every file of the sheet, in order. A sheet without rows leaves its header alone."""
        if self._file is None and not self.written:
            self._open()
        if self._file is not None:
            self._finish()
        return self.written

    @property
    def _path(self) -> Path:
        return self.folder / self._relative

    @property
    def _relative(self) -> str:
        return f"exports/{self.sheet.site.id}/{self.sheet.stem}.{len(self.written) + 1:04}{self.sheet.suffix}"

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.with_name(self._path.name + ".part").open("wb")
        self._records = self._breaks = self._bytes = 0
        self._hash = hashlib.sha256()
        if self.sheet.header:
            mark = b"\xef\xbb\xbf" if self.sheet.bom else b""
            self._put(mark + (self.sheet.header + self.sheet.eol).encode(self.sheet.encoding))

    def _append(self, lines: pl.Series, at: Ints) -> pl.DataFrame:
        eol = self.sheet.eol
        text = lines.str.join(eol).item() + eol
        self._put(text.encode(self.sheet.encoding).replace(BAD_BYTE.encode(), NEVER_DECODES))
        record = self._records + at + 1
        line = record + bool(self.sheet.header)
        if self.sheet.multiline:
            breaks = np.r_[0, lines.str.count_matches("\n").to_numpy().astype(np.int64).cumsum()]
            line = line + self._breaks + breaks[at]
            self._breaks += int(breaks[-1])
        self._records += len(lines)
        return pl.DataFrame({"file": [self._relative] * at.size, "record": record, "line": line}, schema=PLACE)

    def _put(self, piece: bytes) -> None:
        assert self._file is not None
        self._file.write(piece)
        self._hash.update(piece)
        self._bytes += len(piece)

    def _finish(self) -> None:
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        path = self._path
        path.with_name(path.name + ".part").replace(path)
        self.written.append(
            Written(self.sheet.site.id, self._relative, self._records, self._bytes, self._hash.hexdigest())
        )


PLACE = pl.Schema({"file": pl.String(), "record": pl.Int64(), "line": pl.Int64()})

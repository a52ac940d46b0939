"""XLS of Excel 97 to 2003, through python-calamine: at most 65,536 rows of 256 columns, so a sheet is held whole.

The old format keeps numbers as doubles only: a number of sixteen digits or more is never taken for what it was.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.errors import Unreadable
from connectors.workbook.compound import chains_end
from connectors.workbook.grid import Grid, Told, gathered
from connectors.workbook.numbers import spoken
from connectors.workbook.package import Part

LARGEST = 1 << 28
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_LOCKED = "is protected with a password. Save it without one, and send it again."


def parts(path: Path) -> tuple[Part, ...]:
    """The sheets in their order; the member is the sheet's ordinal. Raises Unreadable."""
    book = _opened(path)
    states = [str(each.visible).rpartition(".")[2].lower() for each in book.sheets_metadata]
    kinds = [str(each.typ).rpartition(".")[2] for each in book.sheets_metadata]
    return tuple(
        Part(name, str(place), states[place])
        for place, name in enumerate(book.sheet_names)
        if kinds[place] == "WorkSheet"
    )


def grids(path: Path, part: Part) -> Iterator[Grid]:
    """The rows of one sheet. Raises Unreadable."""
    book = _opened(path)
    sheet = _guarded(path, lambda: book.get_sheet_by_index(int(part.member)))
    top, left = sheet.start or (0, 0)
    yield from gathered(_rows(sheet, top + 1, left))


def _rows(sheet: Any, first: int, left: int) -> Iterator[tuple[int, Mapping[int, Told]]]:
    # iter_rows begins at the first row of the sheet, to_python at the first that says something.
    for line, row in enumerate(sheet.to_python(), first):
        cells = {left + place: (*spoken(value), _raw(value)) for place, value in enumerate(row) if value != ""}
        if cells:
            yield line, cells


def _raw(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _opened(path: Path) -> Any:
    import python_calamine

    if path.stat().st_size > LARGEST:
        raise Unreadable(f"{path.name} is larger than any XLS. Save it as XLSX.")
    head = path.read_bytes()
    if _ENCRYPTED in head:
        raise Unreadable(f"{path.name} {_LOCKED}")
    if not chains_end(head):
        raise Unreadable(f"{path.name} is damaged. Copy it again, or save it as XLSX.", "truncated")
    return _guarded(path, lambda: python_calamine.CalamineWorkbook.from_path(path))


def _guarded(path: Path, read: Any) -> Any:
    """A damaged file must not end the program: the library's panics are no ordinary exceptions."""
    import python_calamine

    try:
        return read()
    except python_calamine.PasswordError as error:
        raise Unreadable(f"{path.name} {_LOCKED}") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(f"{path.name} is not a whole XLS. Copy it again, or save it as XLSX.", "truncated") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable(f"{path.name} is damaged. Copy it again, or save it as XLSX.", "truncated") from error

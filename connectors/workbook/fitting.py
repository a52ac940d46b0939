"""Which sheets of a workbook are read, and with which mapping: each sheet on its own, by its own header."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import BadMapping, ConnectorError, DoesNotFit, NoSuchKind, UnknownFormat, Unreadable
from connectors.fitting import distinct, fit
from connectors.mapping import Mapping
from connectors.workbook import forms
from connectors.workbook.header import Header, likeliest, offers
from connectors.workbook.package import Part
from connectors.workbook.sheet import Sheet, as_csv, head


@dataclass(frozen=True)
class Left:
    """A sheet that is not read: `reason` is a code of connectors.reason, `raw` its header as CSV."""

    part: Part
    number: int
    reason: str
    header: Header | None
    raw: bytes
    error: ConnectorError | None = None


def fitted(path: Path, profile: str | None, mapping: Path | None) -> tuple[list[Sheet], list[Left]]:
    """Sheets to read and sheets that are left, in the workbook's order; empty sheets are neither.

    Raises what is wrong with the fullest sheet where none can be read: UnknownFormat, DoesNotFit or Unreadable; and
    NoSuchKind or BadMapping where the mapping itself is wrong.
    """
    sheets: list[Sheet] = []
    left: list[Left] = []
    for number, part in enumerate(forms.parts(path), 1):
        rows = head(path, part)
        if not any(cell for row in rows for cell in row):
            continue
        header = likeliest(rows)
        if part.state != "visible":
            left.append(Left(part, number, "hidden-sheet", header, b""))
            continue
        found = _fitting(f"{path.name}, sheet {part.name}", rows, profile, mapping)
        if isinstance(found, ConnectorError):
            left.append(Left(part, number, "no-mapping", header, as_csv(header.names) if header else b"", found))
        else:
            sheets.append(Sheet(path, part, number, *found))
    if not sheets:
        raise _told(path, left)
    return sheets, left


def _told(path: Path, left: Sequence[Left]) -> ConnectorError:
    wrong = [each for each in left if each.error is not None]
    if wrong:
        fullest = max(wrong, key=lambda each: len(each.header.names) if each.header else 0)
        assert fullest.error is not None
        return fullest.error
    if left:
        names = ", ".join(each.part.name for each in left)
        return UnknownFormat(f"{path.name}: every sheet that holds something is hidden ({names}). Unhide what counts.")
    return Unreadable(f"{path.name}: its sheets are empty. Ask for the export again.")


def _fitting(
    where: str, rows: Sequence[Sequence[str | None]], profile: str | None, mapping: Path | None
) -> tuple[Header, Mapping] | ConnectorError:
    """The first place at which a header stands that the mapping, or a profile, fits; else why the likeliest fails."""
    first: ConnectorError | None = None
    for header in offers(rows):
        names = distinct(header.names)
        doubled = {name for name in header.names if name and header.names.count(name) > 1}
        try:
            return header, fit(where, names, profile, mapping, doubled)
        except (UnknownFormat, DoesNotFit, Unreadable) as error:
            first = first or error
        except (NoSuchKind, BadMapping):
            raise
    return first or Unreadable(f"{where} has no header of column names. Run `guantong sniff` on it.")

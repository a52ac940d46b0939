"""One type of FHIR resource: which elements are read, whose it is, and which rows it becomes."""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.fhir.draft import Draft
from connectors.fhir.elements import Elements


@dataclass(frozen=True)
class Resource:
    """`table` holds its main row; `person` is the path of the reference to the patient (empty: it has none).

    `foreign` lists paths that only another FHIR version has; `conform` adds rows to a draft.
    """

    type: str
    table: str
    person: str
    elements: Elements
    conform: Callable[[Draft], None]
    foreign: tuple[str, ...] = ()

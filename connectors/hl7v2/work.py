"""What a table's module works with: messages, the draft being made, persons, visits. It reads nothing itself."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from connectors.hl7v2.draft import Draft
from connectors.hl7v2.extras import Extras
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.messages import Messages
from connectors.hl7v2.owners import Owners, gathered, nearest


@dataclass(frozen=True)
class Work:
    """One block at work."""

    messages: Messages
    draft: Draft
    persons: Owners
    visits: Owners
    extras: Extras

    def person(self, rows: Rows) -> pl.Series:
        """Whose each row is."""
        return self.persons.of(rows)

    def encounter(self, rows: Rows) -> pl.Series:
        """The record_id of the visit each row belongs to; null where its message names none."""
        return gathered(self.visit_id, nearest(rows, self.visits.rows))

    @cached_property
    def visit_id(self) -> pl.Series:
        """The record_id of each visit."""
        return "PV1|" + self.visits.key

    def message_key(self, rows: Rows) -> pl.Series:
        """The key of each row's message, for rows that have no key of their own."""
        return self.draft.of(rows, self.messages.key)

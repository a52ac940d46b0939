"""A proposed mapping: which columns are sure, which are asked about, and which nobody knows. Pure.

What is not sure is never in force: it stands beside, for a person to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from connectors.propose.codes import CodeList, proposed
from connectors.propose.column import SourceColumn, kind_of, settled
from connectors.propose.evidence import Evidence, evidence
from connectors.propose.shared import uses
from connectors.propose.uses import KEYS, KINDS, Block
from connectors.propose.vitals import cells
from schemas.tables import TABLES


@dataclass(frozen=True)
class Proposal:
    """`source` names the table; `key` and `person` are concepts' columns, empty where nobody can be sure."""

    source: str
    kind: str
    columns: tuple[SourceColumn, ...]
    blocks: tuple[Block, ...]
    encoding: str = ""
    separator: str = ""

    @property
    def sure(self) -> dict[str, SourceColumn]:
        """Concept -> the column that surely holds it."""
        return {column.best.concept: column for column in self.columns if column.sure and column.best}

    @property
    def asked(self) -> dict[str, list[SourceColumn]]:
        """Concept -> columns that may hold it, best first, where nobody is sure."""
        found: dict[str, list[SourceColumn]] = {}
        for column in self.columns:
            if not column.sure and column.best and column.best.concept not in self.sure:
                found.setdefault(column.best.concept, []).append(column)
        return found

    @property
    def key(self) -> str:
        """The column that makes a record one record: named as such, and nearly unique."""
        for concept in KEYS[self.kind]:
            column = self.sure.get(concept)
            if column and (column.evidence.unique or not column.evidence.said):
                return column.name
        return ""

    @property
    def person(self) -> str:
        column = self.sure.get("patient") or self.sure.get("id_number")
        return column.name if column else ""

    def targets(self, concept: str) -> list[str]:
        """`table.column` of every use of a concept in the tables that are proposed."""
        tables = {block.table for block in self.blocks}
        if any(block.wide and concept in block.needs for block in self.blocks):
            return ["observation.value_num"]
        return [f"{use.table}.{use.column}" for use in uses() if use.concept == concept and use.table in tables]

    @property
    def used(self) -> list[SourceColumn]:
        """Columns that the written mapping reads."""
        named = {self.key, self.person}
        return [
            column
            for column in self.columns
            if column.name in named or (column.sure and column.best and self.targets(column.best.concept))
        ]

    @property
    def signs(self) -> list[tuple[str, str, str, str, str]]:
        """Vital signs that are sure: column, code, name, unit, unit in UCUM."""
        return list(cells(self.sure))

    def code_list(self, column: SourceColumn, table: str, target: str) -> CodeList | None:
        """The code list for a column that feeds a coded target; None where the target has none."""
        system = TABLES[table].columns[target].codes
        return proposed(column.evidence.codes, system) if system else None


def propose(
    source: str, cells: pl.DataFrame, tables: tuple[str, ...] = (), encoding: str = "", separator: str = ""
) -> Proposal:
    """A mapping for a table with these columns and first rows (all String; no row: names alone speak).

    `tables` keeps only these shared tables. The same table makes the same proposal.
    """
    found: Mapping[str, Evidence] = {name: evidence(cells[name]) for name in cells.columns}
    kind = kind_of(found)
    columns = tuple(settled(found, kind))
    held = {guess.concept for column in columns for guess in column.guesses[:1]}
    blocks = tuple(block for block in KINDS[kind] if held & set(block.needs) and (not tables or block.table in tables))
    return Proposal(source, kind, columns, blocks, encoding, separator)

"""A proposed mapping: which columns are sure, which are asked about, and which nobody knows. Pure.

What is not sure is never in force: it stands beside, for a person to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from connectors.propose.codes import CodeList, proposed
from connectors.propose.column import SourceColumn, kind_of, settled
from connectors.propose.evidence import Evidence, evidence
from connectors.propose.keys import Key, counted, fewest
from connectors.propose.shared import uses
from connectors.propose.uses import KEYS, KINDS, Block, is_stay
from connectors.propose.vitals import cells
from schemas.tables import TABLES


@dataclass(frozen=True)
class Proposal:
    """`source` names the table; `key` and `person` are concepts' columns, empty where nobody can be sure.

    `apart` are the columns that tell the rows seen apart, as far as any do.
    """

    source: str
    kind: str
    columns: tuple[SourceColumn, ...]
    blocks: tuple[Block, ...]
    encoding: str = ""
    separator: str = ""
    apart: Key | None = None

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
    def key(self) -> tuple[str, ...]:
        """The columns that make a record one record: one named as such, with those that it needs to be unique."""
        named = [column for concept in KEYS[self.kind] if (column := self.sure.get(concept))]
        for column in named:
            if column.evidence.unique or not column.evidence.said:
                return (column.name,)
        if named and self.apart is not None and self.apart.unique and named[0].name == self.apart.columns[0]:
            return self.apart.columns
        return ()

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
        named = {*self.key, self.person}
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
    apart = _apart(cells, columns, kind)
    held = {guess.concept for column in columns for guess in column.guesses[:1]}
    stay = is_stay({column.best.concept for column in columns if column.sure and column.best})
    blocks = tuple(
        block.of_stay(stay)
        for block in KINDS[kind]
        if held & set(block.needs) and (not tables or block.table in tables)
    )
    return Proposal(source, kind, columns, blocks, encoding, separator, apart)


def _apart(cells: pl.DataFrame, columns: tuple[SourceColumn, ...], kind: str) -> Key | None:
    """What the column that is named as a key needs beside it; how far it goes alone where nothing helps."""
    named = [
        column.name
        for concept in KEYS[kind]
        for column in columns
        if column.best and column.best.concept == concept and column.evidence.said
    ][:1]
    alone = counted(cells, named) if named else None
    if alone is not None and alone.unique:
        return alone
    return fewest(cells, columns, named) or alone

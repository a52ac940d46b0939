"""Statements that stand one after the other and belong together: which of them are one row.

A new row begins where a column is said again, or another part is played. Where all codes stand before all names, they
are paired by their order, but only when there are as many of both: a wrong pair would be a wrong diagnosis.
"""

from collections.abc import Sequence

from connectors.cda.wst500.item import Item

Step = tuple[str, str | None, Item]  # column, role (None: that of the row before), item
Cells = dict[str, Item]


def rows_of(steps: Sequence[Step]) -> list[tuple[str | None, Cells]]:
    """Role and cells of each row, in order."""
    if paired := _paired(steps):
        return paired
    rows: list[tuple[str | None, Cells]] = []
    for column, role, item in steps:
        last = rows[-1] if rows else None
        if last is None or column in last[1] or (role is not None and last[0] is not None and role != last[0]):
            rows.append((role, {column: item}))
        else:
            last[1][column] = item
            if last[0] is None and role is not None:
                rows[-1] = (role, last[1])
    return rows


def _paired(steps: Sequence[Step]) -> list[tuple[str | None, Cells]] | None:
    """Rows of steps that come column by column; None where they do not."""
    columns = [column for column, *_ in steps]
    runs = [column for number, column in enumerate(columns) if not number or columns[number - 1] != column]
    if len(runs) < 2 or len(set(runs)) < len(runs) or len(columns) == len(runs):
        return None
    counts = {columns.count(column) for column in runs}
    if len(counts) != 1:
        return [(role, {column: item}) for column, role, item in steps]
    height = counts.pop()
    parts = [steps[at : at + height] for at in range(0, len(steps), height)]
    return [(part[0][1], {column: item for column, _, item in part}) for part in zip(*parts, strict=True)]

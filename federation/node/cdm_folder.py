"""A folder of CDM tables as strings, for whoever compares it with the field definitions. Only reads."""

from pathlib import Path

import polars as pl

from connectors.errors import ConnectorError
from connectors.omop.laid import laid
from federation.errors import BadInput, Usage


def read_cdm(folder: Path) -> dict[str, pl.DataFrame]:
    """CDM table -> its rows, every column a String, null where it is empty; other files are left aside.

    Raises Usage where there is no such folder, BadInput where it holds no CDM table.
    """
    if not folder.is_dir():
        raise Usage(f"There is no folder {folder}.")
    found: dict[str, pl.DataFrame] = {}
    for path in sorted(folder.iterdir()):
        try:
            table = laid(path) if path.is_file() and path.suffix.lower() in {".csv", ".parquet"} else None
            if table is None:
                continue
            frames = [piece.cells for piece in table.pieces() if piece.cells.width]
        except ConnectorError:
            continue
        empty = pl.DataFrame(schema=dict.fromkeys(table.known.renamed, pl.String()))
        found[table.known.table] = pl.concat([empty, *frames]).with_columns(pl.all().replace("", None))
    if not found:
        raise BadInput(f"{folder} holds no CDM table.")
    return found

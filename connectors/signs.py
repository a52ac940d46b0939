"""Whether a column of texts holds certain ASCII signs at all: asked of all its bytes at once, not cell by cell.

It says yes or no for the whole column; which cell holds one is for others to find.
"""

import polars as pl

CONTROLS = bytes(range(32))


def hold(cells: pl.Series, signs: bytes) -> bool:
    """Whether any cell (String) holds one of these signs, each an ASCII byte: no byte of another sign is below 0x80."""
    content = cells.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()[2]
    if content is None:
        return False
    raw = content.to_pybytes()
    return raw.translate(None, signs) != raw if len(signs) > 1 else signs in raw

"""Wrong cells of the HoloClean table `hospital` (1,000 x 19, 509 wrong cells): found with and without declared dependencies.

Run as `python -m tests.evidence.hospital`. Precision and recall are of single cells; `mended` is the share of the wrong
cells found whose expected value is the right one. The published constraints stand in tests/evidence/hospital.toml.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from federation.quality.cells.dependency import Dependency, declared, found
from federation.quality.cells.doubt import doubts

HERE = Path(__file__).parent
SAMPLES = Path(os.environ.get("GUANTONG_SAMPLES", HERE.parents[2] / "shared" / "data"))
Cell = tuple[int, str]


def table(folder: Path) -> tuple[pl.DataFrame, dict[Cell, str | None]]:
    """The dirty cells, and the right value of every cell that is wrong."""
    dirty = pl.read_csv(folder / "hospital.csv", infer_schema=False)
    clean = pl.read_csv(folder / "hospital_clean.csv", infer_schema=False)
    right = {(int(row), column): value for row, column, value in clean.iter_rows()}
    wrong = {cell: value for cell, value in right.items() if dirty[cell[1]][cell[0]] != value}
    return dirty, wrong


def measured(cells: pl.DataFrame, wrong: Mapping[Cell, str | None], by: list[Dependency]) -> dict[str, float]:
    """Precision, recall, F1 and the share mended of the cells in doubt."""
    said = {(row, column): meant for row, column, _, meant, _ in doubts(cells, by).iter_rows()}
    hits = said.keys() & wrong.keys()
    precision, recall = len(hits) / len(said), len(hits) / len(wrong)
    return {
        "in doubt": len(said), "precision": precision, "recall": recall,
        "F1": 2 * precision * recall / (precision + recall),
        "mended": sum(said[cell] == wrong[cell] for cell in hits) / len(hits),
    }  # fmt: skip


def main() -> None:
    """Prints the table."""
    cells, wrong = table(SAMPLES / "tabular" / "holoclean")
    print(f"{cells.height:,} rows, {cells.width} columns, {len(wrong)} wrong cells\n")
    print(
        "| dependencies | declared or found | in doubt | precision | recall | F1 | mended |\n|---|---|---|---|---|---|---|"
    )
    for name, by in (("declared", declared(HERE / "hospital.toml", cells.columns)), ("none declared", found(cells))):
        got = measured(cells, wrong, by)
        shares = " | ".join(f"{got[key]:.3f}" for key in ("precision", "recall", "F1", "mended"))
        print(f"| {name} | {len(by)} | {got['in doubt']} | {shares} |")


if __name__ == "__main__":
    main()

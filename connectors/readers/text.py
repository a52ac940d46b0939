"""Readers of words, names and identifiers: what is written is kept, only what stands around it goes."""

from collections.abc import Sequence

import polars as pl

from connectors.readers.reader import Reader, half_width


def _text(cells: Sequence[pl.Series]) -> pl.Series:
    return cells[0]


def _joined(cells: Sequence[pl.Series]) -> pl.Series:
    return pl.select(pl.concat_str(list(cells), separator=" ", ignore_nulls=True)).to_series()


def _half(cells: Sequence[pl.Series]) -> pl.Series:
    return half_width(cells[0])


def _identifier(cells: Sequence[pl.Series]) -> pl.Series:
    return half_width(cells[0]).str.replace_all(r"\s", "").str.to_uppercase().replace("", None)


READERS = {
    "text": Reader(
        _text, "As written, outer blanks and a leading TAB gone; `-` stays.", "原文", (pl.String,), keeps_nothing=True
    ),
    "joined": Reader(_joined, "Several cells with a blank between them.", "多列拼接", (pl.String,), takes=9),
    "half-width": Reader(_half, "Full-width signs as ASCII.", "全角转半角", (pl.String,)),
    "identifier": Reader(_identifier, "Half width, capitals, no blanks; `-` is no identifier.", "证件号", (pl.String,)),
}

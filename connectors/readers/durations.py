"""Readers of ages under one year and of coma times, each in the spellings that official forms use."""

from collections.abc import Sequence

import polars as pl

from connectors.readers.reader import Reader, again, half_width

# Something must stand between the months and the 30ths: `215/30` could be 2 and 15, or 21 and 5.
_MONTHS = r"^(?:\d{1,2}\s*(?:个?月)?|(?:\d{1,2}(?:\s+|\s*(?:个?月又?|又)\s*))?\d{1,2}\s*/\s*30\s*(?:个?月)?)$"
DAYS_OF_A_MONTH = 30  # the form writes the days beyond whole months over 30 (84号文 附件2)


def _age_months(cells: Sequence[pl.Series]) -> pl.Series:
    """`2 15/30月`, `15/30`, `2月`, `2.5` -> days, a month counted as 30, as the form counts it."""
    text = cells[0]
    whole = text.str.contains(_MONTHS) & text.str.contains(r"\d")
    only_part = text.str.contains(r"^\d{1,2}\s*/\s*30")
    months = text.str.extract(r"^(\d{1,2})", 1).cast(pl.Int64, strict=False)
    part = text.str.extract(r"(\d{1,2})\s*/\s*30", 1).cast(pl.Int64, strict=False).fill_null(0)
    days = pl.when(only_part).then(part).otherwise(months * DAYS_OF_A_MONTH + part)
    decimal = (
        pl.select(pl.when(text.str.contains(r"^\d{1,2}\.\d+$")).then(text)).to_series().cast(pl.Float64, strict=False)
    )
    rounded = (decimal * DAYS_OF_A_MONTH).round().cast(pl.Int64)
    return pl.select(pl.when(whole).then(days).otherwise(rounded)).to_series()


def _minutes(cells: Sequence[pl.Series]) -> pl.Series:
    """Days, hours, minutes in three cells; an empty one counts nothing, as long as another says something."""
    parts = [cell.cast(pl.Int64, strict=False) for cell in cells]
    good = [(cell.is_null() | (part >= 0)).fill_null(False) for cell, part in zip(cells, parts, strict=True)]
    total = parts[0].fill_null(0) * 1440 + parts[1].fill_null(0) * 60 + parts[2].fill_null(0)
    said = cells[0].is_not_null() | cells[1].is_not_null() | cells[2].is_not_null()
    return pl.select(pl.when(said & good[0] & good[1] & good[2]).then(total)).to_series()


def _minutes_text(cells: Sequence[pl.Series]) -> pl.Series:
    """`1/2/30`: days, hours, minutes in one cell, as the settlement list writes it."""
    return _minutes([half_width(cells[0]).str.extract(r"^(\d+)/(\d{1,2})/(\d{1,2})$", place) for place in (1, 2, 3)])


def _begun_hours(cells: Sequence[pl.Series]) -> pl.Series:
    """`1/2/30` -> 27: an hour begun counts, as the front page asks for hours on a ventilator."""
    return (_minutes_text(cells) + 59) // 60


_INTS = (pl.Int16, pl.Int32, pl.Int64)
READERS = {
    "age-months": Reader(
        lambda cells: again(cells, _age_months), "Months and 30ths -> days.", "月龄(30分)", _INTS, 1, "bad-number"
    ),
    "days-hours-minutes": Reader(
        lambda cells: again(cells, _minutes), "Three cells -> minutes.", "天时分三列", _INTS, 3, "bad-number"
    ),
    "d/h/m": Reader(_minutes_text, "`1/2/30` -> minutes.", "天/时/分", _INTS, 1, "bad-number"),
    "d/h/m-hours": Reader(_begun_hours, "`1/2/30` -> hours begun.", "天/时/分(小时)", _INTS, 1, "bad-number"),
}

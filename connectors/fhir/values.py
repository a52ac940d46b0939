"""How FHIR R4 writes times, numbers and references, as typed columns with a reason wherever a value cannot be had.

A value that cannot be had is null and has a reason; nothing is rounded up, filled in or followed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import polars as pl

SHANGHAI = timezone(timedelta(hours=8))
_PARTIAL = r"^\d{4}(?:-\d{2})?$"
_LATE = 2**62
_OLD, _SINCE_1919, _SINCE_1992 = (
    int(datetime(year, 1, 2, tzinfo=UTC).timestamp() * 1e6) for year in (1901, 1919, 1992)
)
_SECONDS = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True)
class Typed:
    """A typed column and, row for row, the code of connectors.reason that emptied a value (null where none did)."""

    values: pl.Series
    reasons: pl.Series | None


def times(texts: pl.Series) -> Typed:
    """FHIR dateTime and instant as wall clock of Asia/Shanghai (Datetime us); a day alone is its midnight.

    A text without an offset, which R4 forbids beside a time, is taken as wall clock already.
    """
    if texts.null_count() == len(texts):
        return Typed(pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, len(texts)), None)
    tails = texts.str.slice(19)
    local = texts.str.head(19).str.to_datetime(_SECONDS, time_unit="us", strict=False)
    values = _summer(local + _shift(tails), tails)
    if values.null_count() > texts.null_count():
        missed = texts.is_not_null() & values.is_null()
        day = texts.str.to_datetime("%Y-%m-%d", time_unit="us", strict=False, exact=True)
        values = values.zip_with(~missed, day)
    return _judged(texts, values)


def _shift(tails: pl.Series) -> pl.Series:
    """What to add to the written clock, from what follows the seconds: fraction, then `Z` or an offset."""
    first = tails.drop_nulls().head(1)
    if (tails == first).all():
        return pl.Series([_micros(first.item())], dtype=pl.Duration("us")).new_from_index(0, len(tails))
    known = {tail: _micros(tail) for tail in tails.unique().drop_nulls().to_list()}
    return tails.replace_strict(
        list(known),
        pl.Series(list(known.values()), dtype=pl.Duration("us")),
        default=None,
        return_dtype=pl.Duration("us"),
    )


def _summer(clock: pl.Series, tails: pl.Series) -> pl.Series:
    """UTC plus eight as the zone's own clock: summer time until 1991 and local time before 1901 differ from it."""
    micros = clock.to_physical().fill_null(_LATE).to_numpy()
    if not ((micros < _SINCE_1992) & ((micros < _OLD) | (micros > _SINCE_1919))).any():
        return clock
    odd = (clock < datetime(1901, 1, 2)) | clock.is_between(datetime(1919, 1, 1), datetime(1991, 12, 31))  # noqa: DTZ001
    odd = (odd & tails.str.contains(r"[Z:]")).fill_null(value=False)
    zone = clock.filter(odd).dt.offset_by("-8h").dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Shanghai")
    return clock.scatter(odd.arg_true(), zone.dt.replace_time_zone(None))


def _micros(tail: str) -> timedelta | None:
    if not tail:
        return timedelta(0)
    try:
        instant = datetime.fromisoformat("2000-06-01T12:00:00" + tail)
    except ValueError:
        return None
    if instant.tzinfo is None:
        return instant - datetime(2000, 6, 1, 12)  # noqa: DTZ001
    clock = instant.astimezone(SHANGHAI).replace(tzinfo=None)
    return clock - datetime(2000, 6, 1, 12)  # noqa: DTZ001


def days(texts: pl.Series) -> Typed:
    """FHIR date, or the day of a dateTime as written there (Date)."""
    if texts.null_count() == len(texts):
        return Typed(pl.Series([None], dtype=pl.Date).new_from_index(0, len(texts)), None)
    values = texts.str.head(10).str.to_date("%Y-%m-%d", strict=False)
    shaped = texts.str.contains(r"^\d{4}-\d{2}-\d{2}(?:T|$)")
    return _judged(texts, values.zip_with(shaped.fill_null(value=False), values.clear(len(values))))


def _judged(texts: pl.Series, values: pl.Series) -> Typed:
    if values.null_count() == texts.null_count():
        return Typed(values, None)
    missed = texts.is_not_null() & values.is_null()
    judged = pl.select(
        pl.when(missed & texts.str.contains(_PARTIAL))
        .then(pl.lit("partial-date"))
        .when(missed)
        .then(pl.lit("bad-date"))
    ).to_series()
    return Typed(values, judged)


def numbers(texts: pl.Series, dtype: pl.DataType) -> Typed:
    """Numbers as JSON writes them, in the column's type; else `bad-number` or `out-of-range`."""
    if texts.null_count() == len(texts):
        return Typed(pl.Series([None], dtype=dtype).new_from_index(0, len(texts)), None)
    wide = texts.cast(pl.Float64, strict=False)
    values = texts.cast(dtype, strict=False) if dtype.is_decimal() or dtype.is_integer() else wide
    infinite = wide.is_infinite()
    if infinite.any():
        values = values.zip_with(~infinite.fill_null(value=False), values.clear(len(values)))
    if values.null_count() == texts.null_count():
        return Typed(values, None)
    missed = texts.is_not_null() & values.is_null()
    judged = pl.select(
        pl.when(missed & wide.is_null()).then(pl.lit("bad-number")).when(missed).then(pl.lit("out-of-range"))
    ).to_series()
    return Typed(values, judged)


def codes(texts: pl.Series, known: dict[str, str]) -> Typed:
    """Source codes as shared codes; a code that is not known is null and `unmapped-code`."""
    if texts.null_count() == len(texts):
        return Typed(texts, None)
    values = texts.replace_strict(known, default=None, return_dtype=pl.String)
    if values.null_count() == texts.null_count():
        return Typed(values, None)
    return Typed(values, _mark(texts.is_not_null() & values.is_null(), "unmapped-code"))


def _mark(missed: pl.Series, code: str) -> pl.Series:
    return pl.select(pl.when(missed).then(pl.lit(code))).to_series()


def reference(texts: pl.Series, kind: str | None = None) -> pl.Series:
    """The id a reference names: of `Type/id`, an absolute URL, `urn:uuid:`, `Type?identifier=system|value`.

    With `kind`, a reference that says it is of another type is null. `#contained` is null: it has no key of its own.
    """
    if texts.null_count() == len(texts):
        return texts
    ids = texts if kind is None else texts.str.strip_prefix(f"{kind}/")
    if not ids.str.contains("[/:|#?]").any():
        return ids
    bare = ids.str.replace(r"/_history/[^/]*$", "")
    found = bare.str.extract(r"^(?:[^#]*[/:|])?([^/:|#?]+)$")
    if kind is None:
        return found
    typed = bare.str.extract(r"(?:^|/)([A-Z][A-Za-z]+)[/?]")
    wrong = (typed.is_not_null() & (typed != kind)).fill_null(value=False)
    return found.zip_with(~wrong, found.clear(len(found)))

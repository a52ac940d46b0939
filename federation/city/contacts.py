"""Every contact of people with one site, and what was measured there: the rows behind FHIR and clinic exports."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from federation.city.chance import Chance, Floats, Keys
from federation.city.front_page import CATALOGUE, OTHER_PERSON, record_number
from federation.city.illnesses import ILLNESSES
from federation.city.lives import Lives
from federation.city.sites import Site

SHARED = (
    "person",
    "sex",
    "born",
    "name",
    "id_number",
    "other_id",
    "phone",
    "address",
    "hypertension",
    "diabetes",
    "payer",
)


@dataclass(frozen=True)
class Item:
    """One laboratory item: local code, LOINC, name, unit, UCUM, reference range, and how results spread.

    Of real results about one in ten thousand is below `never_low` or above `never_high`; about one in two hundred is of
    somebody gravely ill, and then lies within `ill` (after textbooks of laboratory medicine; no check knows of them).
    `other` is what a result in another usual unit is: value * factor + offset.
    """

    code: str
    loinc: str
    zh: str
    unit: str
    ucum: str
    low: float
    high: float
    mean: float
    spread: float
    digits: int
    never_low: float
    never_high: float
    ill: tuple[float, float]
    other: tuple[float, float]


ITEMS = (
    Item("GLU", "14771-0", "空腹血糖", "mmol/L", "mmol/L", 3.9, 6.1, 5.2, 0.5, 1, 1.0, 50, (12, 38), (18.02, 0)),
    Item("WBC", "6690-2", "白细胞计数", "10^9/L", "10*9/L", 3.5, 9.5, 6.5, 1.4, 1, 0.2, 180, (15, 120), (1000, 0)),
    Item("HGB", "718-7", "血红蛋白", "g/L", "g/L", 115, 175, 138, 13, 0, 25, 220, (35, 80), (0.1, 0)),
    Item("CREA", "14682-9", "肌酐", "umol/L", "umol/L", 41, 111, 74, 14, 0, 15, 1800, (180, 1300), (1 / 88.42, 0)),
    Item("HBA1C", "4548-4", "糖化血红蛋白", "%", "%", 4.0, 6.0, 5.4, 0.3, 1, 3.2, 18, (9, 16), (10.93, -23.5)),
    Item("TC", "2093-3", "总胆固醇", "mmol/L", "mmol/L", 2.8, 5.7, 4.6, 0.8, 2, 1.0, 20, (7.5, 14), (38.67, 0)),
)
GRAVELY_ILL = 0.005  # of results
GLUCOSE, WHITE_CELLS, HAEMOGLOBIN, CREATININE, HBA1C, CHOLESTEROL = range(len(ITEMS))
_INFECTIONS = [place for place, ill in enumerate(ILLNESSES) if ill.code[:3] in {"J18", "K35", "J20", "A09", "J44"}]
_KIDNEYS = [place for place, ill in enumerate(ILLNESSES) if ill.code.startswith("N18")]
_ITEM_TABLE = pl.DataFrame(
    [
        {
            "item_code": i.code,
            "loinc": i.loinc,
            "item": i.zh,
            "unit": i.unit,
            "ucum": i.ucum,
            "low": f"{i.low:g}",
            "high": f"{i.high:g}",
            "never_low": float(i.never_low),
            "never_high": float(i.never_high),
            "other_factor": float(i.other[0]),
            "other_offset": float(i.other[1]),
        }
        for i in ITEMS
    ]
)


def stays(lives: Lives, site: Site) -> pl.DataFrame:
    """Stays at the site, keyed like every other contact."""
    here = lives.stays.filter(pl.col("hospital") == site.place)
    return _kept(here.with_columns(key=here["person"] * 64 + 40 + (here["key"] % 4)), inpatient=True)


def visits(lives: Lives, site: Site) -> pl.DataFrame:
    """Outpatient visits at the site."""
    return _kept(lives.visits.filter(pl.col("place") == site.place), inpatient=False)


def contacts(lives: Lives, site: Site) -> pl.DataFrame:
    """Stays and visits by person: `key` names the contact within the person, `mrn` the person at the site."""
    both = [rows for rows in (stays(lives, site), visits(lives, site)) if rows.height]
    return pl.concat(both).sort("person", "key", maintain_order=True) if both else visits(lives, site)


def _kept(rows: pl.DataFrame, inpatient: bool) -> pl.DataFrame:
    chosen = rows.select(
        *SHARED,
        "key",
        "ill",
        "came",
        "left",
        pl.lit(inpatient).alias("inpatient"),
        pl.col("died") if inpatient else pl.lit(value=False).alias("died"),
    )
    return with_numbers(chosen, None).hstack(CATALOGUE[rows["ill"].to_numpy()])


def with_numbers(rows: pl.DataFrame, site: Site | None) -> pl.DataFrame:
    """Adds `turn`, the contact's number within its person; with a site `mrn` and `visit`, own and another person's."""
    rows = rows.with_columns(turn=(pl.col("key") % 64).cast(pl.String))
    if site is None:
        return rows
    numbers = {"mrn": record_number(site.place), "other_mrn": record_number(site.place, OTHER_PERSON)}
    own = {"visit": pl.format("{}-{}", "mrn", "turn"), "other_visit": pl.format("{}-{}", "other_mrn", "turn")}
    return rows.with_columns(**numbers).with_columns(**own)


def followups(lives: Lives, site: Site) -> pl.DataFrame:
    """Public-health follow-ups at the site."""
    return with_numbers(lives.followups.filter(pl.col("clinic") == site.place), site)


def results(rows: pl.DataFrame, chance: Chance, items: tuple[int, ...]) -> pl.DataFrame:
    """One row an item for each contact of `rows`: `value` as text, `item_key` for draws, sampled an hour after."""
    pieces = [_results_of(rows, chance, item) for item in items]
    return pl.concat(pieces).sort("person", "item_key", maintain_order=True)


def _results_of(rows: pl.DataFrame, chance: Chance, item: int) -> pl.DataFrame:
    keys = rows["key"].to_numpy() * np.uint64(16) + np.uint64(item)
    value = _values(rows, item, chance, keys)
    digits = ITEMS[item].digits
    text = [f"{number:.{digits}f}" for number in value.tolist()]
    sampled = pl.col("came") + pl.duration(minutes=40 + (pl.col("key") % 50))
    return rows.with_columns(
        *(pl.lit(cell).alias(name) for name, cell in _ITEM_TABLE.row(item, named=True).items()),
        item_key=pl.Series(keys),
        value=pl.Series(text, dtype=pl.String),
        sampled=sampled,
        reported=sampled + pl.duration(minutes=95),
        number=pl.Series(value),
    )


def _values(rows: pl.DataFrame, item: int, chance: Chance, keys: Keys) -> Floats:
    """By what ails the person: sugar in diabetes, white cells in infection, creatinine in kidney disease."""
    bell = chance.bell("result", keys, 0.0, 1.0)
    one, ill = ITEMS[item], rows["ill"].to_numpy()
    mean = np.full(rows.height, one.mean)
    diabetic = rows["diabetes"].to_numpy()
    if item == GLUCOSE:
        mean = np.where(diabetic, 8.1, mean)
    elif item == HBA1C:
        mean = np.where(diabetic, 7.3, mean)
    elif item == WHITE_CELLS:
        mean = np.where(np.isin(ill, _INFECTIONS), 11.8, mean)
    elif item == CREATININE:
        mean = np.where(np.isin(ill, _KIDNEYS), 260.0, mean)
    usual = mean + bell * one.spread * mean / one.mean
    low, high = one.ill
    how = chance.even("how ill", keys)  # most are not as ill as one can be; squared, as powers differ by machine
    return np.where(chance.yes("gravely ill", keys, GRAVELY_ILL), low + (high - low) * how * how, usual)

"""The rows behind a site's FHIR resources: one frame a resource type, with every cell its template asks for."""

import numpy as np
import polars as pl

from federation.city import fhir
from federation.city.chance import Chance
from federation.city.contacts import (
    CREATININE,
    GLUCOSE,
    HAEMOGLOBIN,
    WHITE_CELLS,
    contacts,
    results,
    stays,
    visits,
    with_numbers,
)
from federation.city.lives import Lives
from federation.city.sheet import woven
from federation.city.sites import Site

ISO = "%Y-%m-%dT%H:%M:%S+08:00"
WED = {"1": "S", "2": "M", "3": "W", "4": "D"}
DISCHARGED = ("home", "home", "home", "home", "home", "aadvice")
CAME_BY = ("emd", "outp", "outp")


def _iso(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime(ISO)


def _common(rows: pl.DataFrame, site: Site, changed: str) -> pl.DataFrame:
    """Columns every template uses: who, where, and when the record last changed."""
    numbered = with_numbers(rows, site)
    return numbered.with_columns(
        org=pl.lit(site.id),
        updated=_iso(changed),
        subject=pl.concat_str(pl.lit('"subject":{"reference":"Patient/'), "mrn", pl.lit('"},')),
        encounter=pl.concat_str(pl.lit('"encounter":{"reference":"Encounter/'), "visit", pl.lit('"},')),
    )


def organization(lives: Lives, site: Site, _: Chance) -> pl.DataFrame:
    """The site itself, once a city: beside the first person."""
    first = lives.people.filter(pl.col("person") == 0)
    return first.select(
        key=pl.col("person"),
        org=pl.lit(site.id),
        updated=pl.lit("2025-01-01T00:00:00+08:00"),
        uscc=pl.lit(site.uscc),
        org_name=pl.lit(site.zh),
    )


def patients(lives: Lives, site: Site, _: Chance) -> pl.DataFrame:
    """Everybody with a contact at the site."""
    at = "hospital" if site.tier == "tertiary" else "clinic"
    people = lives.people.filter(pl.col(at) == site.place)
    last = lives.stays.group_by("person", maintain_order=True).agg(pl.col("left", "died", "hospital").last())
    dead = last.filter(pl.col("died") & (pl.col("hospital") == site.place)).select("person", "left")
    seen = contacts(lives, site).group_by("person").agg(pl.col("came").max().alias("last_seen"))
    rows = people.join(dead, on="person", how="left", maintain_order="left")
    rows = rows.join(seen, on="person", how="left", maintain_order="left").with_columns(
        key=pl.col("person"), came=pl.lit("2026-06-30 23:00:00").str.to_datetime("%Y-%m-%d %H:%M:%S")
    )
    return _common(rows, site, "came").with_columns(
        gender=pl.when(pl.col("sex") == 1).then(pl.lit("male")).otherwise(pl.lit("female")),
        birth=pl.concat_str(pl.lit('"birthDate":"'), pl.col("born").dt.strftime("%Y-%m-%d"), pl.lit('",')),
        death=pl.when(pl.col("left").is_null())
        .then(pl.lit(""))
        .otherwise(pl.concat_str(pl.lit('"deceasedDateTime":"'), _iso("left"), pl.lit('",'))),
        wed=pl.col("marital").replace_strict(WED, return_dtype=pl.String),
    )


def encounters(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Stays and visits."""
    rows = _common(contacts(lives, site), site, "left")
    keys = rows["key"].to_numpy()
    way, source = chance.one_of("way", keys, [1] * len(DISCHARGED)), chance.one_of("source", keys, [1] * len(CAME_BY))
    days = (pl.col("left").dt.date() - pl.col("came").dt.date()).dt.total_days().cast(pl.String)
    rows = rows.with_columns(
        start=_iso("came"),
        end=_iso("left"),
        days=days,
        way=pl.when("died")
        .then(pl.lit("exp"))
        .otherwise(pl.Series([DISCHARGED[n] for n in way.tolist()], dtype=pl.String)),
        source=pl.Series([CAME_BY[n] for n in source.tolist()], dtype=pl.String),
    )
    rows = rows.with_columns(**{"class": pl.when("inpatient").then(pl.lit("IMP")).otherwise(pl.lit("AMB"))})
    return rows.with_columns(
        hospitalization=pl.when("inpatient").then(woven(fhir.HOSPITALIZATION)).otherwise(pl.lit(""))
    )


def conditions(lives: Lives, site: Site, _: Chance) -> pl.DataFrame:
    """The main diagnosis of every contact, and high blood pressure beside it in those who stay."""
    rows = contacts(lives, site)
    chronic = pl.col("inpatient") & pl.col("hypertension") & ~pl.col("C03C").str.contains("^(I10|P)")
    second = rows.filter(chronic).with_columns(C03C=pl.lit("I10.x00x002"), C04N=pl.lit("高血压病"))
    both = pl.concat([rows.with_columns(rank=pl.lit(1)), second.with_columns(rank=pl.lit(2))])
    both = _common(both.sort("person", "key", "rank"), site, "left")
    return both.with_columns(
        key=pl.col("key") * 4 + pl.col("rank").cast(pl.UInt64),
        id=pl.format("{}-d{}", "visit", "rank"),
        start=_iso("came"),
        code="C03C",
        display=pl.concat_str(pl.lit(',"display":"'), "C04N", pl.lit('"')),
        text=pl.concat_str(pl.lit(',"text":"'), "C04N", pl.lit('"')),
    )


def procedures(lives: Lives, site: Site, _: Chance) -> pl.DataFrame:
    """Operations during stays."""
    rows = _common(stays(lives, site).filter(pl.col("op_code") != ""), site, "left")
    middle = pl.col("came") + (pl.col("left") - pl.col("came")) / 3
    return rows.with_columns(
        id=pl.format("{}-o1", "visit"),
        op_start=middle.dt.strftime(ISO),
        op_end=(middle + pl.duration(minutes=90)).dt.strftime(ISO),
    )


def medications(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Prescriptions, at about half of the contacts."""
    rows = contacts(lives, site)
    rows = rows.filter(pl.Series(chance.yes("prescribed", rows["key"].to_numpy(), 0.55)))
    keys = rows["key"].to_numpy()
    supply, times = chance.whole("supply", keys, 3, 28), chance.whole("times", keys, 1, 3)
    return _common(rows, site, "came").with_columns(
        id=pl.format("{}-m1", "visit"),
        authored=(pl.col("came") + pl.duration(minutes=5)).dt.strftime(ISO),
        supply=pl.Series(supply).cast(pl.String),
        times=pl.Series(times).cast(pl.String),
        quantity=pl.Series(supply * times).cast(pl.String),
        dose=pl.col("dose").map_elements("{:g}".format, pl.String),
    )


def _measured(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Laboratory results of stays (hospital) or visits (clinic)."""
    if site.tier == "tertiary":
        return results(stays(lives, site), chance, (GLUCOSE, WHITE_CELLS, CREATININE))
    rows = visits(lives, site)
    tested = rows.filter(pl.Series(chance.yes("tested", rows["key"].to_numpy(), 0.25)))
    return results(tested, chance, (GLUCOSE, HAEMOGLOBIN))


def _laboratory(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    rows = _common(_measured(lives, site, chance), site, "reported")
    return rows.with_columns(
        key=pl.col("item_key"),
        id=pl.format("{}-{}", "visit", "item_code"),
        pressure=False,
        sampled=_iso("sampled"),
        reported=_iso("reported"),
        sbp=pl.lit(""),
        dbp=pl.lit(""),
    )


def _pressures(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Blood pressure at every contact."""
    rows = _common(contacts(lives, site), site, "came")
    keys, high = rows["key"].to_numpy(), rows["hypertension"].to_numpy()
    sbp = np.rint(chance.bell("sbp", keys, np.where(high, 144.0, 122.0), 9.0))
    dbp = np.rint(np.minimum(chance.bell("dbp", keys, np.where(high, 89.0, 77.0), 6.0), sbp - 20.0))
    return rows.with_columns(
        key=pl.col("key") * 16 + 15,
        id=pl.format("{}-bp", "visit"),
        pressure=True,
        sampled=(pl.col("came") + pl.duration(minutes=6)).dt.strftime(ISO),
        reported=pl.lit(""),
        sbp=pl.Series(sbp.astype(np.int64)).cast(pl.String),
        dbp=pl.Series(dbp.astype(np.int64)).cast(pl.String),
        **{name: pl.lit("") for name in ("item_code", "loinc", "item", "unit", "ucum", "low", "high", "value")},
        **{name: pl.lit(0.0) for name in _NUMBERS},
        item_key=pl.col("key"),
    )


_NUMBERS = ("number", "never_low", "never_high", "other_factor", "other_offset")
_OBSERVED = (
    "key",
    "person",
    "came",
    "mrn",
    "visit",
    "other_visit",
    "org",
    "updated",
    "subject",
    "encounter",
    "id",
    "pressure",
    "sampled",
    "reported",
    "sbp",
    "dbp",
    "item_code",
    "loinc",
    "item",
    "unit",
    "ucum",
    "low",
    "high",
    "value",
    *_NUMBERS,
)


def observations(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Blood pressures and laboratory results, by person."""
    both = [part(lives, site, chance).select(_OBSERVED) for part in (_pressures, _laboratory)]
    return pl.concat(both).sort("person", "key", maintain_order=True)


def laboratory_only(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Results of a laboratory system that knows the person, but not the stay."""
    return _laboratory(lives, site, chance).select(_OBSERVED).with_columns(encounter=pl.lit(""))


def reports(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """One report for the results of a contact."""
    rows = _laboratory(lives, site, chance)
    member = pl.concat_str(pl.lit('{"reference":"Observation/'), "id", pl.lit('"}'))
    together = rows.group_by("person", "visit", maintain_order=True).agg(
        pl.col("mrn", "org", "updated", "subject", "encounter", "came", "sampled", "reported").first(),
        pl.col("key").first(),
        members=member.str.join(","),
    )
    return together.with_columns(id=pl.format("{}-r", "visit"))


def reports_only(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Reports of a laboratory system that knows the person, but not the stay."""
    return reports(lives, site, chance).with_columns(encounter=pl.lit(""))

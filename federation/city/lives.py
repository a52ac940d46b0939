"""What happens to the people of one block: stays in hospital, visits, follow-ups, laboratory results.

Clean rows without any site's format; formats and errors come later. Each row's `key` is what its draws hang on.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from federation.city.chance import Chance, Floats, Ints, Keys
from federation.city.illnesses import DIABETES, HYPERTENSION, ILLNESSES
from federation.city.people import FIRST_DAY, LAST_DAY

MINUTES = 24 * 60
NEWBORN = 121  # the row of the ladder for the first four weeks of life; rows 0..120 are completed years
# A winter peak over the 18 months from January 2025.
MONTHS = tuple(np.array([1.25, 1.1, 1.05, 1.0, 0.95, 0.9, 0.9, 0.85, 0.9, 0.95, 1.05, 1.2])[np.arange(18) % 12])
MONTH_STARTS = np.arange(np.datetime64("2025-01", "M"), np.datetime64("2026-08", "M")).astype("datetime64[D]")
STARTS = MONTH_STARTS.astype(np.int64)


def _ladder(kind: str) -> Floats:
    """Cumulated chances [sex, completed years or NEWBORN, month, illness]."""
    odds = np.zeros((2, NEWBORN + 1, 12, len(ILLNESSES)))
    for place, ill in enumerate(ILLNESSES):
        weight = ill.stay if kind == "stay" else ill.clinic
        for sex in (1, 2):
            if ill.sex in (0, sex):
                rows = [NEWBORN] if ill.code.startswith("P") else [*range(ill.low, ill.high + 1)]
                odds[sex - 1, rows, :, place] = weight * np.array(ill.season)
    odds[:, NEWBORN] += 1e-9 * odds[:, 1]  # newborns at a clinic, where no perinatal illness is treated
    odds[:, 100:NEWBORN] = odds[:, 99:100]
    total = odds.cumsum(axis=3)
    return np.asarray(total / total[..., -1:])


LADDERS = {"stay": _ladder("stay"), "visit": _ladder("visit")}


@dataclass(frozen=True)
class Lives:
    """One block of people and what happens to them."""

    chance: Chance
    people: pl.DataFrame

    @cached_property
    def _person(self) -> Keys:
        return self.people["person"].to_numpy()

    @cached_property
    def _born(self) -> Ints:
        return self.people["born"].to_physical().to_numpy().astype(np.int64)

    def _days(self, name: str, keys: Keys, born: Ints, end: int = LAST_DAY) -> Ints:
        """Days in the window, more in winter, never before birth."""
        month = self.chance.one_of(f"{name} month", keys, MONTHS)
        day = STARTS[month] + np.floor(self.chance.even(f"{name} day", keys) * np.diff(STARTS)[month]).astype(np.int64)
        low = np.maximum(born, FIRST_DAY)
        again = low + np.floor(self.chance.even(f"{name} again", keys) * (end - low + 1)).astype(np.int64)
        return np.where((day < low) | (day > end), again, day)

    def _ill(self, kind: str, keys: Keys, row: Ints, day: Ints) -> Ints:
        """Which illness, by sex, age and month."""
        sex = self.people["sex"].to_numpy()[row]
        age = np.clip((day - self._born[row]) // 365, 0, 120)
        age = np.where(day - self._born[row] < 28, NEWBORN, age)
        month = (np.asarray(day).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)) % 12
        steps = LADDERS[kind][sex - 1, age, month]
        return np.asarray((steps <= self.chance.even(f"{kind} illness", keys)[:, None]).sum(axis=1))

    def _frame(self, row: Ints, **columns: np.ndarray) -> pl.DataFrame:
        return pl.concat([self.people[row], pl.DataFrame(columns)], how="horizontal")

    @cached_property
    def stays(self) -> pl.DataFrame:
        """One row a hospital stay, ordered by person: `ill`, `came`, `left` (Datetime), `days`, `seq`, `key`."""
        chance, people = self.chance, self.people
        first = np.flatnonzero(people["hospital"].to_numpy() >= 0)
        keys = self._person[first] * np.uint64(4)
        born = self._born[first]
        early = np.minimum(born + chance.whole("newborn day", keys, 0, 12), LAST_DAY - 40)
        day = np.where(born >= FIRST_DAY, early, self._days("stay", keys, born, LAST_DAY - 40))
        ill = self._ill("stay", keys, first, day)
        length = self._length(keys, ill)
        second = np.flatnonzero(chance.yes("stays again", keys, 0.14))
        again = keys[second] + np.uint64(1)
        later = day[second] + length[second] + chance.whole("until next stay", again, 9, 160)
        fits = later <= LAST_DAY - 40
        second, again, later = second[fits], again[fits], later[fits]
        ill_again = self._ill("stay", again, first[second], later)
        row, key = np.r_[first, first[second]], np.r_[keys, again]
        day, ill = np.r_[day, later], np.r_[ill, ill_again]
        length = np.r_[length, self._length(again, ill_again)]
        order = np.argsort(key)
        stays = self._times(row[order], key[order], day[order], ill[order], length[order])
        return stays.filter(~((pl.col("seq") == 2) & pl.col("died").shift(1, fill_value=False)))

    @cached_property
    def _deaths(self) -> pl.DataFrame:
        """`person`, `dies` (days since 1970) of those who died in hospital."""
        return self.stays.filter("died").select("person", dies=pl.col("day") + pl.col("days"))

    def _alive(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Nobody comes after dying."""
        known = rows.join(self._deaths, on="person", how="left", maintain_order="left")
        return known.filter(pl.col("dies").is_null() | (pl.col("day") <= pl.col("dies"))).drop("dies")

    def _length(self, keys: Keys, ill: Ints) -> Ints:
        mean = np.array([one.days for one in ILLNESSES])[ill]
        return np.clip(np.rint(self.chance.bell("length of stay", keys, mean, mean * 0.3)).astype(np.int64), 1, 40)

    def _times(self, row: Ints, key: Keys, day: Ints, ill: Ints, length: Ints) -> pl.DataFrame:
        chance = self.chance
        born_that_day = day == self._born[row]
        came = day * MINUTES + np.where(born_that_day, 1200, 0) + chance.whole("hour of admission", key, 0, 239)
        came = np.where(born_that_day, came, came + 7 * 60 + chance.whole("admission wait", key, 0, 600))
        left = (day + length) * MINUTES + chance.whole("hour of discharge", key, 8 * 60, 17 * 60)
        died = chance.yes("died", key, np.where(day - self._born[row] > 60 * 365, 0.02, 0.002))
        return self._frame(
            row,
            key=key,
            ill=ill,
            came=_moment(came),
            left=_moment(left),
            days=length,
            day=day,
            seq=(key % np.uint64(4)).astype(np.int64) + 1,
            died=died,
        )

    @cached_property
    def visits(self) -> pl.DataFrame:
        """One row an outpatient visit: at the person's clinic, or (`place` 0) at the first tertiary hospital."""
        parts = [self._clinic_visits(), self._hospital_visits()]
        return self._alive(pl.concat(parts).sort("person", "key", maintain_order=True))

    def _clinic_visits(self) -> pl.DataFrame:
        people = self.people
        goes = people["clinic"].to_numpy() >= 0
        times = self.chance.one_of("clinic visits", self._person, [0.15, 0.55, 0.22, 0.08])
        pieces = []
        for turn in range(3):
            row = np.flatnonzero(goes & ((times > turn) | (turn == 0)))
            key = self._person[row] * np.uint64(64) + np.uint64(turn)
            day = self._days("visit", key, self._born[row] + 28)
            if turn == 0:
                day = self._after_discharge(row, key, day)
            pieces.append(self._visit(row, key, day, people["clinic"].to_numpy()[row]))
        return pl.concat(pieces)

    def _after_discharge(self, row: Ints, key: Keys, day: Ints) -> Ints:
        """Whoever was in hospital sees the clinic within a month of discharge."""
        out = np.full(self.people.height, -1, dtype=np.int64)
        last = self.stays.group_by("person", maintain_order=True).agg(pl.col("day").last() + pl.col("days").last())
        out[(last["person"].to_numpy() - self._person[0]).astype(np.int64)] = last["day"].to_numpy()
        then = out[row] + self.chance.whole("after discharge", key, 3, 28)
        return np.where(out[row] >= 0, np.minimum(then, LAST_DAY), day)

    def _hospital_visits(self) -> pl.DataFrame:
        row = np.flatnonzero(
            (self.people["hospital"].to_numpy() == 0) & self.chance.yes("hospital visit", self._person, 0.35)
        )
        key = self._person[row] * np.uint64(64) + np.uint64(8)
        return self._visit(row, key, self._days("hospital visit", key, self._born[row] + 28), np.zeros(row.size, int))

    def _visit(self, row: Ints, key: Keys, day: Ints, place: Ints) -> pl.DataFrame:
        came = day * MINUTES + self.chance.whole("visit minute", key, 8 * 60, 17 * 60)
        left = came + self.chance.whole("visit minutes", key, 8, 45)
        return self._frame(
            row,
            key=key,
            ill=self._ill("visit", key, row, day),
            came=_moment(came),
            left=_moment(left),
            day=day,
            place=np.asarray(place, dtype=np.int64),
            turn=(key % np.uint64(64)).astype(np.int64),
        )

    @cached_property
    def followups(self) -> pl.DataFrame:
        """One row a public-health follow-up at the clinic, about every quarter: `program` HTN or T2DM."""
        goes = self.people["clinic"].to_numpy() >= 0
        pieces = []
        for place, (program, ill) in enumerate((("hypertension", HYPERTENSION), ("diabetes", DIABETES))):
            enrolled = goes & self.people[program].to_numpy()
            start = FIRST_DAY + self.chance.whole(f"{program} start", self._person, 0, 89)
            visits = self.chance.whole(f"{program} visits", self._person, 2, 5)
            for turn in range(5):
                row = np.flatnonzero(enrolled & (visits > turn))
                key = self._person[row] * np.uint64(64) + np.uint64(16 + place * 8 + turn)
                day = start[row] + turn * 88 + self.chance.whole("follow-up slips", key, 0, 12)
                pieces.append(self._followup(row, key, day, ill))
        return self._alive(pl.concat(pieces).sort("person", "key", maintain_order=True))

    def _followup(self, row: Ints, key: Keys, day: Ints, ill: int) -> pl.DataFrame:
        chance, size = self.chance, row.size
        high = self.people["hypertension"].to_numpy()[row]
        sbp = np.rint(chance.bell("systolic", key, np.where(high, 142.0, 124.0), 8.0)).astype(np.int64)
        dbp = np.rint(np.minimum(chance.bell("diastolic", key, np.where(high, 88.0, 78.0), 5.0), sbp - 20.0))
        glucose = chance.bell("fasting glucose", key, np.where(self.people["diabetes"].to_numpy()[row], 7.8, 5.2), 0.6)
        weight = chance.bell("weight", self._person[row], 66.0, 9.0) + chance.bell("weight now", key, 0.0, 1.0)
        minute = day * MINUTES + chance.whole("follow-up minute", key, 8 * 60, 16 * 60)
        return self._frame(
            row,
            key=key,
            ill=np.full(size, ill),
            came=_moment(minute),
            day=day,
            sbp=sbp,
            dbp=dbp.astype(np.int64),
            pulse=chance.whole("pulse", key, 58, 92),
            glucose=np.round(glucose, 1),
            weight=np.round(weight, 1),
            height=np.round(chance.bell("height", self._person[row], 164.0, 6.0)),
            mode=chance.one_of("mode", key, [6, 2, 2]) + 1,
            smokes=chance.one_of("smokes", self._person[row], [7, 3]) * chance.whole("cigarettes", key, 2, 20),
            takes=chance.one_of("takes drugs", key, [8, 1.5, 0.5]) + 1,
            next_day=day + 88 + chance.whole("next", key, 0, 5),
        )


def _moment(minutes: Ints) -> np.ndarray:
    return np.asarray(minutes).astype("datetime64[m]").astype("datetime64[us]")

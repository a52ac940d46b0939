"""Who writes a register down: slips happen to some records, and each that changed something is noted."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from federation.city.chance import Chance, Ints, Keys

Words = np.ndarray  # of object: one string a record, or None


@dataclass(frozen=True)
class Clerk:
    """Writes the records of one register; `keys` are one a record, `notes` the slips as (place, class)."""

    chance: Chance
    tier: str
    keys: Keys
    notes: list[tuple[int, str]] = field(default_factory=list)

    def hits(self, slip: str, share: float, among: np.ndarray | None = None) -> Ints:
        """Places of the records that the slip happens to, out of those it can happen to."""
        hit = self.chance.yes(f"{self.tier}|{slip}", self.keys, share)
        return np.flatnonzero(hit if among is None else hit & among)

    def drawn(self, slip: str, places: Ints) -> list[int]:
        """A number of 30 bits for each place."""
        drawn: list[int] = self.chance.whole(f"{self.tier}|{slip}|how", self.keys[places], 0, 2**30 - 1).tolist()
        return drawn

    def note(self, slip: str, places: Ints) -> None:
        """Keeps that the slip happened at these places."""
        self.notes.extend((place, slip) for place in places.tolist())

    def change(
        self,
        words: Words,
        slip: str,
        share: float,
        how: Callable[[int, int], object],
        among: np.ndarray | None = None,
    ) -> None:
        """Puts `how(place, drawn)` in place of some words; noted where it is another word."""
        places = self.hits(slip, share, among)
        for place, drawn in zip(places.tolist(), self.drawn(slip, places), strict=True):
            new = how(place, drawn)
            if new != words[place]:
                words[place] = new
                self.notes.append((place, slip))

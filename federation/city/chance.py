"""Numbers that depend only on the seed, the name of what is drawn and the key it is drawn for.

No state: the same person gets the same life whatever is drawn before, beside or after. Never used for secrets.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_21_BITS = np.uint64(0x1FFFFF)


@dataclass(frozen=True)
class Chance:
    """Draws for one seed. Keys are uint64 arrays; answers have the same length and order."""

    seed: int

    def bits(self, name: str, keys: Keys) -> Keys:
        """64 even bits a key: SplitMix64 (Steele, Lea, Flood 2014) over the key, offset by the name's hash."""
        offset = np.uint64(int.from_bytes(hashlib.sha256(f"{self.seed}|{name}".encode()).digest()[:8], "big"))
        x = (keys + np.uint64(1)) * _STEP + offset
        x = (x ^ (x >> np.uint64(30))) * _MIX_1
        x = (x ^ (x >> np.uint64(27))) * _MIX_2
        return x ^ (x >> np.uint64(31))

    def even(self, name: str, keys: Keys) -> Floats:
        """Evenly spread over [0, 1)."""
        return (self.bits(name, keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def whole(self, name: str, keys: Keys, low: int, high: int) -> Ints:
        """Whole numbers low..high, both included."""
        return low + np.floor(self.even(name, keys) * (high - low + 1)).astype(np.int64)

    def yes(self, name: str, keys: Keys, share: float | Floats) -> NDArray[np.bool_]:
        """True for the given share of keys."""
        return np.asarray(self.even(name, keys) < share)

    def one_of(self, name: str, keys: Keys, weights: list[float] | tuple[float, ...]) -> Ints:
        """Places in a list, each as often as its weight says."""
        ladder = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.minimum(np.searchsorted(ladder / ladder[-1], self.even(name, keys), side="right"), len(weights) - 1)

    def bell(self, name: str, keys: Keys, mean: float | Floats, spread: float | Floats) -> Floats:
        """Bell-shaped within three spreads: the sum of three even draws, exact on every machine (no libm)."""
        bits = self.bits(name, keys)
        parts = (bits & _21_BITS) + ((bits >> np.uint64(21)) & _21_BITS) + ((bits >> np.uint64(42)) & _21_BITS)
        made: Floats = mean + spread * 2.0 * (parts.astype(np.float64) * 2.0**-21 - 1.5)
        return made

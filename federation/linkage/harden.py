"""What is done to a Bloom encoding so that the bits of a frequent name do not stand out: keyed, the same every time.

Nothing here makes an encoding safe against who holds the key.
"""

from dataclasses import dataclass, field
from hashlib import shake_256
from typing import Self

import numpy as np
from numpy.typing import NDArray

from federation.linkage.spec import Spec

Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Fold:
    """`orders`: (fold, length) places; bit k of what leaves is the exclusive or of the bits at `orders[:, k]`."""

    orders: NDArray[np.int64] = field(repr=False)
    flip: float
    noise: bytes = field(repr=False)  # key of what is flipped

    @classmethod
    def drawn(cls, spec: Spec, key: bytes) -> Self:
        """Every order is a permutation: each bit goes into `fold` bits of what leaves. Same key, same orders."""
        size = spec.hardening.fold * spec.length * 8
        numbers = np.frombuffer(shake_256(key + b"orders").digest(size), "<u8").reshape(-1, spec.length)
        orders = np.argsort(numbers, axis=1, kind="stable")
        return cls(orders, spec.hardening.flip, shake_256(key + b"noise").digest(32))

    @property
    def length(self) -> int:
        """Bits of an encoding."""
        return int(self.orders.shape[1])

    def of(self, bits: Bits) -> Bits:
        """(length, n) bits as they may leave the site: a row a place, a column a record."""
        if len(self.orders) == 1 and not self.flip:
            return bits
        folded: Bits = bits[self.orders[0]]
        for order in self.orders[1:]:
            folded ^= bits[order]
        return folded ^ self._flipped(bits) if self.flip else folded

    def _flipped(self, bits: Bits) -> Bits:
        """Which bits are turned. Drawn from the record itself, so that sending it twice does not average it away."""
        records = np.packbits(bits.T, axis=1)
        drawn = [shake_256(self.noise + record.tobytes()).digest(self.length * 2) for record in records]
        numbers = np.frombuffer(b"".join(drawn), "<u2").reshape(bits.shape[::-1])
        return (numbers < round(self.flip * 65536)).T

"""By which rules edges become persons: from which probability on, how many of a site, how large a crowd. Handed in."""

from collections.abc import Iterator
from dataclasses import dataclass

from federation.errors import Usage

LARGEST = 500  # records; no person has so many registers, a placeholder that many share has
_STEPS = 20


@dataclass(frozen=True)
class Rules:
    """Edges from `threshold` on join; those of `floor` <= score < `ceiling` are grey: a human is asked.

    `ceiling` is the threshold where none is said. `single`: sites that claim to hold no person twice. Raises Usage.
    """

    threshold: float
    floor: float = 0.2
    ceiling: float | None = None
    single: frozenset[str] = frozenset()
    largest: int = LARGEST

    def __post_init__(self) -> None:
        if not 0 <= self.floor <= self.threshold <= self.top <= 1:
            raise Usage("A grey zone reaches from a floor over the threshold to a ceiling, all within 0..1.")
        if self.largest < 2:
            raise Usage(
                "Where not even two records may hang together nothing can be linked: let `largest` be 2 or more."
            )

    @property
    def top(self) -> float:
        """Where the grey zone ends."""
        return self.threshold if self.ceiling is None else self.ceiling

    @property
    def steps(self) -> Iterator[float]:
        """Stricter and stricter thresholds: each lets half of the doubt through, the last nothing but decisions."""
        for step in range(1, _STEPS + 1):
            yield 1 - (1 - self.threshold) / 2**step
        yield 1.0
        yield float("inf")

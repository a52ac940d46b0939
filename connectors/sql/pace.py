"""How fast rows may come: a debt of time for every row, paid by waiting. Clock and sleep are handed in."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Pace:
    """At most `per_second` rows; None for as fast as they come."""

    per_second: int | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _free_at: float = field(default=0.0)

    def after(self, rows: int) -> None:
        """Waits until so many rows more were allowed."""
        if self.per_second is None:
            return
        now = self.clock()
        self._free_at = max(self._free_at, now) + rows / self.per_second
        self.sleep(self._free_at - now)

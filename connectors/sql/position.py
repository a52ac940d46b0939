"""How far a view was read, and where to go on: pure arithmetic on watermarks and keys, kept as text.

Nothing that was written late is passed over, as long as it became visible within the overlap; nothing is read over and
over where one run cannot reach the end.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Position:
    """`mark` and `key` are those of the last row landed, in the order (mark, key); `cut` says that more rows follow.

    `sure` is the watermark up to which every row was certainly visible when it was read: after the end was reached the
    next run begins there. While runs are cut short they go on after (mark, key) instead.
    """

    mark: str | None = None
    key: tuple[str | None, ...] = ()
    cut: bool = False
    sure: str | None = None
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def begin(self) -> tuple[str | None, tuple[str | None, ...]]:
        """Watermark and key from which the next run reads, both included; (None, ()) for the beginning."""
        return (self.mark, self.key) if self.cut else (self.sure, ())

    def after(
        self, mark: str | None, key: tuple[str | None, ...], *, cut: bool, safe: str | None,
        less: Callable[[str, str], bool],
    ) -> "Position":  # fmt: skip
        """The position once rows up to (`mark`, `key`) have landed. `safe`: what was marked before it is visible.

        `less` orders watermarks.
        """
        if mark is None or safe is None:
            return replace(self, mark=mark, key=key, cut=cut)
        reached = safe if less(safe, mark) else mark
        gap = self.cut and self.sure is not None and self.mark is not None and less(self.sure, self.mark)
        return replace(self, mark=mark, key=key, cut=cut, sure=self.sure if gap else reached)

    def ended(self) -> "Position":
        """The position when a run found that nothing follows."""
        return replace(self, cut=False)

    def written(self) -> str:
        """As text for the state of a feed."""
        return json.dumps({"mark": self.mark, "key": self.key, "cut": self.cut, "sure": self.sure,
                           "columns": self.columns}, ensure_ascii=False)  # fmt: skip


def position(state: Mapping[str, str], table: str) -> Position:
    """The position of a table in the state of its feed; the beginning where there is none."""
    if table not in state:
        return Position()
    said = json.loads(state[table])
    columns = tuple((name, of) for name, of in said["columns"])
    return Position(said["mark"], tuple(said["key"]), said["cut"], said["sure"], columns)

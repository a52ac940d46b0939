"""A check: one question about each row of a frame, with its tags, its tolerance and the rule it comes from.

It only says what is right; counting, explaining and scoring are elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from federation.quality.frame import AS_OF, Frame, frame_of
from federation.quality.kind import Gbt36344, Kahn, Kind, Nhc, Severity
from federation.quality.need import Need
from schemas.errors import BadDeclaration
from schemas.table import Table


@dataclass(frozen=True, eq=False, kw_only=True)
class Check:
    """`right` is a boolean expression: true where the row is right, false where it is wrong, null where not asked.

    `tolerates` is the share of wrong rows under which the check still passes, and `because` the reason for it.
    `rule` names the published rule (`FP01`), `source` its standard and clause.
    """

    id: str
    frame: Frame
    right: pl.Expr
    kind: Kind
    means: str
    zh: str
    source: str
    rule: str = ""
    severity: Severity = Severity.ERROR
    tolerates: float = 0.0
    because: str = ""
    needs: tuple[Need, ...] = ()

    def __post_init__(self) -> None:
        if not (self.means and self.zh and self.source):
            raise BadDeclaration(f"{self.id}: say what it asks in English and Chinese, and where the rule stands.")
        if not 0 <= self.tolerates < 1 or bool(self.tolerates) != bool(self.because):
            raise BadDeclaration(f"{self.id}: a tolerance is a share below 1 and comes with `because`, or is left out.")
        known = {*self.frame.schema(), AS_OF, *(need.name for need in self.needs)}
        if unknown := set(self.right.meta.root_names()) - known:
            raise BadDeclaration(f"{self.id}: {self.frame.name} has no column {', '.join(sorted(unknown))}.")

    @property
    def asked(self) -> pl.Expr:
        """True where the row is eligible."""
        return self.right.is_not_null()

    @property
    def failed(self) -> pl.Expr:
        """True where the row violates the check; false where it is right or not asked."""
        return self.right.not_().fill_null(value=False)

    @property
    def table(self) -> str:
        """Name of the shared table whose rows are counted."""
        return self.frame.table.name

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the frame that the answer depends on, in alphabetical order."""
        made = {AS_OF, *(need.name for need in self.needs)}
        roots = {*self.right.meta.root_names(), *(name for need in self.needs for name in need.reads)}
        return tuple(sorted(roots - made))

    @property
    def nhc(self) -> Nhc:
        """Dimension of the NHC's EMR grading."""
        return self.kind.nhc

    @property
    def gbt36344(self) -> Gbt36344:
        """Dimension of GB/T 36344."""
        return self.kind.gbt36344

    @property
    def kahn(self) -> Kahn:
        """Kahn's category."""
        return self.kind.kahn

    @property
    def counts(self) -> bool:
        """Whether it counts in a score."""
        return self.severity is not Severity.INFO


def check(
    frame: Frame | type[Table],
    kind: Kind,
    *,
    zh: str,
    source: str,
    rule: str = "",
    severity: Severity = Severity.ERROR,
    tolerates: float = 0.0,
    because: str = "",
    needs: Sequence[Need] = (),
) -> Callable[[Callable[[], pl.Expr]], Check]:
    """Makes a check of a function: its name is the check's, its docstring the text for people.

    The id is `frame.function`. Raises BadDeclaration when the function names a column that its frame does not have.
    """
    asked_of = frame if isinstance(frame, Frame) else frame_of(frame)

    def declared(function: Callable[[], pl.Expr]) -> Check:
        return Check(
            id=f"{asked_of.name}.{function.__name__}",
            frame=asked_of,
            right=function(),
            kind=kind,
            means=(function.__doc__ or "").strip(),
            zh=zh,
            source=source,
            rule=rule,
            severity=severity,
            tolerates=tolerates,
            because=because,
            needs=tuple(needs),
        )

    return declared

"""What of two records is compared and what an agreement is worth to begin with: read from TOML, refused when wrong.

Conditions are DuckDB expressions over the columns of both records (`name_l`, `name_r`). They see one pair at a time,
cannot reach a file, and stand in files that the deployer writes, never in a request.
"""

import re
from importlib.resources import files
from itertools import chain
from typing import Annotated, Self

from pydantic import Field, model_validator

from federation.linkage.told import Piece, Told

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Names = Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]
_COLUMN = re.compile(r"\b([a-z][a-z0-9_]*)_[lr]\b")


class Level(Piece):
    """One way to agree. `m`: share of the pairs of one person that do so, `u`: of pairs of two; both learned anew.

    `frequency`: the column whose rare values are worth more. `fixed`: `u` stands, being too rare to be sampled.
    """

    when: Annotated[str, Field(min_length=1, max_length=1000)]
    m: Share
    u: Share
    frequency: Name | None = None
    fixed: bool = False


class Comparison(Piece):
    """The levels of one comparison, the first that holds counts; where `unknown` holds it says nothing."""

    name: Name
    unknown: Annotated[str, Field(min_length=1, max_length=1000)]
    levels: Annotated[tuple[Level, ...], Field(min_length=2, strict=False)]

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.levels[-1].when != "ELSE":
            raise ValueError("the last level has to be ELSE")
        return self


class Model(Told):
    """Which pairs are looked at (`blocks`), how they are compared, and on which pairs the model learns (`training`).

    `certain`: columns whose agreement makes a pair almost surely one person; `found`: the share of all that they find.
    """

    version: Annotated[str, Field(min_length=1, max_length=64)]
    comparisons: Annotated[tuple[Comparison, ...], Field(min_length=1, strict=False)]
    blocks: Annotated[tuple[Names, ...], Field(min_length=1, strict=False)]
    training: Annotated[tuple[Names, ...], Field(strict=False)]
    certain: Annotated[tuple[Names, ...], Field(min_length=1, strict=False)]
    found: Share

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of a record that the model reads, once."""
        told = [c.unknown for c in self.comparisons]
        told += [level.when for c in self.comparisons for level in c.levels]
        named = chain.from_iterable(_COLUMN.findall(text) for text in told)
        frequent = (level.frequency for c in self.comparisons for level in c.levels if level.frequency)
        return tuple(dict.fromkeys(chain(named, frequent, *self.blocks, *self.training, *self.certain)))

    def without(self, *columns: str) -> Self:
        """The model that never looks at these columns: their comparisons, blocks and rules are gone."""
        gone = set(columns)

        def kept(rules: tuple[Names, ...]) -> tuple[Names, ...]:
            return tuple(rule for rule in rules if not gone & set(rule))

        comparisons = tuple(c for c in self.comparisons if not gone & set(_COLUMN.findall(c.unknown)))
        rules = {name: kept(getattr(self, name)) for name in ("blocks", "training", "certain")}
        return self.model_copy(update={"comparisons": comparisons, **rules})


def city_model() -> Model:
    """The model for people of a Chinese city, as it ships."""
    return Model.told(files("federation.linkage.clear").joinpath("city.toml").read_text("utf-8"), "city.toml")

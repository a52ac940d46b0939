"""What a deployer decides about scores: how much each check weighs, where levels begin, when a site stands out.

The numbers stand in TOML beside their reasons; nothing here scores anything.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from federation.errors import BadInput
from federation.quality.check import Check
from federation.quality.kind import SCHEMES, Severity

Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Level(_Part):
    """One of the five levels; `begins` is the lowest score that reaches it, 0 to 1."""

    id: Annotated[str, Field(pattern=r"^[A-Z]$")]
    zh: str
    en: str
    begins: Annotated[Share, Field(alias="from")]


class Severities(_Part):
    """Weight of a check by its severity; an info has none."""

    error: Weight
    warn: Weight


class Peers(_Part):
    """`fewest` other sites make a comparison; what is below `least`, or within `spreads` spreads, is no difference."""

    fewest: Annotated[int, Field(ge=3)]
    least: Share
    spreads: Weight


class Standard(_Part):
    """All of it. Raises ValidationError where a number cannot be, or a name is not known."""

    version: Annotated[str, Field(min_length=1, max_length=64)]
    severity: Severities
    checks: dict[str, Weight]
    dimensions: dict[str, dict[str, Weight]]
    levels: Annotated[tuple[Level, ...], Field(min_length=5, max_length=5, strict=False)]
    peers: Peers

    @model_validator(mode="after")
    def _known(self) -> Self:
        for scheme, weights in self.dimensions.items():
            if scheme not in SCHEMES:
                raise ValueError(f"there is no scheme `{scheme}`; there are {', '.join(SCHEMES)}")
            if unknown := weights.keys() - set(SCHEMES[scheme]):
                raise ValueError(f"{scheme} has no dimension `{min(unknown)}`; it has {', '.join(SCHEMES[scheme])}")
        if self.levels[-1].begins != 0 or any(one.begins <= next_.begins for one, next_ in pairwise(self.levels)):
            raise ValueError("levels go from the best to the worst, and the last one begins at 0")
        return self

    def of_check(self, check: Check) -> float:
        """How much a check weighs within its dimension: by its id, else by its rule, else by its severity."""
        if check.severity is Severity.INFO:
            return 0.0
        by_severity = self.severity.error if check.severity is Severity.ERROR else self.severity.warn
        return self.checks.get(check.id, self.checks.get(check.rule, by_severity))

    def of_dimension(self, scheme: str, dimension: str) -> float:
        """How much a dimension weighs in the total of its scheme."""
        return self.dimensions.get(scheme, {}).get(dimension, 1.0)

    def level(self, score: float) -> Level:
        """The level that a score (0 to 1) reaches."""
        return next(each for each in self.levels if score >= each.begins)


def standard(own: Path | None = None) -> Standard:
    """The shipped standard, with what the file `own` says instead where it exists; raises BadInput if that is wrong."""
    try:
        said = tomllib.loads(own.read_text("utf-8-sig")) if own is not None and own.exists() else {}
        return Standard.model_validate(_over(_shipped(), said))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{own} is not TOML in UTF-8: {error}.") from error
    except ValidationError as error:
        raise BadInput(f"{own} cannot be used. {'; '.join(map(_words, error.errors(include_input=False)))}.") from error


def _shipped() -> dict[str, Any]:
    return tomllib.loads(files("federation.quality").joinpath("standard.toml").read_text("utf-8"))


def _over(shipped: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are laid over each other name by name; anything else is replaced as a whole."""
    both = {**shipped, **said}
    tables = {name for name in shipped.keys() & said.keys() if isinstance(shipped[name], dict)}
    return both | {name: _over(shipped[name], said[name]) for name in tables if isinstance(said[name], dict)}


def _words(problem: Mapping[str, Any]) -> str:
    place = ".".join(map(str, problem["loc"]))
    return f"`{place}`: {problem['msg']}" if place else str(problem["msg"])

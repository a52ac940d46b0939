"""What of a person goes into an encoding, how much of it, and under which salts: read from TOML, the same everywhere.

Two sites can only be compared under the same spec. Nothing here holds a key or sees a person.
"""

from importlib.resources import files
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from federation.linkage.told import Piece, Told

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Features = Literal["characters", "pairs", "syllables", "places", "whole"]


class Encoded(Piece):
    """One column, how it is cut into features, and about how many bits all features of one record set together."""

    column: Name
    features: Features
    bits: Annotated[int, Field(ge=1, le=2048)]


class Part(Piece):
    """`size` characters of a column from place `at`; the whole column where no size is given."""

    column: Name
    at: Annotated[int, Field(ge=0, le=64)] = 0
    size: Annotated[int, Field(ge=1, le=64)] | None = None


class Salting(Piece):
    """Records are encoded once a salting, and compared with those of the same salt only: the salt is also the block.

    `exact`: the salt is an identifier, so that equal blocks speak for one person, and unequal ones against it.
    """

    name: Name
    parts: Annotated[tuple[Part, ...], Field(min_length=1, strict=False)]
    exact: bool = False


class Hardening(Piece):
    """Each bit kept is the exclusive or of `fold` bits, drawn by the key (diffusion: Armknecht, Heng, Schnell 2023).

    1 hardens nothing. `flip` of the bits are drawn anew (BLIP: Schnell, Borgs 2016); 0 leaves all as they are.
    """

    fold: Annotated[int, Field(ge=1, le=8)]
    flip: Annotated[float, Field(ge=0, le=0.5, allow_inf_nan=False)] = 0.0


class Spec(Told):
    """All of it; `version` goes with every encoding. Raises ValidationError where a number cannot be."""

    version: Annotated[str, Field(min_length=1, max_length=64)]
    length: Literal[256, 512, 1024, 2048, 4096]  # powers of two: two random bytes then name each place equally often
    fields: Annotated[tuple[Encoded, ...], Field(min_length=1, strict=False)]
    saltings: Annotated[tuple[Salting, ...], Field(strict=False)]
    hardening: Hardening

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        for names in ([salting.name for salting in self.saltings], [(f.column, f.features) for f in self.fields]):
            if len(set(names)) < len(names):
                raise ValueError("the same field or salting is named twice")
        return self

    @property
    def exact(self) -> tuple[str, ...]:
        """The saltings that are identifiers."""
        return tuple(salting.name for salting in self.saltings if salting.exact)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the spec reads, in order, once."""
        named = [field.column for field in self.fields]
        named += [part.column for salting in self.saltings for part in salting.parts]
        return tuple(dict.fromkeys(named))


def city_spec() -> Spec:
    """The spec for people of a Chinese city, as it ships."""
    return Spec.told(files("federation.linkage").joinpath("city.toml").read_text("utf-8"), "city.toml")

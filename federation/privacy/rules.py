"""The city's rules for answers: how small a cell may be, how much one person may weigh, what a question may cost.

The floor is in the code: no setting shows a cell of fewer than five persons.
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.errors import BadInput

FLOOR = 5


class Rules(BaseModel):
    """`k`: fewest distinct persons of a cell; `dominance`: largest share of one person in a sum or mean, 0 to 1."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    k: Annotated[int, Field(ge=FLOOR)]
    dominance: Annotated[float, Field(gt=0, le=1)]
    seconds: Annotated[int, Field(ge=1, le=3600)]
    memory_mb: Annotated[int, Field(ge=256)]


def rules(own: Path | None = None) -> Rules:
    """The shipped rules, with what the file `own` says instead where it exists; raises BadInput where it is wrong."""
    shipped = tomllib.loads(files("federation.privacy").joinpath("rules.toml").read_text("utf-8"))
    try:
        said = tomllib.loads(own.read_text("utf-8")) if own is not None and own.exists() else {}
        return Rules(**{**shipped, **said})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{own} is not TOML: {error}.") from error
    except ValidationError as error:
        wrong = "; ".join(f"`{'.'.join(map(str, item['loc']))}`: {item['msg']}" for item in error.errors())
        raise BadInput(
            f"{own} cannot be used. {wrong}. No cell of fewer than {FLOOR} persons is ever shown."
        ) from error

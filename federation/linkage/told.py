"""What a deployer says in TOML, as one strict model: refused with file and place when it is wrong, never guessed."""

import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from federation.errors import BadInput


class Piece(BaseModel):
    """A part of it: nothing unknown is taken, nothing is turned into another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Told(Piece):
    """All of one file."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """What a TOML file says. Raises BadInput that names the file and the place."""
        return cls.told(path.read_text("utf-8"), path.name)

    @classmethod
    def told(cls, text: str, name: str) -> Self:
        """What the text of a TOML file of that name says. Raises BadInput."""
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise BadInput(f"{name} is no TOML: {error}. Mend it.") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or f"the {cls.__name__.lower()}"
            raise BadInput(f"{name}: {where}: {first['msg']}. Mend it.") from None

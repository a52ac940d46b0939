"""A TOML file that describes a source to be asked: its `kind` says who asks. Holds no record and no secret."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.errors import BadMapping

LONGEST = 1 << 20
SUFFIX = ".toml"
Model = TypeVar("Model", bound=BaseModel)


def kind_of(path: Path) -> str:
    """What the description says its kind is; empty where the file is no description."""
    if path.suffix != SUFFIX or not path.is_file() or path.stat().st_size > LONGEST:
        return ""
    try:
        said = tomllib.loads(path.read_text("utf-8-sig")).get("kind", "")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    return said if isinstance(said, str) else ""


def described(path: Path, model: type[Model], docs: str) -> Model:
    """The description as a strict model; `docs` is the page that explains it.

    Raises BadMapping: file, place, what is wrong; never what stands there, for it may be a password.
    """
    try:
        return model.model_validate(_document(path))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "as a whole"
        raise BadMapping(path.name, f"`{place}`: {first['msg']}", f"Correct it; see {docs}.") from None


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LONGEST:
            raise BadMapping(path.name, "is larger than 1 MiB", "A description is a page of text.")
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise BadMapping(path.name, f"cannot be read: {error.strerror}", "Name a file that can be read.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The parser's own words may show what stands in the file.
        line = getattr(error, "lineno", 0)
        raise BadMapping(path.name, f"is not TOML in UTF-8{f', line {line}' if line else ''}", "Correct it.") from None

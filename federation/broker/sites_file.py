"""Sites as a deployer writes them: TOML with one [[site]] table each. Refused whole where one of them is wrong."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from federation.broker.site import Site
from federation.errors import BadInput


def read_sites(path: Path) -> list[Site]:
    """The sites of a file; raises BadInput that names the file, the place and what to mend."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is not TOML: {error}.") from error
    listed = said.get("site")
    if set(said) != {"site"} or not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadInput(f"{path.name} holds no list of sites. Write one [[site]] table for each, and nothing else.")
    return [as_site(one, f"{path.name}, site {place}") for place, one in enumerate(listed, 1)]


def as_site(words: dict[str, Any], where: str) -> Site:
    """A site from its words; raises BadInput that says where they stand."""
    try:
        return Site(**words)
    except ValidationError as error:
        wrong = "; ".join(f"`{'.'.join(map(str, item['loc']))}`: {item['msg']}" for item in error.errors())
        raise BadInput(f"{where}: {wrong}.") from error

"""Opens the registry of a home for the verbs that change it: makes the folder, turns a bad disk into one sentence."""

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from federation.broker.database import open_database
from federation.errors import Unavailable, Usage

DATABASE = "guantong.db"


def registry(home: Path, make: bool = False) -> Engine:
    """The registry in `home`; with `make`, a new one where there is none, otherwise Usage."""
    path = home / DATABASE
    try:
        if make:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not path.exists():
            raise Usage(f"{home} is not a home yet: it has no registry. `guantong site add` makes one.")
        return open_database(path)
    except OSError as error:
        raise Unavailable(f"{home} cannot be used: {error.strerror}.") from error
    except DBAPIError as error:
        raise Unavailable(f"The registry in {home} cannot be opened: {error.orig}.") from error

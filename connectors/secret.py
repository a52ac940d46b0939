"""A secret that a description names and never holds: from the environment, or from a file that only its owner reads.

Never shows the secret, and never takes one from a file that others can read.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from connectors.errors import BadMapping

LONGEST = 1 << 16


def secret(where: str, env: str, file: str, environment: Mapping[str, str] | None = None) -> str:
    """The text of the variable `env`, or of `file`: exactly one of the two is named. `where` is who asks.

    Raises BadMapping where it is not there, empty, or in a file that is not this user's with mode 0600 or 0400.
    """
    if bool(env) == bool(file):
        raise BadMapping(where, "must name a secret in one place", "Say either the variable or the file it is in.")
    found = (os.environ if environment is None else environment).get(env, "") if env else _of_file(where, Path(file))
    if not found.strip():
        place = f"the environment variable {env}" if env else f"the file {file}"
        raise BadMapping(where, f"{place} is empty or not set", "Put the secret there, and nowhere else.")
    return found.strip()


def _of_file(where: str, file: Path) -> str:
    try:
        with file.open("rb") as content:
            about = os.fstat(content.fileno())
            if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & 0o177:
                raise BadMapping(where, f"others may read {file}, or it is another user's",
                                 f"Run: chmod 600 {file}, as the user that runs this program.")  # fmt: skip
            return content.read(LONGEST).decode("utf-8")
    except OSError as error:
        raise BadMapping(where, f"{file} cannot be read: {error.strerror}", "Name the file that holds it.") from error
    except UnicodeDecodeError:
        raise BadMapping(where, f"{file} is not UTF-8", "Write the secret as text.") from None

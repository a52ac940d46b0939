"""What can go wrong between the site's tables and the city's answers. Status is the HTTP status of the branch.

    FederationError           base; every branch knows its exit code                     exit   status
    ├── Usage                 asked for something that is not there, or in a wrong way      2      400
    ├── BadInput              a file or document cannot be used                             3      422
    ├── Refused               a rule says no; `reasons` says which                          1      403
    ├── Tampered              a ledger, key or file is not what was recorded                1      409
    ├── Unbalanced            read is not accepted + rejected + duplicate                   1      409
    ├── Unavailable           disk full, read-only home, locked by another process          4      503
    └── Interrupted           stopped by the user; run the same command again               4      503

A message says what, where and what to do; never a patient's value.
"""

from collections.abc import Sequence


class FederationError(Exception):
    """Says what, where and what to do; never a patient's value."""

    exit_code = 1
    status = 500


class Usage(FederationError):
    """Asked for something that is not there, or in a wrong way."""

    exit_code = 2
    status = 400


class BadInput(FederationError):
    """A file or document cannot be used."""

    exit_code = 3
    status = 422


class Refused(FederationError):
    """A rule says no. `reasons` says which, one sentence each."""

    status = 403

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class Tampered(FederationError):
    """A ledger, key or file is not what was recorded."""

    status = 409


class Unbalanced(FederationError):
    """Records were lost or doubled: read is not accepted + rejected + duplicate."""

    status = 409


class Unavailable(FederationError):
    """Disk full, read-only home, or a home that another process is writing. Nothing was half done."""

    exit_code = 4
    status = 503


class Interrupted(FederationError):
    """Stopped by the user. Run the same command again to go on."""

    exit_code = 4
    status = 503

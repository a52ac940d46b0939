"""What can go wrong while reading a source.

    ConnectorError          base                                                        exit 3
    ├── Unreadable          the file as a whole cannot be read: empty, not the format   exit 3
    ├── UnknownFormat       no kind or profile knows the file; the nearest is named     exit 3
    ├── Unreachable         a database or server does not answer; ask again later       exit 4
    ├── NoSuchKind          a kind or profile was asked for that is not there           exit 2
    └── BadMapping          a mapping contradicts itself or the shared tables           exit 2
        └── DoesNotFit      this file has not the columns that its mapping needs        exit 2; one of many: exit 3

A message says what, where and what to do; never a patient's value.
"""


class ConnectorError(Exception):
    """A source could not be read; says what, where and what to do, never a patient's value."""


class Unreadable(ConnectorError):
    """The file as a whole cannot be read. `reason` is a code of connectors.reason."""

    def __init__(self, message: str, reason: str = "not-the-format") -> None:
        super().__init__(message)
        self.reason = reason


class UnknownFormat(ConnectorError):
    """No kind or profile knows the file."""


class Unreachable(ConnectorError):
    """A database or a server does not answer, or stopped answering. What had landed stays usable; ask again later."""


class NoSuchKind(ConnectorError):
    """A kind or profile was asked for that is not there."""


class BadMapping(ConnectorError):
    """A mapping contradicts itself or the shared tables; raised when it is loaded."""

    def __init__(self, where: str, what: str, todo: str) -> None:
        super().__init__(f"{where}: {what}. {todo}")


class DoesNotFit(BadMapping):
    """The file has not the columns that the mapping needs: other files of the same batch may have them."""

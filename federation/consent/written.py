"""The text of what an organisation wrote and signed, as it stands in its file. Only reads."""

from pathlib import Path

from federation.errors import BadInput


def text_of(path: Path) -> str:
    """The file's text; raises BadInput that says what to mend."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}.") from error

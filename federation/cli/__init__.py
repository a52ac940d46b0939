"""The `guantong` command: one file a verb, imported only when it is called, so that help is instant."""

from federation.cli.main import main

__all__ = ["main"]

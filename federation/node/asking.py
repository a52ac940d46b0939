"""The step of `ingest` that asks: descriptions of databases and servers give way to the files that they answer with.

What had landed before is read first. A source that does not answer is said at the end; it takes nothing away.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from connectors.connector import Asker
from connectors.errors import ConnectorError, Unreachable
from connectors.feed import Feed
from federation.broker.site import site_id
from federation.errors import Usage
from federation.node.collect import Left
from federation.node.feeds import Reached, reached
from federation.node.landing import Folder, Landing
from federation.node.name import spoken
from federation.node.run import Run

TRIAL = 100  # records that a dry run asks for
DESCRIPTION = ".toml"


def ask(run: Run) -> None:
    """Asks every description among the files found. Other TOML files of a folder are mappings: they are passed over."""
    files: list[Path] = []
    for path in run.found.files:
        asker = _asker(run, path)
        if asker is not None:
            files += _answers(run, asker, path)
        elif path.suffix == DESCRIPTION and path not in run.paths:
            left = Left(spoken(path), "description", "It describes, and holds no records. Name it where it is needed.")
            run.found = replace(run.found, skipped=(*run.found.skipped, left))
        else:
            files.append(path)
    run.found = replace(run.found, files=tuple(files))


def _asker(run: Run, path: Path) -> Asker | None:
    """Who asks, where the file is a description."""
    if path.suffix != DESCRIPTION or not path.is_file():
        return None
    said = run.sources.kind
    for kind, connector in run.sources.kinds.items():
        if isinstance(connector, Asker) and (kind == said if said else connector.sniff(path) is not None):
            return connector
    return None


def _answers(run: Run, asker: Asker, path: Path) -> Iterator[Path]:
    """Files to read, in the order in which they landed; every one is remembered in `run.landings`."""
    try:
        feed = asker.feed(path, TRIAL if run.dry else None)
        try:
            for landing in _landings(run, feed, path):
                run.landings[landing.landed.path] = landing
                yield landing.landed.path
        finally:
            run.notes += feed.notes
    except Unreachable as error:
        run.unreachable.append(Left(spoken(path), "unreachable", spoken(str(error))))
    except ConnectorError as error:
        run.unreadable.append(Left(spoken(path), getattr(error, "reason", "bad-description"), spoken(str(error))))


def _landings(run: Run, feed: Feed, path: Path) -> Iterator[Landing]:
    with run.home.engine.connect() as connection:
        before = reached(connection, run.site, _named(run, feed, path))
    at = run.home.staging / f"{feed.name}.landing.tmp" if run.dry else run.home.landing(run.site, feed.name)
    folder = run.folders[feed.name] = Folder.of(at, feed, path)
    waiting = [] if run.dry else folder.waiting(before.landed)
    since: Reached = waiting[-1].reached if waiting else before
    for landing in chain(waiting, folder.pull(feed, since, run.tell_asking)):
        run.at(f"landed {landing.landed.path.name}")
        yield landing


def _named(run: Run, feed: Feed, path: Path) -> str:
    """The feed's name, under which the home remembers it. Raises Usage where it cannot be one or is there twice."""
    try:
        name = site_id(feed.name)
    except ValueError:
        raise Usage(f"{path}: `{feed.name}` cannot be a name of a source: letters, digits, `.`, `_`, `-`.") from None
    if name in run.folders:
        raise Usage(f"{path}: another description is named `{name}` too. Give each `name` of its own.")
    return name

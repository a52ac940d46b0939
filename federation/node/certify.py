"""Issues the certificate of a site's recorded batches, and looks whether one still fits the rows it was issued for.

The home's own key signs; it is made when it is first needed, and never shown.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path
from secrets import token_bytes
from typing import Any

import polars as pl

from connectors.several import several
from federation.broker.canonical import canonical
from federation.broker.recording import recording
from federation.broker.site import find_site
from federation.errors import BadInput, Tampered, Usage
from federation.node.batch import part_folders
from federation.node.events import STANDING
from federation.node.gone import came
from federation.node.home import Home, keep_key
from federation.node.journal import BatchRow, batches
from federation.node.kept import kept
from federation.node.library import library_of
from federation.node.site_rows import site_rows
from federation.privacy.signature import PROFILES, SECRET_BYTES, Signature, fingerprint, must_match, sign
from federation.quality.certificate import FORM, Content, certificate, differences, library_digest
from federation.quality.count import count, merge
from federation.quality.library import all_checks

SHOWN = 5  # differences that are said
Tell = Callable[[int, int], None]  # batches done, batches in all


@dataclass(frozen=True)
class Verified:
    """A certificate that is what was signed. `later` counts the site's batches that came after it."""

    site: str
    issued: str
    fingerprint: str
    ours: bool  # signed with this home's key
    data: bool  # compared with the rows
    rescored: bool
    later: int
    other_library: bool


def issue(home: Home, site: str, now: datetime, profile: str, tell: Tell) -> dict[str, Any]:
    """A signed certificate of all recorded batches of the site, entered in the ledger.

    Raises Usage where the site is unknown, has no batch, or the profile is not there.
    """
    with home.engine.connect() as connection:
        find_site(connection, site)
        recorded = batches(connection, site)
    if not recorded:
        raise Usage(f"{site} has sent nothing yet: there is nothing to certify.")
    document = _document(home, site, recorded, now.isoformat(), kept, tell)
    signature = sign(profile, _secret(home, profile), canonical(document).encode(), token_bytes(SECRET_BYTES))
    with recording(home.engine, home.path) as ledger:
        about = {"site": site, "content": document["content"]["digest"], "key": fingerprint(signature.public)}
        ledger.append("certificate", about, now)
    return {"certificate": document, "signature": asdict(signature)}


def verify(signed: Any, home: Home | None, rescore: bool, tell: Tell) -> Verified:
    """What stands in a certificate, once it is known to be what was signed; with a home, compared with its rows.

    Raises BadInput where it is no certificate, Tampered where it, or a row of its data, was changed.
    """
    document, signature = _parts(signed)
    must_match(signature, canonical(document).encode())
    mark, site = fingerprint(signature.public), str(document["site"])
    checks = all_checks() if home is None else library_of(home).checks
    other = document["library"]["digest"] != library_digest(checks)
    later, ours = 0, False
    if home is not None:
        later = _compared(home, document, rescore and not other, tell)
        ours = mark == _own(home, signature.profile)
    return Verified(site, str(document["issued"]), mark, ours, home is not None, rescore and not other, later, other)


def _compared(home: Home, document: dict[str, Any], rescore: bool, tell: Tell) -> int:
    named = {name.split("/", 1)[0] for name in document["content"]["files"]}
    with home.engine.connect() as connection:
        recorded = batches(connection, document["site"])
    of_it = [batch for batch in recorded if batch.id in named]
    how = _counted if rescore else kept
    now = _document(home, document["site"], of_it, document["issued"], how, tell)
    if said := differences(document, now):
        raise Tampered(f"The rows are not those it was issued for: {several(said, SHOWN, '; ')}.")
    return len(recorded) - len(of_it)


def _document(
    home: Home,
    site: str,
    recorded: Sequence[BatchRow],
    issued: str,
    states: Callable[[Home, Sequence[BatchRow]], pl.DataFrame],
    tell: Tell,
) -> dict[str, Any]:
    files: dict[str, str] = {}
    for done, batch in enumerate(recorded, 1):
        files |= {f"{batch.id}/{name}": digest for name, digest in _digests(home.batch(site, batch.id))}
        tell(done, len(recorded))
    content = Content(files, states(home, recorded))
    return certificate(site, content, library_of(home).checks, issued, version("guantong"))


def _digests(batch: Path) -> Iterator[tuple[str, str]]:
    """Every file of the batch that says rows, or which of them stand, by its name; a batch that is gone has none."""
    parts = [path for part in part_folders(batch) for path in sorted(part.glob("*.parquet"))] if batch.is_dir() else []
    for path in (*parts, batch / "superseded.parquet", batch / STANDING):
        if path.exists():
            with path.open("rb") as content:
                yield path.relative_to(batch).as_posix(), file_digest(content, "sha256").hexdigest()


def _counted(home: Home, recorded: Sequence[BatchRow]) -> pl.DataFrame:
    """What their standing rows answer now, each judged as of the day its batch came, in one pass over all."""
    there = [batch for batch in recorded if home.batch(batch.site, batch.id).is_dir()]
    if not there:
        return merge([])
    folders = came(home, there)
    return count(site_rows(folders), folders[-1].day, library_of(home).checks)


def _parts(signed: Any) -> tuple[dict[str, Any], Signature]:
    try:
        document, signature = signed["certificate"], Signature(**signed["signature"])
        json.dumps([document["site"], document["issued"], document["content"]["files"], document["library"]["digest"]])
        if document["form"] != FORM or signature.profile not in PROFILES or not isinstance(document["answers"], list):
            raise KeyError(FORM)
    except (KeyError, TypeError) as error:
        raise BadInput("This is not a certificate of this program. `guantong score certify` makes one.") from error
    return document, signature


def _secret(home: Home, profile: str) -> bytes:
    if profile not in PROFILES:
        raise Usage(f"There is no signature profile `{profile}`. There are: {', '.join(PROFILES)}.")
    path = home.path / "keys" / f"signing.{profile}.key"
    keep_key(path, token_bytes(SECRET_BYTES))
    return path.read_bytes()


def _own(home: Home, profile: str) -> str:
    """The fingerprint of the home's own key; empty where it never signed anything."""
    path = home.path / "keys" / f"signing.{profile}.key"
    if not path.is_file():
        return ""
    return fingerprint(sign(profile, path.read_bytes(), b"", token_bytes(SECRET_BYTES)).public)

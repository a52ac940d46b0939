"""A certificate: what a site's data scored, bound to exactly that data and to the checks that were asked.

Pure: it says what is to be signed and whether two accounts agree; it signs, reads and stores nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import polars as pl

from federation.quality.check import Check
from federation.quality.count import STATES, merge
from federation.quality.scorecard import scorecard
from schemas.version import SCHEMA_VERSION

FORM = "guantong-certificate/1"


@dataclass(frozen=True)
class Content:
    """What was scored: digest by name of every file of rows, as the site keeps them, and what each batch answered."""

    files: Mapping[str, str]
    states: pl.DataFrame  # columns STATES

    @property
    def digest(self) -> str:
        """SHA-256 over names and digests in the order of the names."""
        lines = [f"{name} {digest}" for name, digest in sorted(self.files.items())]
        return sha256("\n".join(lines).encode()).hexdigest()


def library_digest(checks: Iterable[Check]) -> str:
    """SHA-256 over what every check asks: id, expression, tolerance. Another library has another digest."""
    lines = sorted(f"{each.id} {each.right.meta.serialize(format='json')} {each.tolerates!r}" for each in checks)
    return sha256("\n".join(lines).encode()).hexdigest()


def certificate(site: str, content: Content, checks: Sequence[Check], issued: str, program: str) -> dict[str, Any]:
    """The document to sign: whole numbers and text only, so that it has one spelling.

    `issued` is the time (ISO 8601), `program` the version of this program.
    """
    states = merge([content.states])
    return {
        "form": FORM,
        "site": site,
        "issued": issued,
        "program": program,
        "schema": SCHEMA_VERSION,
        "library": {"checks": len(checks), "digest": library_digest(checks)},
        "content": {"digest": content.digest, "files": dict(sorted(content.files.items()))},
        "scores": {scheme: _scores(states, scheme, site, checks) for scheme in ("nhc", "gbt", "kahn")},
        "answers": [list(row) for row in _summed(states).iter_rows()],
    }


def differences(told: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What of a certificate is not as it is now, a sentence each; nothing where the data and its answers are the same.

    `now` is a certificate made anew of the same batches.
    """
    before, here = told["content"]["files"], now["content"]["files"]
    said = [f"{name} was changed" for name in sorted(before.keys() & here.keys()) if before[name] != here[name]]
    said += [f"{name} is gone" for name in sorted(before.keys() - here.keys())]
    said += [f"{name} was put in" for name in sorted(here.keys() - before.keys())]
    if not said and told["library"]["digest"] == now["library"]["digest"] and told["answers"] != now["answers"]:
        said.append("the same rows answer otherwise than it says")
    return said


def _scores(states: pl.DataFrame, scheme: str, site: str, checks: Sequence[Check]) -> list[dict[str, Any]]:
    cards = scorecard(states, scheme, sites=[site], checks=checks)
    return [
        {"dimension": str(card.dimension), "numerator": card.numerator, "denominator": card.denominator}
        for card in cards
        if card.org_code == site
    ]


def _summed(states: pl.DataFrame) -> pl.DataFrame:
    """check, asked, failed: over all months, in the order of the checks' ids."""
    known = states.select(STATES.names())
    return known.group_by("check").agg(pl.col("asked", "failed").sum()).sort("check")

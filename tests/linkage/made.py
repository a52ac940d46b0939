"""Records of nobody: texts drawn from the seed, and a second site that writes them down with slips. Also a key."""

import hmac

import numpy as np
import polars as pl

from federation.linkage.spec import Spec

SYLLABLES = [a + b for a in "bdfghjklmnpqst" for b in ("a", "ai", "an", "e", "i", "ong", "u")]
SPEC = """
version = "test"
length = 1024
[[fields]]
column = "name"
features = "pairs"
bits = 300
[[fields]]
column = "born"
features = "places"
bits = 200
[[fields]]
column = "street"
features = "pairs"
bits = 170
[[saltings]]
name = "year"
parts = [{ column = "born", at = 0, size = 4 }]
[[saltings]]
name = "day"
parts = [{ column = "born", at = 4, size = 4 }]
[[saltings]]
name = "id"
parts = [{ column = "id" }]
exact = true
[hardening]
fold = 3
"""


def derive(purpose: str) -> bytes:
    return hmac.digest(b"a key of the tests only, 32 bytes", purpose.encode(), "sha256")


def spec(fold: int = 3, flip: float = 0.0) -> Spec:
    return Spec.told(SPEC.replace("fold = 3", f"fold = {fold}\nflip = {flip}"), "test.toml")


def everybody(count: int, seed: int = 1) -> pl.DataFrame:
    drawn = np.random.default_rng(seed)

    def words(syllables: int) -> list[str]:
        return ["".join(row) for row in drawn.choice(SYLLABLES, (count, syllables))]

    day = pl.date(1930, 1, 1) + pl.duration(days=pl.Series(drawn.integers(0, 32_000, count)))
    born = pl.select(day.dt.strftime("%Y%m%d")).to_series()
    ids = [f"{n:09}" for n in drawn.permutation(10**6)[:count]]
    return pl.DataFrame({"name": words(4), "born": born, "street": words(5), "id": ids})


def slipped(people: pl.DataFrame, share: float, seed: int = 2) -> pl.DataFrame:
    """The same people with one character changed in `share` of each column, and half the ids missing."""
    drawn = np.random.default_rng(seed)
    columns = [_slipped(people[name], drawn, share) for name in ("name", "born", "street")]
    ids = pl.Series(
        "id", [None if no else text for text, no in zip(people["id"], drawn.random(len(people)) < 0.5, strict=True)]
    )
    return pl.DataFrame([*columns, ids])


def _slipped(texts: pl.Series, drawn: np.random.Generator, share: float) -> pl.Series:
    changed = []
    for text in texts:
        at = int(drawn.integers(len(text)))
        other = str(drawn.choice(list("0123456789" if text.isdigit() else "aeioubdg")))
        changed.append(text[:at] + other + text[at + 1 :] if drawn.random() < share else text)
    return pl.Series(texts.name, changed)

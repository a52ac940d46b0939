"""Private linkage as the evidence asks for it: two frames, linked by what may leave a site only.

Each function gives (name, link) of the private rows of its table; a link gives EDGES and the threshold that it chose.
"""

import hmac
from pathlib import Path

import polars as pl

from federation.linkage.bloom import encode
from federation.linkage.encodable import encodable
from federation.linkage.model import PROBABILITY, Model
from federation.linkage.side import Side
from federation.linkage.spec import Hardening, Spec, city_spec
from tests.evidence.linkage_scoring import Link

HERE = Path(__file__).parent
Known = tuple[pl.DataFrame, pl.DataFrame]  # NORMAL and NORMAL_NUMBERS of one site
HARDENED, WITHOUT = "private, with id", "private, without id"
SOFT = "private, not hardened, without id"
TWICE = (HARDENED, WITHOUT)  # rows that are measured with twice the errors too
LEAST = 0.01
NONE = Hardening(fold=1)


def derive(purpose: str) -> bytes:
    """A key for one purpose, of a linkage key that protects nobody."""
    return hmac.digest(b"a key for evidence", purpose.encode(), "sha256")


def link(left: pl.DataFrame, right: pl.DataFrame, spec: Spec) -> Link:
    """Two frames with `record` and the columns of the spec."""

    def run() -> tuple[pl.DataFrame, float]:
        one, other = (Side.of(encode(rows, spec, derive), rows.height, spec) for rows in (left, right))
        model = Model.fitted(one, other, spec)
        found = model.edges(one, other, spec, LEAST)
        pairs = found.select(
            left=left["record"].gather(found["left"]), right=right["record"].gather(found["right"]), score=PROBABILITY
        )
        return pairs, model.threshold

    return run


def without(spec: Spec, *saltings: str) -> Spec:
    """The spec without some saltings."""
    return spec.model_copy(update={"saltings": tuple(s for s in spec.saltings if s.name not in saltings)})


def softened(spec: Spec) -> Spec:
    """The spec without its hardening."""
    return spec.model_copy(update={"hardening": NONE})


def febrl(left: pl.DataFrame, right: pl.DataFrame) -> list[tuple[str, Link]]:
    """Rows of the table of Febrl 4; frames as `tests.evidence.linkage_febrl.register` reads them."""
    spec = Spec.read(HERE / "febrl_encoded.toml")
    return [
        (SOFT, link(left, right, without(softened(spec), "id"))),
        (HARDENED, link(left, right, spec)),
        (WITHOUT, link(left, right, without(spec, "id"))),
    ]


def city(left: Known, right: Known) -> list[tuple[str, Link]]:
    """Rows of the table of the made-up city."""
    one, other = (encodable(*known) for known in (left, right))
    spec = city_spec()
    return [
        (HARDENED, link(one, other, spec)),
        (WITHOUT, link(one, other, without(spec, "id", "insurance"))),
        (SOFT, link(one, other, without(softened(spec), "id", "insurance"))),
        ("private, without id, phone", link(one, other, without(spec, "id", "insurance", "phone"))),
    ]

"""Exact tokens of numbers: HMAC-SHA256 or HMAC-SM3 under a key of their kind's own, cut to 16 bytes.

Equal tokens mean equal numbers of one kind. Only usable numbers become tokens; names and addresses never do. Keys are
used eagerly, outside of any query plan.
"""

from dataclasses import dataclass

import polars as pl

from federation.errors import Refused
from federation.linkage.key import LinkageKey
from federation.linkage.normal.number import KINDS
from federation.privacy.keyed import HASHES, Keyed

TOKENS = pl.Schema({"site": pl.String, "record": pl.String, "kind": pl.String, "token": pl.Binary})
BYTES = 16  # of 32: among a billion numbers two meet with a chance of 10^-21
TOKEN_KINDS = frozenset({*KINDS.values(), "insurance", "phone"})
_LOOKED_AT = 10_000  # values that say whether the others repeat
_AT_HAND = 3  # tokens of a million that may look like text by chance (10^-7 each) and be no reason to refuse
_TEXT = r"^(?:[2-7][0-9a-f]){4,16}(?:00)*$"
_HAN = r"^(?:e[4-9][89ab][0-9a-f][89ab][0-9a-f]){3,5}(?:[0-9a-f]{2}){0,7}$"


@dataclass(frozen=True)
class Tokens:
    """`rows` are TOKENS, each once; `mark` says which key made them, `profile` (`std`, `gm`) which hash."""

    mark: str
    profile: str
    rows: pl.DataFrame


def token_column(kind: str, values: pl.Series, key: LinkageKey, profile: str = "std") -> pl.Series:
    """Binary(16) for each value, null where null; what repeats is hashed once."""
    keyed, some = Keyed(key.derive("token", kind), profile), values.head(_LOOKED_AT)
    if not values.null_count() and some.n_unique() > 0.9 * len(some):
        return keyed.column(values, BYTES).alias("token")
    distinct = values.drop_nulls().unique(maintain_order=True).alias("value")
    made = distinct.to_frame().with_columns(keyed.column(distinct, BYTES).alias("token"))
    return values.alias("value").to_frame().join(made, on="value", how="left", maintain_order="left")["token"]


def tokens(persons: pl.DataFrame, numbers: pl.DataFrame, key: LinkageKey, profile: str = "std") -> Tokens:
    """Tokens of NORMAL_NUMBERS that are usable, and of the telephones of NORMAL; sorted, each once."""
    if profile not in HASHES:
        raise ValueError(f"there is no profile of that name; there are {', '.join(HASHES)}")
    usable = numbers.filter(pl.col("usable")).select("site", "record", "kind", "value")
    phones = persons.select(
        "site", "record", pl.lit("phone").alias("kind"), pl.col("phone").alias("value")
    ).drop_nulls()
    parts = [
        rows.select("site", "record", "kind", token_column(kind, rows["value"], key, profile).alias("token"))
        for (kind,), rows in pl.concat([usable, phones]).group_by("kind")
        if isinstance(kind, str)
    ]
    return Tokens(key.mark, profile, pl.concat([TOKENS.to_frame(), *parts]).unique().sort(list(TOKENS)))


def must_be_tokens(rows: pl.DataFrame) -> None:
    """Raises Refused where what a site sent as TOKENS is anything else, above all clear text in a token's place.

    The reason says how many and of which kind, never what.
    """
    reasons: list[str] = []
    if rows.schema != TOKENS:
        raise Refused([f"These are no tokens: the columns must be {', '.join(TOKENS)}, the token as bytes."])
    kinds = rows["kind"].is_in(list(TOKEN_KINDS)).fill_null(value=False)
    if strange := (~kinds).sum():
        reasons.append(f"{strange} tokens are of no kind that is known.")
    digits = pl.col("token").bin.encode("hex")
    wrong = rows.select((pl.col("token").bin.size() != BYTES).fill_null(value=True).sum()).item()
    text = rows.select((digits.str.contains(_TEXT) | digits.str.contains(_HAN)).sum()).item()
    if wrong:
        reasons.append(
            f"{wrong} tokens have not {BYTES} bytes. Make them with `guantong link`, and send no number in clear."
        )
    elif text > _AT_HAND + rows.height // 10**6:
        reasons.append(f"{text} tokens are text, not tokens. Nothing was kept; make them with `guantong link`.")
    if reasons:
        raise Refused(reasons)

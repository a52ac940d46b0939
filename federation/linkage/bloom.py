"""Keyed Bloom encodings of records: bits that lie close together where the people are alike, and name nobody.

After Schnell, Bachteler, Reiher (2009), as one filter a record, with what was learned since: a key a field (HKDF),
places drawn at random instead of by double hashing (Niedermeyer et al. 2014), about the same number of bits whatever
the length of a text, and a salt that makes equal texts of different salts differ. Nothing here sees another site.
"""

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from numpy.typing import NDArray

from federation.linkage.feature import FEATURE, ROW, features
from federation.linkage.harden import Fold
from federation.linkage.spec import Encoded, Salting, Spec
from federation.privacy.keyed import Keyed
from federation.privacy.packed import Bytes, bytes_of, column_of

Bits = NDArray[np.bool_]
Derive = Callable[[str], bytes]  # 32 bytes of the linkage key for one purpose
ENCODINGS = pl.Schema({ROW: pl.UInt32, "salting": pl.String, "block": pl.Binary, "bits": pl.Binary})
_SALT = "salt"
_WIDE = 16  # bytes of a block of AES, and of a seed
_DRAWN = _WIDE // 2  # places that one block of AES gives, two bytes each
_ROWS = 48_000  # records cut into features at a time
_NEAR = 2_000  # records whose bits are set at a time: 2 MB, near the processor


def encode(people: pl.DataFrame, spec: Spec, derive: Derive) -> pl.DataFrame:
    """ENCODINGS of the rows of `people`, one for each salting whose parts the record has, in order of salting and row.

    `people` holds the columns of the spec as String. `block` is 16 bytes, `bits` `spec.length / 8`.
    """
    fold = Fold.drawn(spec, derive("fold"))
    numbered = people.select(spec.columns).with_row_index(ROW)
    made = [pl.DataFrame(schema=ENCODINGS)]
    for some in numbered.iter_slices(_ROWS):
        fields = [Drawn.of(field, some[field.column], derive) for field in spec.fields]
        made += [_salted(some, fields, salting, fold, derive) for salting in spec.saltings]
    order = pl.Enum([salting.name for salting in spec.saltings])
    return pl.concat(made).sort(pl.col("salting").cast(order), maintain_order=True)


def _salted(
    some: pl.DataFrame, fields: Sequence["Drawn"], salting: Salting, fold: Fold, derive: Derive
) -> pl.DataFrame:
    known = some.select(ROW, pl.int_range(pl.len()).alias("at"), _salt(salting).alias(_SALT)).drop_nulls(_SALT)
    salts = Seeds(derive(f"salt {salting.name}"), known[_SALT]).of(known[_SALT])
    blocks = Seeds(derive(f"block {salting.name}"), known[_SALT]).of(known[_SALT])
    spread = np.zeros((len(some), _WIDE), np.uint8)
    spread[known["at"].to_numpy()] = salts
    near = [_near(fields, spread, fold, start) for start in range(0, len(some), _NEAR)]
    bits = np.concatenate([np.empty((0, fold.length // 8), np.uint8), *near])[known["at"].to_numpy()]
    return known.select(
        ROW, pl.lit(salting.name).alias("salting"), column_of(blocks).alias("block"), column_of(bits).alias("bits")
    ).cast(ENCODINGS)  # fmt: skip


def _near(fields: Sequence["Drawn"], salts: Bytes, fold: Fold, start: int) -> Bytes:
    """The packed bits of the records from `start` on, some at a time."""
    stop = min(start + _NEAR, len(salts))
    bits = np.zeros((fold.length, stop - start), np.bool_)
    for field in fields:
        field.set_in(bits, salts, start, stop)
    return np.packbits(np.ascontiguousarray(fold.of(bits).T), axis=1)


def _salt(salting: Salting) -> pl.Expr:
    """The parts of the salt one after the other; null where one is missing or shorter than the salt wants."""
    cut = [pl.col(p.column) if p.size is None else _exactly(p.column, p.at, p.size) for p in salting.parts]
    return pl.concat_str(cut, separator="\0", ignore_nulls=False)


def _exactly(column: str, at: int, size: int) -> pl.Expr:
    text = pl.col(column).str.slice(at, size)
    return pl.when(text.str.len_chars() == size).then(text)


class Seeds:
    """16 pseudo-random bytes for each distinct text, under one key: HMAC-SHA256, cut."""

    def __init__(self, key: bytes, texts: pl.Series) -> None:
        distinct = texts.unique()
        self._table = bytes_of(Keyed(key).column(distinct, _WIDE), _WIDE)
        self._codes = pl.DataFrame({"text": distinct, "code": pl.int_range(len(distinct), dtype=pl.UInt32, eager=True)})

    def of(self, texts: pl.Series) -> Bytes:
        """(n, 16) bytes. Every text must be one of those that the seeds were made for."""
        asked = pl.DataFrame({"text": texts})
        codes = asked.join(self._codes, on="text", how="left", maintain_order="left")["code"]
        made: Bytes = self._table[codes.to_numpy()]
        return made


class Drawn:
    """Which places the features of one field set: few for each of many features, many for each of few.

    `rows` (m,) ascending, `seeds` (m, 16), `wanted` (m,) places; m features.
    """

    def __init__(self, key: bytes, rows: NDArray[np.uint32], seeds: Bytes, wanted: NDArray[np.int64]) -> None:
        # One block of AES is a pseudo-random function of its input; nothing is encrypted that anybody would decrypt.
        self._draws = Cipher(AES256(key), ECB()).encryptor()  # noqa: S305
        self._rows, self._seeds, self._wanted = rows, seeds, wanted

    @classmethod
    def of(cls, field: Encoded, texts: pl.Series, derive: Derive) -> Self:
        """The features of a column of texts, in their rows."""
        cut = features(field.features, texts)
        rows = cut[ROW].to_numpy()
        counts = np.bincount(rows, minlength=len(texts))
        wanted = np.maximum(1, np.rint(field.bits / np.maximum(counts, 1)))[rows].astype(np.int64)
        purpose = f"{field.column} {field.features}"
        seeds = Seeds(derive(f"feature {purpose}"), cut[FEATURE]).of(cut[FEATURE])
        return cls(derive(f"place {purpose}"), rows, seeds, wanted)

    def set_in(self, bits: Bits, salts: Bytes, start: int, stop: int) -> None:
        """Sets places of records start..stop-1, salted by `salts` (all records, 16), in (length, stop - start) bits."""
        flat, (length, across) = bits.reshape(-1), bits.shape
        own = slice(*np.searchsorted(self._rows, (start, stop)))
        rows, wanted = self._rows[own].astype(np.intp), self._wanted[own]
        seeds = self._seeds[own] ^ salts[rows]
        rows -= start
        for turn in range(-(-int(wanted.max(initial=0)) // _DRAWN)):
            more = np.flatnonzero(wanted > turn * _DRAWN)
            asked = seeds[more]
            asked[:, -1] ^= turn
            places = np.frombuffer(self._draws.update(asked.tobytes()), "<u2").reshape(-1, _DRAWN) & (length - 1)
            spare = np.arange(_DRAWN) >= (wanted[more] - turn * _DRAWN)[:, None]
            kept = np.where(spare, places[:, :1], places)  # a place that is not wanted is the first one again
            flat[(kept.astype(np.intp) * across + rows[more][:, None]).reshape(-1)] = True

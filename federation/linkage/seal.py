"""Names, telephones and addresses, sealed cell by cell for those who may open them: AES-256-GCM or SM4-GCM.

Site, record and column are bound into each cell, so that no cell can be put in another's place. The nonce is drawn by
HMAC from all that is sealed (as in SIV, RFC 5297): it comes twice only where the very same cell is sealed again, which
tells that it has not changed and nothing else. Nothing is drawn at random. Lengths show in steps of 32 bytes only.
"""

from collections.abc import Callable, Iterable

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from federation.errors import Tampered
from federation.linkage.key import Secret
from federation.privacy.keyed import Keyed

FIELDS = ("name", "phone", "address")
SEALED = pl.Schema({"site": pl.String, "record": pl.String, **dict.fromkeys(FIELDS, pl.Binary)})
_MARKS = {"std": b"\x01", "gm": b"\x02"}
_NONCE, _TAG, _STEP = 12, 16, 32
Crypt = Callable[[bytes, bytes, bytes], bytes]  # nonce, text, what is bound


class DataKey(Secret):
    """What one site's cells are sealed with; wrapped for every recipient, and handed in."""

    __slots__ = ()


def sealed(identities: pl.DataFrame, key: DataKey, profile: str = "std") -> pl.DataFrame:
    """IDENTITY as SEALED: FIELDS as Binary, null where null, all else but site and record gone."""
    crypt, drawn = _encryptor(key, profile), Keyed(key.derive("nonce"), profile)
    mark, places = _MARKS[profile], identities.select("site", "record").rows()

    def cells(field: str) -> Iterable[bytes | None]:
        for (site, record), value in zip(places, identities[field], strict=True):
            bound = _bound(mark, site, record, field)
            # The length of what is bound stands in it, so that no two pairs are one text.
            [nonce] = drawn.digests([f"{bound.hex()}|{value}"])
            yield None if value is None else mark + nonce[:_NONCE] + crypt(nonce[:_NONCE], _padded(value), bound)

    made = [pl.Series(field, list(cells(field)), dtype=pl.Binary) for field in FIELDS]
    return identities.select("site", "record").with_columns(made).cast(SEALED)


def opened(rows: pl.DataFrame, key: DataKey) -> pl.DataFrame:
    """SEALED in clear again: site, record and FIELDS as String.

    Raises Tampered at the first cell that was changed, moved, or sealed with another key; it says the column and row.
    """
    crypts = {mark: _decryptor(key, profile) for profile, mark in _MARKS.items()}
    places = rows.select("site", "record").rows()
    made = []
    for field in FIELDS:
        clear: list[str | None] = []
        for at, ((site, record), cell) in enumerate(zip(places, rows[field], strict=True)):
            clear.append(None if cell is None else _opened(crypts, cell, site, record, field, at + 1))
        made.append(pl.Series(field, clear, dtype=pl.String))
    return rows.select("site", "record").with_columns(made)


def _opened(crypts: dict[bytes, Crypt], cell: bytes, site: str, record: str, field: str, at: int) -> str:
    mark = cell[:1]
    try:
        crypt = crypts[mark]
        padded = crypt(cell[1 : 1 + _NONCE], cell[1 + _NONCE :], _bound(mark, site, record, field))
        return padded.rstrip(b"\0").removesuffix(b"\x80").decode()
    except (InvalidTag, KeyError, ValueError):
        raise Tampered(
            f"Column `{field}`, row {at}: the cell was changed, moved from another record or column, or sealed with "
            "another key. Ask the site to seal it again for you."
        ) from None


def _bound(mark: bytes, *place: str) -> bytes:
    parts = [each.encode() for each in place]
    return b"guantong sealed cell" + mark + b"".join(len(part).to_bytes(4) + part for part in parts)


def _padded(value: str) -> bytes:
    """ISO/IEC 7816-4: 0x80, then zeros up to a step."""
    text = value.encode() + b"\x80"
    return text.ljust(-(-len(text) // _STEP) * _STEP, b"\0")


def _encryptor(key: DataKey, profile: str) -> Crypt:
    if profile == "std":
        return AESGCM(key.derive("seal", "std")).encrypt
    secret = SM4(key.derive("seal", "gm", length=16))

    def crypt(nonce: bytes, text: bytes, bound: bytes) -> bytes:
        one = Cipher(secret, GCM(nonce)).encryptor()
        one.authenticate_additional_data(bound)
        return one.update(text) + one.finalize() + one.tag

    return crypt


def _decryptor(key: DataKey, profile: str) -> Crypt:
    if profile == "std":
        return AESGCM(key.derive("seal", "std")).decrypt
    secret = SM4(key.derive("seal", "gm", length=16))

    def crypt(nonce: bytes, text: bytes, bound: bytes) -> bytes:
        one = Cipher(secret, GCM(nonce, text[-_TAG:])).decryptor()
        one.authenticate_additional_data(bound)
        return one.update(text[:-_TAG]) + one.finalize()

    return crypt

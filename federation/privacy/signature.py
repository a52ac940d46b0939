"""Signatures in two profiles: `std` is Ed25519 (RFC 8032), `gm` is SM2 with SM3 (GB/T 32918.2-2016, GB/T 32905-2016).

Pure: keys and randomness are handed in. `gm` is computed by a library in Python, not by a certified module; where a
commercial cryptography assessment (GB/T 39786) is asked for, a certified device must sign.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.errors import Tampered, Usage

SECRET_BYTES = 32
PROFILES = ("std", "gm")
SM2_ORDER = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)  # n of GB/T 32918.5-2017
GM_EXTRA = "SM2 needs the extra `gm`. Install it: pip install guantong[gm]."


@dataclass(frozen=True)
class Signature:
    """`public` and `value` are hex: 32 and 64 bytes for `std`, 64 and 64 for `gm`."""

    profile: str
    public: str
    value: str


def sign(profile: str, secret: bytes, message: bytes, nonce: bytes) -> Signature:
    """The message signed with a secret of 32 bytes. `nonce`: 32 fresh random bytes, which only `gm` uses.

    Raises Usage for an unknown profile, or `gm` without its library.
    """
    if len(secret) != SECRET_BYTES or len(nonce) != SECRET_BYTES:
        raise ValueError("a secret and a nonce have 32 bytes")
    if profile == "std":
        key = Ed25519PrivateKey.from_private_bytes(secret)
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Signature(profile, public.hex(), key.sign(message).hex())
    _known(profile)
    return _sm2(secret, message, nonce)


def must_match(signature: Signature, message: bytes) -> None:
    """Raises Tampered where the signature is not one of this message under its own public key.

    Whose key that is, is for the caller to ask: see `fingerprint`.
    """
    _known(signature.profile)
    try:
        public, value = bytes.fromhex(signature.public), bytes.fromhex(signature.value)
        if signature.profile == "std":
            Ed25519PublicKey.from_public_bytes(public).verify(value, message)
        elif (
            len(public) != 64 or len(value) != 64 or not _sm2_of(signature.public).verify_with_sm3(value.hex(), message)
        ):
            raise InvalidSignature
    except (InvalidSignature, ValueError):
        raise Tampered("The signature is not one of this document: it was changed after it was signed.") from None


def fingerprint(public: str) -> str:
    """A public key for people to compare on the telephone: eight groups of four hex digits."""
    digits = sha256(bytes.fromhex(public)).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def _known(profile: str) -> None:
    if profile not in PROFILES:
        raise Usage(f"There is no signature profile `{profile}`. There are: {', '.join(PROFILES)}.")


def _sm2(secret: bytes, message: bytes, nonce: bytes) -> Signature:
    private, once = (f"{int.from_bytes(each) % (SM2_ORDER - 2) + 1:064x}" for each in (secret, nonce))
    multiplied: Callable[[int, str], str] = _sm2_of("")._kg  # noqa: SLF001 - the library has no other way to a public key
    public = multiplied(int(private, 16), _sm2_of("").ecc_table["g"])
    value = _sm2_of(public, private).sign_with_sm3(message, once)
    if value is None:
        raise ValueError("this nonce cannot be used; take another one")
    return Signature("gm", public, value)


def _sm2_of(public: str, private: str = "") -> Any:
    try:
        from gmssl.sm2 import CryptSM2
    except ImportError:
        raise Usage(GM_EXTRA) from None
    made: Any = CryptSM2
    return made(private_key=private, public_key=public)

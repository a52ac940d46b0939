"""A data key wrapped for one recipient: HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM.

Who wraps needs the recipient's public key only. The library draws a fresh key for each wrapping, so that its result is
not the same twice: it stands here, beside the effects. It writes nothing.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from federation.errors import BadInput, Tampered
from federation.linkage.seal import DataKey

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"guantong data key 1"


def wrapped(key: DataKey, site: str, recipient: bytes) -> bytes:
    """The data key of `site` for whoever holds the private half of `recipient`, a public X25519 key of 32 bytes."""
    try:
        public = X25519PublicKey.from_public_bytes(recipient)
    except ValueError:
        raise BadInput("The recipient's public key has not 32 bytes. Ask the recipient for its X25519 key.") from None
    return _SUITE.encrypt(key.written().encode(), public, info=_INFO + site.encode())


def unwrapped(text: bytes, site: str, secret: bytes) -> DataKey:
    """The data key of `site`, by the recipient's private key of 32 bytes. Raises Tampered where it is not for it."""
    try:
        clear = _SUITE.decrypt(text, X25519PrivateKey.from_private_bytes(secret), info=_INFO + site.encode())
    except (InvalidTag, ValueError):
        raise Tampered(
            "This data key was wrapped for another recipient or another site, or it was changed. Ask the site again."
        ) from None
    return DataKey.read(clear.decode(), "The wrapped key")

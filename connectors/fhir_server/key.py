"""The private key that signs assertions: PEM or JWK, in a file that only its owner reads; and what is signed with it.

SMART Backend Services (HL7 SMART App Launch 2.2, "Asymmetric client authentication"). Never shows the key.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.errors import BadMapping
from connectors.secret import secret

if TYPE_CHECKING:
    from connectors.fhir_server.describe import Smart

LASTS = 240  # seconds; a server takes no more than five minutes


@dataclass(frozen=True)
class Key:
    """`made` is the library's key object; `id` goes into the header where there is one."""

    made: Any
    alg: str
    id: str

    def assertion(self, client_id: str, token_url: str, now: int, nonce: str) -> str:
        """The signed assertion: who asks, whom, until when, and a `jti` that is used once."""
        import jwt

        claims = {"iss": client_id, "sub": client_id, "aud": token_url, "iat": now, "exp": now + LASTS, "jti": nonce}
        return jwt.encode(claims, self.made, self.alg, {"kid": self.id} if self.id else None)


def key(where: str, smart: "Smart") -> Key:
    """The key of a description. Raises BadMapping; nothing of the file is shown."""
    text = secret(where, "", smart.key_file)
    kind = "RSA" if smart.alg == "RS384" else "P-384"
    try:
        made, name = _read(text, smart.alg)
    except Exception:  # noqa: BLE001 - whatever the library says may hold a piece of the key
        raise BadMapping(where, f"`smart.key_file` is no private key for {smart.alg}",
                         f"Give a {kind} key as PEM without a password, or as JWK.") from None  # fmt: skip
    return Key(made, smart.alg, smart.key_id or name)


def _read(text: str, alg: str) -> tuple[Any, str]:
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    name = ""
    if text.startswith("{"):
        said = json.loads(text)
        name = str(said.get("kid", ""))
        made: Any = jwt.PyJWK(said, alg).key
    else:
        made = load_pem_private_key(text.encode(), None)
    fits = isinstance(made, RSAPrivateKey) and made.key_size >= 2048 if alg == "RS384" else (
        isinstance(made, EllipticCurvePrivateKey) and made.curve.name == "secp384r1"
    )  # fmt: skip
    if not fits:
        raise ValueError
    return made, name

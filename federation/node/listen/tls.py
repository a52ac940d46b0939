"""Who may connect: the loopback, or peers with a certificate of the hospital's own authority. It reads key files only.

Plain MLLP carries patients in clear to whoever listens, and takes in whatever anybody says: off the loopback it needs
TLS with client certificates (1.2 or later), or plain words that the network is trusted.
"""

import ipaddress
import ssl
from pathlib import Path

from federation.errors import Usage


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def context(host: str, cert: Path | None, key: Path | None, ca: Path | None, plain: bool) -> ssl.SSLContext | None:
    """The TLS that the listener asks for; None where it listens in plain. Raises Usage where that would be careless."""
    given = [cert, key, ca]
    if not any(given):
        if not is_loopback(host) and not plain:
            raise Usage(
                f"{host} is reached from the network, and MLLP without TLS shows patients to whoever listens there. "
                "Give --tls-cert, --tls-key and --tls-client-ca, listen on 127.0.0.1 behind a TLS proxy, or take the "
                "risk with --plain-network."
            )
        return None
    if not all(given):
        raise Usage(
            "TLS needs --tls-cert, --tls-key and --tls-client-ca together: who connects must show a certificate."
        )
    assert cert is not None
    assert key is not None
    return _made(cert, key, ca)


def _made(cert: Path, key: Path, ca: Path | None) -> ssl.SSLContext:
    for path in (cert, key, ca):
        if path is not None and not path.is_file():
            raise Usage(f"There is no {path}. Name the file in PEM.")
    if key.stat().st_mode & 0o007:
        raise Usage(f"{key} can be read by everybody on this machine. Run: chmod 600 {key}")
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.verify_mode = ssl.CERT_REQUIRED
    try:
        made.load_cert_chain(cert, key)
        made.load_verify_locations(ca)
    except (ssl.SSLError, OSError) as error:
        raise Usage(
            f"The certificate, its key or the authority cannot be read: {type(error).__name__}. Give PEM files."
        ) from None
    return made

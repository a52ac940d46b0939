"""Who may send: applications and facilities by name, each bound to a client certificate where that is said.

It compares names and opens nothing. Without any rule every sender that could connect may send.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from federation.errors import Usage


@dataclass(frozen=True)
class Sender:
    """MSH-3, MSH-4 where `facility` is said, and the name that its certificate must bear where one is said."""

    application: bytes
    facility: bytes = b""
    certificate: str = ""

    def fits(self, application: bytes, facility: bytes, names: frozenset[str]) -> bool:
        """Whether a message with these names, over a connection with these certificate names, is from it."""
        return (
            self.application in (application, application.split(b"^", 1)[0])
            and (not self.facility or self.facility in (facility, facility.split(b"^", 1)[0]))
            and (not self.certificate or self.certificate in names)
        )


def parsed(texts: Iterable[str]) -> tuple[Sender, ...]:
    """Rules as written: `APP`, `APP@FACILITY`, either with `=CERTIFICATE-NAME`. Raises Usage."""
    made = []
    for text in texts:
        who, _, certificate = text.partition("=")
        application, _, facility = who.partition("@")
        if not application:
            raise Usage("--allow names a sender as APP, APP@FACILITY or APP@FACILITY=CERTIFICATE-NAME (MSH-3, MSH-4).")
        made.append(Sender(application.encode(), facility.encode(), certificate))
    return tuple(made)


def allowed(rules: Sequence[Sender], application: bytes, facility: bytes, names: frozenset[str]) -> bool:
    """Whether one of the rules fits; no rules allow everybody."""
    return not rules or any(rule.fits(application, facility, names) for rule in rules)


def certificate_names(certificate: dict[str, Any] | None) -> frozenset[str]:
    """The common name and the DNS names of a certificate as `ssl` gives it."""
    if not certificate:
        return frozenset()
    common = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    return frozenset([*common, *(value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS")])

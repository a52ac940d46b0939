"""Which addresses may be asked: https, or http on this machine only; the server's own host, or one that was named.

Pure. A manifest is written by somebody else: no address in it is followed that the description does not allow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

PORTS = {"https": 443, "http": 80}
LONGEST = 4096


class Forbidden(ValueError):
    """An address that may not be asked; says why, and shows none of it."""


@dataclass(frozen=True)
class Allowed:
    """The server's address (without a slash at its end) and the other hosts, as `host` or `host:port`."""

    base: str
    hosts: tuple[str, ...] = ()

    def url(self, written: str) -> str:
        """The address as it may be asked; a relative one is meant from the base. Raises Forbidden."""
        full = urljoin(f"{self.base}/", written)
        parts = sound(full)
        if not self.own(full) and not {f"{parts.hostname}:{_port(parts)}", parts.hostname} & set(self.hosts):
            raise Forbidden("it leads to a host that the description does not name")
        if parts.scheme == "http" and urlsplit(self.base).scheme == "https":
            raise Forbidden("it leaves https")
        return full

    def own(self, url: str) -> bool:
        """Whether the address is on the server's own host and port."""
        return _place(urlsplit(url)) == _place(urlsplit(self.base))


def sound(url: str) -> SplitResult:
    """The parts of an address that may be asked at all. Raises Forbidden."""
    if len(url) > LONGEST or not url.isascii() or any(sign <= " " or sign == "\x7f" for sign in url):
        raise Forbidden("it is not written as an address is")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("it is not written as an address is") from None
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise Forbidden("it is neither https nor http")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("it holds a name or a password")
    if parts.scheme == "http" and not loopback(parts.hostname):
        raise Forbidden("plain http is for this machine only; use https")
    return parts


def loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def hosts_of(urls: Iterable[str]) -> tuple[str, ...]:
    """The hosts of some addresses, each once: what may be shown of them."""
    return tuple(dict.fromkeys(urlsplit(url).hostname or "" for url in urls))


def _place(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, _port(parts)


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS.get(parts.scheme, 0)

"""Tokens for one server: fetched with a signed assertion, kept in memory until they run out, or given from outside.

A token is in no message, no file and no state.
"""

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors import json_strict
from connectors.errors import BadMapping, Unreadable
from connectors.fhir_server.describe import Description
from connectors.fhir_server.key import Key, key
from connectors.secret import secret

if TYPE_CHECKING:
    from connectors.fhir_server.call import Answer, Server

EARLY = 30.0  # seconds before its end in which a token is not used any more
LASTS = 300.0  # where the server does not say
FORM = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}


@dataclass
class Tokens:
    """`given` is a token from outside, `key` signs for others; exactly one of them is there."""

    about: Description
    key: Key | None = None
    given: str = field(default="", repr=False)
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def header(self, server: "Server", *, fresh: bool = False) -> str:
        """The value of Authorization; `fresh` after the server refused the last token. Raises what `_fetch` raises."""
        if self.given:
            return f"Bearer {self.given}"
        with self._lock:
            if fresh or server.clock.now() >= self._until:
                self._token, lasts = self._fetch(server)
                self._until = server.clock.now() + max(lasts - EARLY, 1.0)
            return f"Bearer {self._token}"

    def _fetch(self, server: "Server") -> tuple[str, float]:
        """A token and how long it lasts. Raises Unreachable, Unreadable or BadMapping."""
        smart = self.about.smart
        assert smart is not None
        assert self.key is not None
        url = self._url = self._url or smart.token_url or self._discovered(server)
        signed = self.key.assertion(smart.client_id, url, int(server.clock.now()), server.clock.nonce())
        form = {**FORM, "client_assertion": signed, "scope": " ".join(smart.scopes)}
        answer = server.post_form(url, "the request for a token", form)
        if answer.status_code in (400, 401, 403):
            raise BadMapping(server.host, f"gives no token ({answer.status_code})",
                             "Check client_id, key and scopes, and that this machine's clock is right.")  # fmt: skip
        if answer.status_code != 200:
            raise server.refused("the request for a token", answer)
        said = _object(answer)
        token, lasts = said.get("access_token"), said.get("expires_in", LASTS)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
            raise Unreadable(f"{server.host}: the answer to the request for a token holds none. Tell its vendor.")
        try:
            return token, float(str(lasts))
        except ValueError:
            return token, LASTS

    def _discovered(self, server: "Server") -> str:
        """The server's own word on where tokens are given (SMART App Launch 2.2, .well-known/smart-configuration)."""
        where = f"{self.about.base_url}/.well-known/smart-configuration"
        answer = server.get(where, "its SMART configuration", {"Accept": "application/json"}, token=False)
        url = _object(answer).get("token_endpoint") if answer.status_code == 200 else None
        if not isinstance(url, str) or "://" not in url:
            raise BadMapping(server.host, "does not say where it gives tokens", "Name `token_url` under [smart].")
        return server.allowed(url, "its token address")


def _object(answer: "Answer") -> dict[str, object]:
    """The answer's JSON object; an empty one where it is none."""
    if json_strict.reason(answer.content) is not None:
        return {}
    found = json_strict.load(answer.content.decode())
    return found if isinstance(found, dict) else {}


def tokens(where: str, about: Description) -> Tokens | None:
    """What the description says of who asks; None where the server asks for nothing. Raises BadMapping."""
    if about.smart:
        return Tokens(about, key=key(where, about.smart))
    if about.bearer:
        given = secret(where, about.bearer.env, about.bearer.file)
        if not given.isascii() or not given.isprintable() or " " in given:
            raise BadMapping(where, "the bearer token holds signs that no token has", "Put the token there alone.")
        return Tokens(about, given=given)
    return None

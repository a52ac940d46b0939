"""One server, called: where it may be asked, with whose token, how often again, and what of its answer is told.

An address is only followed where it is allowed, a redirect too; a token only goes where it is meant to. Messages name
the host, the step and the status, never an address, a header or a body.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from connectors.errors import BadMapping, ConnectorError, Unreachable, Unreadable
from connectors.fhir_server.address import Forbidden
from connectors.fhir_server.clock import Clock
from connectors.fhir_server.describe import Description
from connectors.fhir_server.wait import longer, said

if TYPE_CHECKING:
    import httpx

    from connectors.fhir_server.token import Tokens

LATER = frozenset({408, 425, 429, 500, 502, 503, 504})  # the same question may be asked again
REFUSED = frozenset({429, 503})  # the server says that it did nothing
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HOPS = 3
LONGEST_WAIT = 60.0
_CODE = re.compile(rb'"code"\s*:\s*"([a-z-]{2,40})"')


@dataclass(frozen=True)
class Answer:
    """An answer with all of its body, unpacked; names of headers in any case."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


@dataclass
class Server:
    """The open connections to one server; `tokens` None where it asks for none."""

    about: Description
    clock: Clock
    tokens: "Tokens | None" = None
    stopped: bool = False
    client: "httpx.Client" = field(init=False)

    def __post_init__(self) -> None:
        import httpx

        limits = self.about.limits
        self.client = httpx.Client(
            verify=_trusted(self.about), follow_redirects=False, trust_env=False, proxy=self.about.proxy or None,
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
            limits=httpx.Limits(max_connections=limits.parallel + 2),
            headers={"User-Agent": "guantong", "Accept-Encoding": "gzip"},
        )  # fmt: skip

    def close(self) -> None:
        """Ends the connections; what is being downloaded stops."""
        self.stopped = True
        self.client.close()

    def get(self, url: str, step: str, headers: Mapping[str, str], *, token: bool = True, once: bool = False,
            most: int = 32 << 20) -> Answer:  # fmt: skip
        """The answer with its body, whatever its status but those that mean later. `once`: not safe to ask twice.

        Raises Unreachable, Unreadable (an address that is not allowed, a body beyond `most`) or BadMapping (refused).
        """
        return self._patient("GET", url, step, headers, token=token, once=once, most=most)

    def delete(self, url: str, step: str) -> None:
        """Asks to forget; what comes of it does not matter."""
        import httpx

        with suppress(httpx.RequestError, ConnectorError):
            self._once("DELETE", url, step, {"Accept": "application/fhir+json"}, token=True, most=1 << 20)

    def post_form(self, url: str, step: str, form: Mapping[str, str]) -> Answer:
        """The answer to a form, sent without a token. Asked again only where the server refused or was not reached."""
        return self._patient("POST", url, step, {"Accept": "application/json"}, token=False, once=True, most=1 << 20,
                             form=form)  # fmt: skip

    def _patient(self, method: str, url: str, step: str, headers: Mapping[str, str], *, token: bool, once: bool,
                 most: int, form: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        import httpx

        for times in range(self.about.limits.attempts):
            last = times + 1 >= self.about.limits.attempts
            try:
                answer = self._once(method, url, step, headers, token=token, most=most, form=form)
            except httpx.ConnectError as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise self.untrusted() from None
                if last:
                    raise self.silent(step, error) from None
                self.pause(times, None)
                continue
            except httpx.RequestError as error:
                if last or once:
                    raise self.silent(step, error) from None
                self.pause(times, None)
                continue
            if answer.status_code not in (REFUSED if once else LATER) or last:
                return answer
            self.pause(times, answer.headers.get("retry-after"))
        raise self.silent(step, None)

    def _once(self, method: str, url: str, step: str, headers: Mapping[str, str], *, token: bool, most: int,
              form: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        with self.open(method, url, step, headers, token=token, form=form) as answer:
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > most:
                    raise Unreadable(f"{self.host}: the answer to {step} is longer than {most >> 20} MiB.")
            return Answer(answer.status_code, answer.headers, bytes(body))

    @contextmanager
    def open(self, method: str, url: str, step: str, headers: Mapping[str, str], *, token: bool,
             form: Mapping[str, str] | None = None) -> Iterator["httpx.Response"]:  # fmt: skip
        """An answer whose body is still to come; a token that ran out is fetched again, once. Raises RequestError."""
        for fresh in (False, True):
            answer = self._hop(method, url, step, headers, token=token, fresh=fresh, form=form)
            if answer.status_code == 401 and token and self.tokens and not fresh:
                answer.close()
                continue
            break
        try:
            yield answer
        finally:
            answer.close()

    def _hop(self, method: str, url: str, step: str, headers: Mapping[str, str], *, token: bool, fresh: bool,
             form: Mapping[str, str] | None) -> "httpx.Response":  # fmt: skip
        for _ in range(HOPS + 1):
            answer = self._send(method, url, headers, token=token, fresh=fresh, form=form)
            if answer.status_code not in REDIRECTS or method != "GET":
                return answer
            answer.close()
            before = url
            url = self.allowed(urljoin(url, answer.headers.get("location", "")), f"the redirect of {step}")
            token = token and urlsplit(url).netloc == urlsplit(before).netloc
        raise Unreadable(f"{self.host}: {step} is redirected more than {HOPS} times.")

    def _send(self, method: str, url: str, headers: Mapping[str, str], *, token: bool, fresh: bool,
              form: Mapping[str, str] | None) -> "httpx.Response":  # fmt: skip
        import httpx

        sent = {
            **headers,
            **({"Authorization": self.tokens.header(self, fresh=fresh)} if token and self.tokens else {}),
        }
        try:
            request = self.client.build_request(method, url, headers=sent, data=dict(form) if form else None)
        except (httpx.InvalidURL, ValueError):
            raise Unreadable(f"{self.host}: an address it gave is not written as an address is.") from None
        return self.client.send(request, stream=True)

    def allowed(self, url: str, what: str) -> str:
        """The address, if it may be asked. Raises Unreadable."""
        try:
            return self.about.allowed.url(url)
        except Forbidden as error:
            raise Unreadable(f"{self.host}: {what} is not followed: {error}.") from None

    @property
    def host(self) -> str:
        """What is shown of where the server is."""
        return urlsplit(self.about.base_url).hostname or ""

    def pause(self, times: int, header: str | None) -> None:
        """Waits as the server says, else longer each time."""
        now = datetime.fromtimestamp(self.clock.now(), UTC)
        wait = said(header, now)
        first = self.about.limits.poll_seconds
        self.clock.wait(longer(times, first, LONGEST_WAIT, self.clock.chance()) if wait is None else wait)

    def silent(self, step: str, error: Exception | None) -> Unreachable:
        """That the server does not answer; the library's words may hold an address, so its kind of trouble is said."""
        why = f" ({type(error).__name__})" if error else ""
        return Unreachable(f"{self.host} does not answer to {step}{why}. Try again later: what was landed stays.")

    def untrusted(self) -> BadMapping:
        """That the server's certificate is none that this machine trusts."""
        return BadMapping(self.host, "shows a certificate that is not trusted here",
                          "Name your authority's certificates with `ca_file`; never go on without.")  # fmt: skip

    def refused(self, step: str, answer: Answer) -> ConnectorError:
        """What an answer that is no success means: later, not allowed, or not understood."""
        status, found = answer.status_code, _CODE.search(answer.content[:4096])
        code = f", {found[1].decode()}" if found else ""
        if status in (401, 403):
            return BadMapping(self.host, f"does not let this client do {step} ({status}{code})",
                              "Check the client, its key and its scopes with the server's operator.")  # fmt: skip
        if status in LATER:
            return Unreachable(f"{self.host} answers {status}{code} to {step}. Try again later: what was landed stays.")
        return Unreadable(f"{self.host} answers {status}{code} to {step}. Check the description: docs/fhir-server.md.")


def _trusted(about: Description) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=about.ca_file or None)
    except (OSError, ssl.SSLError):
        raise BadMapping(about.name, "`ca_file` holds no certificates in PEM", "Name the file of your CA.") from None

"""The description of a FHIR server: where it is, what is asked of it, and who asks. Holds no secret.

A description is refused when it is loaded, never halfway through an export.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.description import described
from connectors.fhir.resources import RESOURCES
from connectors.fhir_server.address import Allowed, Forbidden, sound

DOCS = "docs/fhir-server.md"
KIND = "fhir_server"
_SCOPE = re.compile(r"^(?:system|patient|group/[A-Za-z0-9.-]{1,64})$")
_SINCE = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$")
_HOST = re.compile(r"^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$")


def _base(url: str) -> str:
    try:
        parts = sound(url)
    except Forbidden as error:
        raise ValueError(str(error)) from None
    if parts.query or parts.fragment:
        raise ValueError("give the address without ? and #")
    return url.rstrip("/")


def _sound(url: str) -> str:
    try:
        sound(url)
    except Forbidden as error:
        raise ValueError(str(error)) from None
    return url


def _matching(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.match(text):
            raise ValueError(what)
        return text

    return AfterValidator(check)


Text = Annotated[str, Field(min_length=1, max_length=4096)]
Host = Annotated[str, _matching(_HOST, "must be host or host:port")]
Type = Annotated[str, _matching(re.compile(r"^[A-Z][A-Za-z]{1,63}$"), "must be a type of resource, as in `Patient`")]


class Strict(BaseModel):
    """Nothing is coerced, nothing unknown is taken."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Smart(Strict):
    """SMART Backend Services: a signed assertion for a token. `token_url` is asked of the server where it is empty."""

    client_id: Text
    key_file: Text
    key_id: str = ""
    alg: Literal["RS384", "ES384"] = "RS384"
    token_url: Annotated[str, AfterValidator(lambda url: _sound(url) if url else url)] = ""
    scopes: list[Text] = ["system/*.read"]


class Bearer(Strict):
    """A token that somebody else gets, in a variable of the environment or a file of mode 600."""

    env: str = ""
    file: str = ""


class Limits(Strict):
    """Bounds: none of them is a guess about the server, each is what this machine is ready to take."""

    wait_seconds: Annotated[float, Field(gt=0, le=604_800)] = 86_400.0  # for the whole export to be ready
    poll_seconds: Annotated[float, Field(ge=0.01, le=300)] = 2.0  # between first questions, where the server is silent
    connect_seconds: Annotated[float, Field(gt=0, le=300)] = 15.0
    read_seconds: Annotated[float, Field(gt=0, le=3_600)] = 120.0
    attempts: Annotated[int, Field(ge=1, le=100)] = 8
    parallel: Annotated[int, Field(ge=1, le=8)] = 3
    file_bytes: Annotated[int, Field(ge=1)] = 50 << 30
    bytes: Annotated[int, Field(ge=1)] = 500 << 30


class Description(Strict):
    """One server at a site. `types` are those with a shared table where they are not named."""

    name: Annotated[str, _matching(re.compile(r"^[A-Za-z0-9._-]{1,64}$"), "letters, digits, `.`, `_`, `-`")]
    kind: Literal["fhir_server"]
    base_url: Annotated[str, AfterValidator(_base)]
    export: Annotated[str, _matching(_SCOPE, "must be `system`, `patient` or `group/ID`")] = "system"
    types: list[Type] = []
    type_filter: list[Text] = []
    since: Annotated[str, _matching(re.compile(f"^$|{_SINCE.pattern}"), "must be an instant with a zone")] = ""
    hosts: list[Host] = []
    ca_file: str = ""
    proxy: Annotated[str, AfterValidator(lambda url: _sound(url) if url else url)] = ""
    smart: Smart | None = None
    bearer: Bearer | None = None
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _says_who_asks_once(self) -> Self:
        if self.smart and self.bearer:
            raise ValueError("say either [smart] or [bearer]")
        if self.bearer and bool(self.bearer.env) == bool(self.bearer.file):
            raise ValueError("[bearer] needs either `env` or `file`")
        return self

    @property
    def allowed(self) -> Allowed:
        """The addresses that may be asked."""
        return Allowed(self.base_url, tuple(host.lower() for host in self.hosts))

    @property
    def asked_types(self) -> tuple[str, ...]:
        """Types of resources that are asked for, in alphabetical order."""
        return tuple(sorted(set(self.types or RESOURCES)))

    @property
    def start(self) -> str:
        """Where the export is asked for."""
        place = {"system": "", "patient": "Patient/"}.get(self.export, self.export.replace("group/", "Group/", 1) + "/")
        return f"{self.base_url}/{place}$export"

    @property
    def mark(self) -> str:
        """16 hex digits that follow from what is asked: an answer to another question is no start for this one."""
        asked = [self.start, *self.asked_types, "", *self.type_filter]
        return sha256("\n".join(asked).encode()).hexdigest()[:16]


def description(path: Path) -> Description:
    """The description in a file. Raises BadMapping: place and what is wrong, never what stands there."""
    return described(path, Description, DOCS)

"""A FHIR server as a process of its own, with keys made for the test, and descriptions of it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from connectors.feed import Landed
from connectors.fhir_server.clock import Clock
from connectors.fhir_server.describe import description
from connectors.fhir_server.feed import FhirServer

SERVER = Path(__file__).parents[1] / "servers" / "fhir_server.py"
LIMITS = "[limits]\npoll_seconds = 0.01\nattempts = 4\nread_seconds = 20.0\n"


def patients(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Resources of nobody."""
    return [{"resourceType": "Patient", "id": f"p{n}", "gender": "female", "birthDate": "1950-01-01"}
            for n in range(start, start + count)]  # fmt: skip


def observations(count: int) -> list[dict[str, Any]]:
    return [
        {"resourceType": "Observation", "id": f"o{n}", "status": "final", "subject": {"reference": f"Patient/p{n % 7}"},
         "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "pulse"},
         "effectiveDateTime": "2025-01-02T08:00:00+08:00", "valueQuantity": {"value": 60 + n % 40, "unit": "/min"}}
        for n in range(count)
    ]  # fmt: skip


def put(folder: Path, name: str, resources: list[dict[str, Any]]) -> None:
    """NDJSON that the server will offer."""
    path = folder / f"{name}.ndjson"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(each) + "\n" for each in resources), "utf-8")


def withdrawn(*ids: str) -> dict[str, Any]:
    """A Bundle as the `deleted` array of a manifest has them."""
    entries = [{"request": {"method": "DELETE", "url": f"Patient/{each}"}} for each in ids]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}


@dataclass
class Running:
    """`folder` is what the server offers, `home` where the key and the description lie."""

    url: str
    folder: Path
    home: Path
    process: "subprocess.Popen[str]"

    def faults(self, **said: Any) -> None:
        """Switches faults; those not named are off."""
        httpx.post(f"{self.url}/faults", json=said, trust_env=False)

    def told(self) -> dict[str, Any]:
        """What the server was asked."""
        return httpx.get(f"{self.url}/told", trust_env=False).json()

    def describe(self, more: str = "", who: str = "", limits: str = LIMITS, name: str = "server") -> Path:
        """A description; `more` goes before its tables, `who` says who asks (SMART where empty)."""
        path = self.home / f"{name}.toml"
        who = who or f'[smart]\nclient_id = "client-1"\nkey_file = "{self.home / "key.pem"}"\n'
        head = f'name = "{name}"\nkind = "fhir_server"\nbase_url = "{self.url}/fhir"\n'
        path.write_text(f"{head}{more}\n{who}\n{limits}", "utf-8")
        return path

    def feed(self, more: str = "", at_most: int | None = None, **said: Any) -> FhirServer:
        path = self.describe(more, **said)
        return FhirServer(path, description(path), at_most, Clock(wait=lambda _: None))

    def pulled(self, landing: Path, state: dict[str, str] | None = None, more: str = "", **said: Any) -> list[Landed]:
        """All that one pull lands."""
        landing.mkdir(exist_ok=True)
        return list(self.feed(more, **said).pull(state or {}, landing, lambda *_: None))


def private_key(path: Path, alg: str = "RS384") -> bytes:
    """A new private key in a file that only its owner reads; the public one as PEM."""
    made = rsa.generate_private_key(65537, 2048) if alg == "RS384" else ec.generate_private_key(ec.SECP384R1())
    path.touch(mode=0o600)
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@contextmanager
def running(home: Path, alg: str = "RS384") -> Iterator[Running]:
    """The server, ended when it is not needed any more; it offers nothing yet."""
    (home / "public.pem").write_bytes(private_key(home / "key.pem", alg))
    process = subprocess.Popen([sys.executable, SERVER, home / "public.pem"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Running(f"http://127.0.0.1:{process.stdout.readline().strip()}", home, home, process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def offering(server: Running, home: Path) -> Running:
    """The same process for another test: it forgets everything and offers what lies in a new folder of `home`."""
    made = Running(server.url, home / "offered", home, server.process)
    made.folder.mkdir()
    httpx.post(f"{server.url}/offer", json={"folder": str(made.folder)}, trust_env=False)
    shutil.copy2(server.home / "key.pem", home / "key.pem")
    return made

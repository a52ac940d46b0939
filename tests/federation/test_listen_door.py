"""Who may connect, and what is told of what came: TLS with client certificates, and no word of a message anywhere."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from federation.errors import Usage
from federation.node.listen.places import places
from federation.node.listen.proof import proofs
from federation.node.listen.senders import Sender, allowed, certificate_names, parsed
from federation.node.listen.tls import context
from tests.federation.listening import WAIT, Listening, answers, ask, coded, framed, hl7, kept, listening

LISTEN = "import sys; from federation.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def authority():
    """The hospital's own authority."""
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory):
    """Where the listener finds its certificate, its key and the authority."""
    folder = tmp_path_factory.mktemp("tls")
    server = authority.issue_cert("127.0.0.1")
    server.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    server.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "key.pem").chmod(0o600)
    return {name: str(folder / f"{name}.pem") for name in ("cert", "key", "ca")}


def secured(listener: Listening, authority: trustme.CA, own: trustme.LeafCert | None) -> ssl.SSLSocket:
    """A connection that shows a certificate, or none."""
    made = ssl.create_default_context()
    authority.configure_trust(made)
    if own is not None:
        own.configure_cert(made)
    return made.wrap_socket(
        socket.create_connection(("127.0.0.1", listener.port), timeout=WAIT), server_hostname="127.0.0.1"
    )


def test_who_shows_a_certificate_of_the_authority_is_heard(driver, tmp_path, authority, files):
    with listening(driver, tmp_path, **files) as listener:
        with secured(listener, authority, authority.issue_cert("lis.hospital")) as wire:
            assert [ask(wire, framed(hl7(n, "x" * 50_000))) for n in range(5)] == [f"AA {n}" for n in range(5)]
            wire.sendall(b"".join(framed(hl7(f"p{n}")) for n in range(300)))
            assert coded(answers(wire, 300)[-1]) == "AA p299"
        assert listener.stop() == 0
    assert len(kept(tmp_path)) == 305


@pytest.mark.parametrize("shows", ["nothing", "another authority's", "plain bytes"])
def test_who_does_not_is_refused_before_a_byte_of_hl7_is_read(driver, tmp_path, authority, files, shows):
    with listening(driver, tmp_path, **files) as listener:
        assert not _heard(listener, authority, shows)
        counted = listener.status()
        with secured(listener, authority, authority.issue_cert("lis.hospital")) as wire:
            assert ask(wire, framed(hl7(2))) == "AA 2"
    assert (counted["received"], counted["connections"]) == (0, 0)
    assert kept(tmp_path) == {"2": 1}


def _heard(listener: Listening, authority: trustme.CA, shows: str) -> bool:
    try:
        with _wire(listener, authority, shows) as wire:
            for _ in range(50):  # with TLS 1.3 a client is told only after its first bytes
                wire.sendall(framed(hl7(1)))
                if not wire.recv(4096).startswith(b"\x0b"):
                    return False
    except OSError:
        return False
    return True


def _wire(listener: Listening, authority: trustme.CA, shows: str) -> socket.socket:
    if shows == "plain bytes":
        return listener.connect()
    return secured(listener, authority, trustme.CA().issue_cert("lis.hospital") if shows != "nothing" else None)


def test_a_sender_bound_to_a_certificate_is_not_believed_over_another(driver, tmp_path, authority, files):
    allow = ["LIS@H1=lis.hospital", "RIS=ris.hospital"]
    with listening(driver, tmp_path, allow=allow, **files) as listener:
        with secured(listener, authority, authority.issue_cert("lis.hospital")) as wire:
            assert ask(wire, framed(hl7(1))) == "AA 1"
            assert ask(wire, framed(hl7(2).replace(b"|LIS|", b"|RIS|"))) == "AR 2"
        with secured(listener, authority, authority.issue_cert("ris.hospital")) as wire:
            assert ask(wire, framed(hl7(3))) == "AR 3"
    assert kept(tmp_path) == {"1": 1}


def test_off_the_loopback_it_does_not_listen_in_plain_unless_told_so():
    for host in ("0.0.0.0", "::", "10.1.2.3", "hospital.example"):
        with pytest.raises(Usage, match="--plain-network"):
            context(host, None, None, None, plain=False)
        assert context(host, None, None, None, plain=True) is None
    for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
        assert context(host, None, None, None, plain=False) is None


def test_tls_without_client_certificates_is_refused(files):
    with pytest.raises(Usage, match="must show a certificate"):
        context("0.0.0.0", Path(files["cert"]), Path(files["key"]), None, plain=False)


def test_a_key_that_everybody_can_read_is_refused(files, tmp_path):
    key = tmp_path / "key.pem"
    key.write_bytes(Path(files["key"]).read_bytes())
    key.chmod(0o644)
    with pytest.raises(Usage, match="chmod 600"):
        context("0.0.0.0", Path(files["cert"]), key, Path(files["ca"]), plain=False)


def test_rules_of_senders_are_read_and_fit():
    rules = parsed(["LIS", "RIS@H1", "PACS@H1=pacs.hospital"])
    assert rules[2] == Sender(b"PACS", b"H1", "pacs.hospital")
    assert allowed(rules, b"LIS^1.2.3^ISO", b"anything", frozenset())
    assert not allowed(rules, b"RIS", b"H2", frozenset())
    assert not allowed(rules, b"PACS", b"H1", frozenset({"lis.hospital"}))
    assert allowed((), b"", b"", frozenset())
    with pytest.raises(Usage):
        parsed(["@H1"])
    named = {"subject": ((("commonName", "a"),),), "subjectAltName": (("DNS", "b"), ("IP Address", "c"))}
    assert certificate_names(named) == {"a", "b"}


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", LISTEN, "listen", *words], capture_output=True, text=True, check=False, timeout=60
    )


class Command:
    """`guantong listen` as people start it."""

    def __init__(self, home: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", LISTEN, "listen", "--site", "A", "--home", str(home), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = self.process.stderr.readline()
        while "Listening" not in self.said.splitlines()[-1]:
            self.said += self.process.stderr.readline()
        self.port = int(self.said.splitlines()[-1].split(":")[1].split()[0])

    def stop(self) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, self.said + err


CANARY = "CANARY-ZHANG-110101199003071234"
LEAKS = [
    framed(hl7(CANARY, CANARY)),
    framed(hl7(CANARY, CANARY)),
    framed(hl7(CANARY, f"{CANARY} again")),
    framed(hl7("", CANARY)),
    framed(hl7(CANARY, CANARY, version=CANARY, head=f"{CANARY}^{CANARY}")),
    framed(CANARY.encode()),
    CANARY.encode() + b"\x1c\r",
    framed(hl7(1, CANARY))[:-40] + framed(hl7(2, CANARY)),
    framed(hl7(3, CANARY * 2000)),
    framed(f"MSH|^~\\&|LIS|{'H' * 9000}|{CANARY}\r".encode()),
]


def test_no_word_of_a_message_is_in_what_is_told_counted_indexed_or_proved(tmp_path):
    command = Command(tmp_path, "--port", "0", "--largest", "0.05", "--stall", "1", "--json")
    with socket.create_connection(("127.0.0.1", command.port), timeout=WAIT) as wire:
        for leak in LEAKS:
            wire.sendall(leak)
        wire.sendall(framed(hl7("end")))
        got = b""
        while b"|AA|end|" not in got:
            got += wire.recv(65536)
        wire.sendall(b"\x0b" + CANARY.encode())
    shown = [run(verb, *more, "--site", "A", "--home", str(tmp_path)) for verb, *more in VERBS]
    code, out, err = command.stop()
    assert code == 0
    assert json.loads(out)["received"] > 10
    at = places(tmp_path, "A")
    quiet = [at.status, at.lock, *at.indexes()]
    told = [out, err, *(path.read_text() for path in quiet), *(each.stdout + each.stderr for each in shown)]
    assert not [text for text in told if "CANARY" in text or "110101199003071234" in text]
    assert all(each.stdout for each in shown)
    assert CANARY in "".join(path.read_text("utf-8", "replace") for path in at.messages.iterdir()), (
        "it was there to leak"
    )


VERBS = [("status",), ("status", "--json"), ("verify",), ("proof", "end"), ("proof", "end", "--json")]


def test_status_verify_and_proof_agree_on_what_came(tmp_path):
    command = Command(tmp_path, "--port", "0")
    with socket.create_connection(("127.0.0.1", command.port), timeout=WAIT) as wire:
        wire.sendall(framed(hl7("17")))
        [answer] = answers(wire)
    assert command.stop()[0] == 0
    status = json.loads(run("status", "--json", "--site", "A", "--home", str(tmp_path)).stdout)
    assert (status["state"], status["running"], status["stored"]) == ("stopped", False, 1)
    assert status["backlog"]["messages"] == 1
    assert status["senders"]["LIS@H1"]["messages"] == 1
    [proof] = json.loads(run("proof", "17", "--json", "--site", "A", "--home", str(tmp_path)).stdout)["messages"]
    assert (proof["code"], proof["stands"], proof["linked"], proof["sender"]) == ("AA", "as received", True, "LIS@H1")
    assert proof["receipt"].encode() in answer, "the sender's own log holds the receipt"
    never = run("proof", "18", "--site", "A", "--home", str(tmp_path))
    assert (never.returncode, "never acknowledged" in never.stdout) == (1, True)
    assert run("verify", "--site", "A", "--home", str(tmp_path)).returncode == 0
    [segment] = places(tmp_path, "A").messages.iterdir()
    segment.write_bytes(segment.read_bytes().replace(b"PID17", b"PID18"))
    changed = run("verify", "--site", "A", "--home", str(tmp_path))
    assert (changed.returncode, "message 1" in changed.stderr) == (1, True)
    assert proofs(places(tmp_path, "A"), b"17")[0].stands == "changed"


def test_it_says_in_one_sentence_why_it_cannot_listen(tmp_path):
    for words, code, why in (
        (("--host", "0.0.0.0"), 2, "--plain-network"),
        (("--site", "a/b"), 2, "site's id"),
        (("--tls-cert", "no.pem"), 2, "--tls-client-ca"),
        (("--allow", "@X"), 2, "--allow"),
    ):
        done = run("--site", "A", "--home", str(tmp_path), *words)
        assert (done.returncode, why in done.stderr, "Traceback" in done.stderr) == (code, True, False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--site", "A", "--home", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert (done.returncode, "cannot be listened on" in done.stderr) == (4, True)
    assert run().returncode == 2


def test_on_a_network_without_tls_the_risk_is_named(tmp_path):
    command = Command(tmp_path, "--port", "0", "--host", "0.0.0.0", "--plain-network")
    assert command.said.startswith("WARNING")
    assert "without TLS" in command.said
    assert command.stop()[0] == 0


def test_systemd_is_told_when_it_is_ready(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(str(tmp_path / "notify"))
        wire.settimeout(WAIT)
        os.environ["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        try:
            command = Command(tmp_path / "home", "--port", "0")
        finally:
            del os.environ["NOTIFY_SOCKET"]
        assert wire.recv(100) == b"READY=1"
        command.stop()
        assert wire.recv(100) == b"STOPPING=1"

"""The pure parts: what a description may say, which addresses may be asked, how long to wait, what a manifest offers."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadMapping, UnknownFormat, Unreachable, Unreadable
from connectors.fhir.resources import RESOURCES
from connectors.fhir_server.address import Allowed, Forbidden, sound
from connectors.fhir_server.describe import description
from connectors.fhir_server.download import counted
from connectors.fhir_server.feed import FhirServer
from connectors.fhir_server.manifest import manifest
from connectors.fhir_server.wait import LONGEST, longer, percent, said
from connectors.kinds.fhir_server import CONNECTOR

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BASE = Allowed("https://fhir.example/r4", ("files.example",))
HEAD = 'name = "a"\nkind = "fhir_server"\nbase_url = "https://fhir.example/r4/"\n'


def described(tmp_path, text):
    path = tmp_path / "server.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_description_asks_for_the_types_that_have_a_shared_table(tmp_path):
    about = description(described(tmp_path, HEAD))
    assert about.asked_types == tuple(sorted(RESOURCES))
    assert about.start == "https://fhir.example/r4/$export"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("password = 'CANARY'", "password"),
        ("export = 'everything'", "export"),
        ("export = 'group/../../x'", "export"),
        ("types = ['patient']", "types"),
        ("since = '2024-01-01'", "since"),
        ("hosts = ['https://x']", "hosts"),
        ("[bearer]", "bearer"),
        ("[bearer]\nenv = 'A'\nfile = 'b'", "bearer"),
        ("[bearer]\nenv = 'A'\n[smart]\nclient_id = 'c'\nkey_file = 'k'", "smart"),
        ("[smart]\nclient_id = 'c'\nkey_file = 'k'\nalg = 'none'", "alg"),
        ("[smart]\nclient_id = 'c'\nkey_file = 'k'\ntoken_url = 'http://elsewhere.example/t'", "token_url"),
        ("[limits]\nparallel = 1000", "parallel"),
        ("[limits]\nattempts = '3'", "attempts"),
    ],
)
def test_a_description_that_contradicts_itself_is_refused_without_showing_it(tmp_path, more, words):
    with pytest.raises(BadMapping, match=words) as caught:
        description(described(tmp_path, f"{HEAD}{more}"))
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://fhir.example", "ftp://fhir.example", "file:///etc/passwd", "https://", "https://a:b@fhir.example",
        "https://fhir.example:0", "https://fhir.example:x", "//fhir.example", "https://fhir.example/\n", "http://10.0.0.1",
        "http://127.0.0.1.evil.example", "https://fhir.example/a b", "https://ｆhir.example", "",
    ],
)  # fmt: skip
def test_what_may_not_be_asked(tmp_path, url):
    with pytest.raises(Forbidden):
        sound(url)
    with pytest.raises(BadMapping):
        description(described(tmp_path, HEAD.replace("https://fhir.example/r4/", url.replace("\n", "\\n"))))


def test_only_the_server_itself_and_named_hosts_are_followed():
    assert BASE.url("/x?y=1") == "https://fhir.example/x?y=1"
    assert BASE.url("jobs/1") == "https://fhir.example/r4/jobs/1"
    assert BASE.url("https://FILES.example/1") == "https://FILES.example/1"
    for url in ("https://other.example/1", "https://fhir.example:8443/1", "http://127.0.0.1/1", "//other.example/1"):
        with pytest.raises(Forbidden):
            BASE.url(url)
    assert Allowed("http://127.0.0.1:80").url("http://127.0.0.1/1")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0.0), ("7", 7.0), ("999999", LONGEST), (" 3 ", 3.0), ("-1", None), ("1.5", None), ("soon", None), (None, None),
     ("٣", None), (format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9.0),
     (format_datetime(NOW - timedelta(days=9), usegmt=True), 0.0), ("Fri, 99 Foo 2026 99:99:99 GMT", None)],
)  # fmt: skip
def test_retry_after_is_a_number_or_a_date_and_has_bounds(header, seconds):
    assert said(header, NOW) == seconds


@given(st.text() | st.none())
def test_no_header_brings_it_down(header):
    assert (wait := said(header, NOW)) is None or 0 <= wait <= LONGEST
    assert (done := percent(header)) is None or 0 <= done <= 100


@given(st.integers(0, 10_000), st.floats(0.01, 10), st.floats(10, 100), st.floats(0, 1))
def test_waiting_grows_and_stays_within_bounds(times, first, most, jitter):
    assert 0 < longer(times, first, most, jitter) <= most


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no sound JSON"),
        (b"[]", "no sound JSON object"),
        (b"{}", "transactionTime"),
        (b'{"transactionTime":"today"}', "transactionTime"),
        (b'{"transactionTime":"2026-01-01T00:00:00Z","output":{}}', "`output`"),
        (b'{"transactionTime":"2026-01-01T00:00:00Z","output":[1]}', "Entry 1"),
        (b'{"transactionTime":"2026-01-01T00:00:00Z","output":[{"url":"x","type":"../x"}]}', "no type"),
        (b'{"transactionTime":"2026-01-01T00:00:00Z","requiresAccessToken":"no"}', "requiresAccessToken"),
        (
            b'{"transactionTime":"2026-01-01T00:00:00Z","output":[{"url":"https://o.example/CANARY","type":"Patient"}]}',
            "`hosts`",
        ),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_without_showing_it(raw, words):
    with pytest.raises(Unreadable, match=words) as caught:
        manifest(raw, BASE)
    assert "CANARY" not in str(caught.value)


def test_a_manifest_offers_what_stands_before_what_was_withdrawn_and_what_failed():
    raw = (b'{"transactionTime":"2026-01-01T00:00:00Z","requiresAccessToken":false,"error":[{"url":"/e"}],'
           b'"deleted":[{"type":"Bundle","url":"/d"}],"output":[{"type":"Patient","url":"/p","count":3}]}')  # fmt: skip
    found = manifest(raw, BASE)
    assert [(each.part, each.type, each.count) for each in found.files] == [
        ("output", "Patient", 3), ("deleted", "Bundle", -1), ("error", "OperationOutcome", -1),
    ]  # fmt: skip
    assert not found.needs_token
    assert manifest(raw.replace(b"/p", b"/q"), BASE).mark != found.mark


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_manifest_brings_it_down(raw):
    try:
        manifest(raw, BASE)
    except Unreadable:
        return


@given(st.lists(st.sampled_from([b"a", b"bb", b"", b" ", b"\r"]), max_size=12), st.booleans())
def test_lines_that_hold_something_are_counted(tmp_path_factory, parts, ended):
    path = tmp_path_factory.mktemp("lines") / "f"
    raw = b"\n".join(parts) + b"\n" * ended
    path.write_bytes(raw)
    assert counted(path) == (sum(1 for line in raw.split(b"\n") if line.strip()), True)


def answering(tmp_path, body, headers):
    """A server over TLS that answers everything alike, and the certificates to trust it with."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_a_certificate_is_trusted_only_where_its_authority_is_named(tmp_path):
    server = answering(tmp_path, b"{}", {})
    try:
        url = f"https://127.0.0.1:{server.server_address[1]}"
        text = f'name = "a"\nkind = "fhir_server"\nbase_url = "{url}"\n'
        for more, error, words in (
            ("", BadMapping, "not trusted here"),
            (f'ca_file = "{tmp_path / "ca.pem"}"\n', Unreadable, "answers 404 to the start of an export"),
            (f'ca_file = "{tmp_path / "server.toml"}"\n', BadMapping, "no certificates in PEM"),
        ):
            path = described(tmp_path, text + more)
            with pytest.raises(error, match=words):
                next(FhirServer(path, description(path)).pull({}, tmp_path, lambda *_: None))
    finally:
        server.shutdown()
        server.server_close()


def test_a_body_that_is_not_what_its_packing_says_is_no_traceback(tmp_path):
    server = answering(tmp_path, b"no gzip", {"Content-Encoding": "gzip", "Content-Length": "7"})
    try:
        url = f"https://127.0.0.1:{server.server_address[1]}"
        path = described(
            tmp_path, f'name = "a"\nkind = "fhir_server"\nbase_url = "{url}"\nca_file = "{tmp_path}/ca.pem"\n'
        )
        with pytest.raises(Unreachable, match="DecodingError"):
            next(FhirServer(path, description(path)).pull({}, tmp_path, lambda *_: None))
    finally:
        server.shutdown()
        server.server_close()


def test_a_description_is_sniffed_and_not_read(tmp_path):
    path = described(tmp_path, HEAD)
    told = CONNECTOR.sniff(path)
    assert told is not None
    assert (told.kind, told.sure) == ("fhir_server", 0.99)
    assert "fhir.example" in told.why
    with pytest.raises(UnknownFormat):
        CONNECTOR.open(path)
    broken = CONNECTOR.sniff(described(tmp_path, HEAD + "x = 1"))
    assert broken is not None
    assert "cannot be used yet" in broken.why
    assert CONNECTOR.sniff(described(tmp_path, 'kind = "other"')) is None

"""Certificates: bound to every byte of the rows, to the answers and to the checks; a reader needs no secret."""

import json

import polars as pl
import pytest

from federation.cli.main import main
from federation.errors import BadInput, Tampered, Usage
from federation.node.certify import issue, verify
from tests.federation.node_city import NOW, city, drawn, take

LINES = """
    k1 | p1 | 11010519491231002X | 5.1
    k2 | p2 |                    | 5.2
"""


def quiet(_done: int, _whole: int) -> None:
    """Tells nobody."""


@pytest.fixture
def home(tmp_path):
    """A home with one batch of site A."""
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "one", LINES))
    return home


@pytest.fixture
def signed(home):
    """A certificate, as it comes out of its file."""
    return json.loads(json.dumps(issue(home, "A", NOW, "std", quiet)))


def test_a_certificate_verifies_with_its_data_without_it_and_asked_again(home, signed):
    for told in (verify(signed, home, False, quiet), verify(signed, home, True, quiet)):
        assert (told.site, told.ours, told.data, told.later, told.other_library) == ("A", True, True, 0, False)
    assert verify(signed, None, False, quiet).data is False


@pytest.mark.parametrize("path", [("site",), ("issued",), ("content", "digest"), ("library", "digest"), ("answers", 0, 1),
                                  ("scores", "nhc", 0, "numerator")])  # fmt: skip
def test_a_changed_word_or_number_is_noticed(home, signed, path):
    *way, last = path
    place = signed["certificate"]
    for step in way:
        place = place[step]
    place[last] = f"{place[last]}1" if isinstance(place[last], str) else place[last] + 1
    with pytest.raises(Tampered, match="signature"):
        verify(signed, None, False, quiet)


def files(home):
    [batch] = list((home.site("A") / "batches").iterdir())
    return sorted(batch.glob("p*/*.parquet"))


def test_a_changed_byte_of_any_file_is_noticed(home, signed):
    for path in files(home):
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(Tampered, match=rf"{path.stem}.parquet was changed"):
            verify(signed, home, False, quiet)
        path.write_bytes(before)
    verify(signed, home, False, quiet)


def test_a_changed_row_a_lost_file_and_one_put_in_are_noticed(home, signed):
    rows = next(path for path in files(home) if path.stem == "observation")
    before = rows.read_bytes()
    frame = pl.read_parquet(rows)
    frame.with_columns(value_text=pl.lit("9")).write_parquet(rows)
    with pytest.raises(Tampered, match="was changed"):
        verify(signed, home, False, quiet)
    rows.unlink()
    with pytest.raises(Tampered, match="is gone"):
        verify(signed, home, False, quiet)
    rows.write_bytes(before)
    (rows.parent / "more.parquet").write_bytes(before)
    with pytest.raises(Tampered, match="was put in"):
        verify(signed, home, False, quiet)


def test_counts_that_were_rewritten_do_not_pass_when_the_rows_are_asked_again(home, tmp_path):
    [batch] = [path.name for path in (home.site("A") / "batches").iterdir()]
    score = home.score("A", batch)
    pl.read_parquet(score).with_columns(failed=pl.lit(0, pl.Int64), asked=pl.col("asked") + 5).write_parquet(score)
    signed = issue(home, "A", NOW, "std", quiet)
    verify(signed, home, False, quiet)
    with pytest.raises(Tampered, match="answer otherwise"):
        verify(signed, home, True, quiet)


def test_later_batches_are_counted_and_change_nothing(home, signed, tmp_path):
    take(home, drawn(tmp_path / "in", "two", "k3 | p3 | | 5.3"))
    assert verify(signed, home, False, quiet).later == 1


def test_issuing_is_in_the_ledger(home, signed, capsys):
    assert main(["ledger", "show", "--home", str(home.path), "--json"]) == 0
    last = json.loads(capsys.readouterr().out)["entries"][-1]
    assert (last["kind"], last["body"]["site"]) == ("certificate", "A")
    assert last["body"]["content"] == signed["certificate"]["content"]["digest"]


@pytest.mark.parametrize(
    "wrong", [None, [], {}, {"certificate": {}, "signature": {}}, {"certificate": 1, "signature": 2}]
)
def test_what_is_no_certificate_is_said_to_be_none(wrong):
    with pytest.raises(BadInput, match="not a certificate"):
        verify(wrong, None, False, quiet)


def test_a_site_that_sent_nothing_is_not_certified(tmp_path):
    with pytest.raises(Usage, match=r"[Nn]o site|sent nothing"):
        issue(city(tmp_path, "A"), "A", NOW, "std", quiet)


@pytest.mark.parametrize("profile", ["std", "gm"])
def test_the_command_writes_a_file_that_verifies_anywhere(home, tmp_path, capsys, profile):
    out = tmp_path / "certificate.json"
    at = ["--home", str(home.path)]
    assert main(["score", "certify", "--site", "A", "--out", str(out), "--profile", profile, *at]) == 0
    assert main(["score", "certify", "--site", "A", "--out", str(out), *at]) == 2
    assert main(["score", "verify", str(out), "--rescore", *at]) == 0
    assert main(["score", "verify", str(out), "--signature-only", "--home", str(tmp_path / "elsewhere")]) == 0
    capsys.readouterr()
    out.write_text(out.read_text().replace('"A"', '"B"'))
    assert main(["score", "verify", str(out), *at]) == 1
    assert "signature" in capsys.readouterr().err

"""The linkage key: derived from, told by its mark, refused where two meet, and nowhere to be seen."""

import copy
import hashlib
import hmac
import os
import pickle
import subprocess
import sys
import traceback

import polars as pl
import pytest

from federation.errors import BadInput, Refused
from federation.linkage.key import LinkageKey, one_mark
from federation.linkage.token import token_column
from federation.privacy.keyed import Keyed

SECRET = bytes(range(32))
KEY = LinkageKey(SECRET)


def forms(secret: bytes) -> list[str]:
    return [secret.hex(), repr(secret)[2:20], secret[8:].hex(), str(list(secret))[:30]]


def hidden(text: str, secret: bytes = SECRET) -> bool:
    return not any(form in text for form in forms(secret))


def test_keys_of_two_purposes_fields_and_versions_differ_and_say_the_same_every_time():
    made = [KEY.derive("token", "id"), KEY.derive("token", "phone"), KEY.derive("bloom", "id"),
            LinkageKey(SECRET, 2).derive("token", "id")]  # fmt: skip
    assert len(set(made)) == 4
    assert KEY.derive("token", "id") == made[0]
    assert KEY.derive("a", "b\0c") != KEY.derive("a\0b", "d")


def test_a_key_is_derived_as_rfc_5869_says():
    extracted = hmac.digest(b"guantong linkage 1", SECRET, "sha256")
    assert KEY.derive("token", "id") == hmac.digest(extracted, b"1\0token\0id\x01", "sha256")


@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda key: f"{[key]} { ({'key': key}) }"])
def test_no_representation_shows_the_key(show):
    assert hidden(show(KEY))
    assert not hasattr(KEY, "__dict__")
    assert hidden(repr(Keyed(SECRET)))


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_is_neither_pickled_nor_copied(take):
    for key in (KEY, Keyed(SECRET)):
        with pytest.raises(TypeError, match="in clear"):
            take(key)


def test_a_traceback_with_all_its_local_values_does_not_show_the_key():
    with pytest.raises(pl.exceptions.PolarsError) as raised:
        token_column("id", pl.Series([["a"], ["b"]]), KEY)  # lists are no text
    told = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert KEY.mark in told
    assert hidden(told)
    assert hidden(told, KEY.derive("token", "id"))


def test_the_key_is_in_no_query_plan():
    frame = pl.DataFrame({"value": ["甲", "乙"]})
    lazy = (
        frame.lazy()
        .with_columns(token_column("id", frame["value"], KEY).alias("token"))
        .filter(pl.col("token").is_not_null())
    )
    for plan in (lazy.explain(optimized=True), lazy.explain(optimized=False), str(lazy.serialize(format="binary"))):
        assert hidden(plan)
        assert hidden(plan, KEY.derive("token", "id"))


LOUD = """
import sys, logging, pathlib
logging.basicConfig(level=0)
import polars as pl
from federation.linkage.key import LinkageKey
from federation.linkage.token import token_column
key = LinkageKey.read(sys.stdin.read(), "stdin")
token_column("id", pl.Series(["x", "y", "x"]), key)
here = pathlib.Path("/proc/self")
print(here.joinpath("cmdline").read_bytes(), here.joinpath("environ").read_bytes(), key)
"""


def test_the_key_is_in_no_log_no_process_list_and_no_environment():
    loud = {**os.environ, "POLARS_VERBOSE": "1", "RUST_LOG": "trace"}
    done = subprocess.run(
        [sys.executable, "-c", LOUD], input=KEY.written(), capture_output=True, text=True, env=loud, check=True
    )
    assert KEY.mark in done.stdout
    assert hidden(done.stdout + done.stderr)
    assert hidden(done.stdout + done.stderr, KEY.derive("token", "id"))


def test_a_key_file_says_the_key_and_a_bad_one_is_not_repeated():
    assert LinkageKey.read(KEY.written(), "key").mark == KEY.mark
    for text in ("", "x" * 64, SECRET.hex(), KEY.written() + "1", KEY.written().replace(" 1 ", " 0 ")):
        with pytest.raises(BadInput, match="city") as told:
            LinkageKey.read(text, "link.key")
        assert hidden(str(told.value))


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(32), b"a" * 32])
def test_what_is_no_random_key_is_refused(secret: bytes):
    with pytest.raises(ValueError, match="random"):
        LinkageKey(secret)


def test_what_was_made_under_two_keys_or_a_strange_one_is_not_linked():
    old, new, strange = KEY.mark, LinkageKey(SECRET, 2).mark, "名字甲"
    assert one_mark([old, old], {old, new}) == old
    with pytest.raises(Refused, match="2 keys"):
        one_mark([old, new], {old, new})
    with pytest.raises(Refused, match="no key that is known") as told:
        one_mark([old, strange], {old, new})
    assert strange not in str(told.value)
    with pytest.raises(Refused, match="No mark"):
        one_mark([], {old})


def test_a_mark_tells_nothing_that_a_key_of_any_purpose_has():
    assert KEY.mark not in KEY.derive("token", "id").hex()
    assert KEY.mark not in hashlib.sha256(SECRET).hexdigest()

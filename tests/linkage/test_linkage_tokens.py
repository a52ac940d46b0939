"""Tokens: HMAC as the standards have it, one a number and kind, of usable numbers only; clear text is refused."""

import hashlib
import hmac

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Refused
from federation.linkage.identity import IDENTITY, NUMBERS
from federation.linkage.key import LinkageKey
from federation.linkage.normal.persons import normal
from federation.linkage.token import TOKENS, must_be_tokens, token_column, tokens
from federation.privacy.keyed import Keyed

KEY = LinkageKey(bytes(range(32)))
HOLDS = "11010519491231002X"  # the example of GB 11643


def test_sha_256_gives_the_answers_of_rfc_4231():
    assert Keyed(b"\x0b" * 20).digests(["Hi There"])[0].hex() == (
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    )
    assert Keyed(b"Jefe").digests(["what do ya want for nothing?"])[0].hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")  # fmt: skip
    long = "Test Using Larger Than Block-Size Key - Hash Key First"
    assert Keyed(b"\xaa" * 131).digests([long])[0].hex() == (
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")  # fmt: skip


def test_sm3_gives_the_answers_of_gb_t_32905_and_its_hmac_is_rfc_2104s():
    def sm3(text: bytes) -> bytes:
        return hashlib.new("sm3", text).digest()

    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    for key in (b"k" * 16, bytes(range(64)), bytes(100)):
        padded = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
        assert Keyed(key, "gm").digests(["文"]) == [sm3(outer + sm3(inner + "文".encode()))]


def test_sm3_of_the_extra_library_agrees():
    from gmssl import sm3

    assert sm3.sm3_hash(list(b"abc")) == hashlib.new("sm3", b"abc").hexdigest()


@given(st.lists(st.one_of(st.none(), st.text(max_size=80)), max_size=20), st.sampled_from(["std", "gm"]))
def test_a_column_of_tokens_is_a_plain_hmac_loop(values: list[str | None], profile: str):
    hash_name = {"std": "sha256", "gm": "sm3"}[profile]
    made = token_column("id", pl.Series(values, dtype=pl.String), KEY, profile).to_list()
    key = KEY.derive("token", "id")
    assert made == [None if each is None else hmac.digest(key, each.encode(), hash_name)[:16] for each in values]


def numbers(*rows: tuple[str, str | None, str]) -> pl.DataFrame:
    return pl.DataFrame([("A", *row) for row in rows], schema=NUMBERS, orient="row")


def made(rows: pl.DataFrame, **person: object) -> pl.DataFrame:
    people = pl.DataFrame([{"site": "A", "record": "1", **person}], schema=IDENTITY)
    return tokens(*normal(people, rows), KEY).rows


def test_one_person_has_one_token_however_the_number_was_written():
    rows = made(
        numbers(("1", "1", HOLDS), ("1", "01", "110105491231002"), ("1", "1", "１１０１０５１９４９１２３１００２ｘ"))
    )
    assert rows.schema == TOKENS
    assert rows.select("site", "record", "kind").rows() == [("A", "1", "id")]
    assert rows["token"].bin.size().to_list() == [16]


def test_a_number_that_may_not_stand_for_a_person_has_no_token():
    assert made(
        numbers(("1", "1", "1" * 18), ("1", "1", "-"), ("1", None, "7654320"), ("1", "1", HOLDS[:-1] + "1"))
    ).is_empty()


def test_the_same_digits_of_two_kinds_are_two_tokens_and_a_telephone_number_is_one():
    rows = made(numbers(("1", "6", "E7654320"), ("1", "9", "E7654320")), phone="154 0000 0012")
    assert rows["kind"].to_list() == ["other", "passport", "phone"]
    assert rows["token"].n_unique() == 3


def test_another_key_version_or_hash_makes_other_tokens():
    column = pl.Series([HOLDS])
    keys = [
        (KEY, "std"),
        (KEY, "gm"),
        (LinkageKey(bytes(range(32)), 2), "std"),
        (LinkageKey(bytes(range(1, 33))), "std"),
    ]
    assert len({token_column("id", column, *each).item() for each in keys}) == 4


def sent(*tokens_: bytes | None, kind: str = "id") -> pl.DataFrame:
    return pl.DataFrame([("A", "1", kind, each) for each in tokens_], schema=TOKENS, orient="row")


def test_tokens_are_taken():
    must_be_tokens(made(numbers(("1", "1", HOLDS)), phone="15400000012"))
    many = token_column("id", pl.Series([str(n) for n in range(20_000)]), KEY)
    must_be_tokens(sent(*many))


@pytest.mark.parametrize("clear", [
    [HOLDS.encode()] * 9, [HOLDS.encode()[:16]] * 9, [b"15400000012".ljust(16, b"\0")] * 9, ["某某某某某".encode() + b"\0"] * 9,
    [b""], [None], [bytes(15)],
])  # fmt: skip
def test_clear_text_in_a_tokens_place_is_refused_and_not_repeated(clear: list[bytes | None]):
    with pytest.raises(Refused) as told:
        must_be_tokens(sent(*clear))
    assert "1101" not in str(told.value)
    assert "某" not in str(told.value)


def test_a_frame_of_another_shape_or_an_unknown_kind_is_refused():
    with pytest.raises(Refused, match="columns"):
        must_be_tokens(pl.DataFrame({"site": ["A"], "record": ["1"], "kind": ["id"], "token": [HOLDS]}))
    with pytest.raises(Refused, match="kind") as told:
        must_be_tokens(sent(bytes(range(16)), kind="甲"))
    assert "甲" not in str(told.value)

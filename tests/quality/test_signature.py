"""Signatures: both profiles sign and notice every change; vectors of the standards hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Tampered, Usage
from federation.privacy.signature import Signature, fingerprint, must_match, sign

# RFC 8032, section 7.1, test 2.
SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
VALUE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
NONCE = bytes(range(32))


def test_std_is_the_ed25519_of_its_standard():
    assert sign("std", SECRET, b"\x72", NONCE) == Signature("std", PUBLIC, VALUE)


@pytest.mark.parametrize("profile", ["std", "gm"])
def test_what_was_signed_matches_and_nothing_else_does(profile):
    signature = sign(profile, SECRET, b"ten rows", NONCE)
    must_match(signature, b"ten rows")
    for changed in (
        Signature(profile, signature.public, signature.value[:-1] + ("0" if signature.value[-1] != "0" else "1")),
        Signature(profile, sign(profile, NONCE, b"", NONCE).public, signature.value),
        Signature(profile, "", ""),
        Signature(profile, "zz", signature.value),
    ):
        with pytest.raises(Tampered):
            must_match(changed, b"ten rows")
    with pytest.raises(Tampered):
        must_match(signature, b"nine rows")


@given(st.binary(max_size=200), st.integers(0), st.binary(min_size=32, max_size=32))
def test_no_flipped_bit_passes(message, at, secret):
    signature = sign("std", secret, message, NONCE)
    flipped = bytearray(message + bytes.fromhex(signature.value))
    flipped[at // 8 % len(flipped)] ^= 1 << at % 8
    changed, value = bytes(flipped[: len(message)]), bytes(flipped[len(message) :]).hex()
    with pytest.raises(Tampered):
        must_match(Signature("std", signature.public, value), changed)


def test_an_unknown_profile_is_refused():
    with pytest.raises(Usage, match="no signature profile"):
        sign("rsa", SECRET, b"", NONCE)


def test_a_fingerprint_can_be_read_out_on_the_telephone():
    assert [len(group) for group in fingerprint(PUBLIC).split()] == [4] * 8

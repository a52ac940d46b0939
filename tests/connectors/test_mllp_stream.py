"""Bytes of a wire become messages and refused pieces, the same however they are cut; answers are what HL7 asks for."""

import random

from hypothesis import given
from hypothesis import strategies as st

from connectors.mllp.answer import Outcome, Why, answer, code_of
from connectors.mllp.envelope import begins_with, envelope
from connectors.mllp.splitter import KEPT, Refused, Splitter

PIECES = [
    b"\x0b",
    b"\x1c",
    b"\r",
    b"\n",
    b"MSH|",
    b"BHS|",
    b"abc",
    b"\x0bMSH|^",
    b"\x1c\r",
    b"\x1c\n",
    b"x" * 600,
    b"\xe7",
]
STREAM = st.lists(st.sampled_from(PIECES), max_size=16).map(b"".join)


def split(stream: bytes, cuts: list[int], largest: int = 1000) -> list[bytes | Refused]:
    splitter, found, before = Splitter(largest), [], 0
    for cut in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        found += splitter.feed(stream[before:cut])
        before = cut
    return found + splitter.finish()


@given(STREAM, st.lists(st.integers(0, 10_000), max_size=8))
def test_wherever_the_stream_is_cut_the_same_comes_out(stream, cuts):
    whole = split(stream, [])
    assert split(stream, cuts) == whole
    assert split(stream, list(range(len(stream)))) == whole


@given(STREAM)
def test_every_byte_is_in_a_message_or_refused_or_frames_one(stream):
    found = split(stream, [])
    counted = sum(piece.size if isinstance(piece, Refused) else len(piece) for piece in found)
    assert counted <= len(stream)
    framing = len(stream) - counted
    assert framing <= sum(stream.count(byte) for byte in (b"\x0b", b"\x1c", b"\r", b"\n"))


@given(st.lists(st.binary(min_size=1).filter(lambda body: not set(body) & {0x0B, 0x1C}), max_size=5), STREAM)
def test_messages_come_out_as_they_went_in_whatever_stands_before_them(bodies, noise):
    stream = b"".join(b"\x0b" + b"MSH|" + body + b"\x1c\r" for body in bodies)
    found = [piece for piece in split(noise + stream, []) if isinstance(piece, bytes)]
    assert found[len(found) - len(bodies) :] == [b"MSH|" + body for body in bodies]


def test_a_frame_without_end_holds_no_more_than_its_limit():
    splitter = Splitter(1 << 20)
    splitter.feed(b"\x0bMSH|")
    for _ in range(500):
        assert splitter.feed(b"x" * 100_000) == []
        assert splitter.held <= (1 << 20) + 200_000
    [refused] = splitter.feed(b"\x1c\r")
    assert (refused.reason, refused.size, len(refused.kept)) == ("too-large", 50_000_006, KEPT)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_a_header_or_an_answer_fail(data):
    for body in (data, b"MSH" + data, b"MSH|^~\\&|" + data):
        head = envelope(body)
        assert begins_with(body) in {"message", "batch", "no-header", "wrong-encoding"}
        for outcome in Outcome:
            code = code_of(head, outcome)
            if code is not None:
                told = answer(head, code, b"1", b"20261127", b"words", Why(b"100", b"means", b"words"))
                [back] = Splitter(1 << 20).feed(told)
                assert isinstance(back, bytes), "an answer is one whole frame, whatever it echoes"


def test_a_hanzi_whose_second_byte_is_the_separator_does_not_shift_the_header():
    # 張 is 8F 7C in GBK: 7C is `|`
    head = envelope("MSH|^~\\&|張|H1|GT|C|2026||ADT^A01|7|P|2.4||||||GB18030\r".encode("gb18030"))
    assert (head.application.decode("gb18030"), head.control_id, head.charset) == ("張", b"7", b"GB18030")


def test_latin_letters_before_a_separator_are_not_taken_for_hanzi():
    head = envelope(b"MSH|^~\\&|CAF\xc9|H1|GT|C|2026||ADT^A01|7|P|2.4||||||8859/1\r")
    assert (head.application, head.control_id) == (b"CAF\xc9", b"7")


def test_where_nothing_says_which_type_and_version_tell_latin_letters_from_hanzi():
    head = envelope(b"MSH|^~\\&|CAF\xc9|H1|GT|C|2026||ADT^A01|7|P|2.4\r")
    assert (head.application, head.control_id) == (b"CAF\xc9", b"7")
    head = envelope("MSH|^~\\&|張|H1|GT|C|2026||ADT^A01|7|P|2.4\r".encode("gb18030"))
    assert (head.application.decode("gb18030"), head.control_id) == ("張", b"7")


def test_a_header_may_follow_a_mark_and_blank_lines_and_end_in_lf():
    assert envelope(b"\xef\xbb\xbf\r\nMSH|^~\\&|LIS|||||||7\nPID|x").control_id == b"7"


def test_the_text_for_people_never_breaks_strange_separators():
    head = envelope(b"MSHs^~\\&sLISsHs" + b"s" * 5 + b"\r")
    assert head is None, "a letter separates nothing"
    head = envelope(b"MSH.^~\\&.LIS.H.....ADT^A01.7.P.2\r")
    told = answer(head, b"AR", b"1", b"2026", b"One. Two. Three.", None)
    assert told.split(b"\r")[1] == b"MSA.AR.7.One Two Three"


def test_from_2_7_on_the_withdrawn_text_is_left_out():
    head = envelope(b"MSH|^~\\&|LIS|H|||||ADT^A01|7|P|2.8\r")
    assert answer(head, b"AA", b"1", b"2026", b"stored 1").split(b"\r")[1] == b"MSA|AA|7"


def test_random_splits_of_a_long_stream_are_read_quickly():
    chance = random.Random(1)
    stream = b"".join(b"\x0bMSH|^~\\&|%d|" % n + b"x" * chance.randrange(3000) + b"\x1c\r" for n in range(2000))
    found = split(stream, [chance.randrange(len(stream)) for _ in range(3000)], 1 << 20)
    assert len(found) == 2000


def test_a_lone_0x1c_is_a_byte_of_the_message_unless_it_is_the_last():
    assert split(b"\x0bA\x1cB\x1c\r", []) == [b"A\x1cB"]
    assert split(b"\x0bA\x1c", []) == [b"A"]
    assert split(b"\x0bA\x1c\nB\x0bC\x1c\x0bD\x1c\r", []) == [b"A", Refused("outside-a-frame", 1, b"B"), b"C", b"D"]
    assert split(b"\x0bA\x1c\x1c\r", []) == [b"A\x1c"]

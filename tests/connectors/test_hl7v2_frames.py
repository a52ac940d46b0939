"""Frames of MLLP: the same however the stream is cut, whole or not at all, found again after garbage."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.hl7v2.frames import Frame, Frames

A, B = b"MSH|^~\\&|A\rPID|1\r", b"MSH|^~\\&|B\r"
PIECES = st.lists(
    st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\n", b"MSH|", b"x", b"\x0bMSH|^~\\&|1\r\x1c\r"]), max_size=30
)


def frames(*pieces: bytes, largest: int = 1 << 20) -> tuple[list[bytes], Frames]:
    splitter = Frames(largest)
    found = [frame for piece in pieces for frame in splitter.feed(piece)]
    return [frame.body for frame in found + splitter.finish()], splitter


def framed(*messages: bytes) -> bytes:
    return b"".join(b"\x0b" + each + b"\x1c\r" for each in messages)


def test_a_frame_knows_where_it_stands_in_the_stream():
    splitter = Frames()
    assert splitter.feed(b"\r\n" + framed(A)) == [Frame(2, len(A) + 3, A)]
    assert splitter.feed(framed(B)) == [Frame(len(A) + 5, len(B) + 3, B)]
    assert splitter.skipped == 0


@given(PIECES, st.integers(1, 7))
def test_the_frames_are_the_same_however_the_stream_is_cut(pieces, step):
    stream = b"".join(pieces)
    whole = Frames().feed(stream)
    splitter = Frames()
    assert [f for at in range(0, len(stream), step) for f in splitter.feed(stream[at : at + step])] == whole
    assert all(stream[f.offset : f.offset + 1] == b"\x0b" and f.body in stream for f in whole)


@given(st.lists(st.binary(max_size=40).filter(lambda b: not {0x0B, 0x1C} & set(b)), max_size=8), st.integers(1, 50))
def test_what_was_framed_comes_out(messages, step):
    stream = framed(*messages)
    found, splitter = frames(*(stream[at : at + step] for at in range(0, len(stream), step)))
    assert (found, splitter.skipped, splitter.broken) == (messages, 0, 0)


def test_garbage_between_frames_is_counted_and_the_next_frame_is_found():
    found, splitter = frames(b"GET / HTTP/1.1\r\n", framed(A), b"junk", framed(B))
    assert (found, splitter.skipped) == ([A, B], len("GET / HTTP/1.1junk"))


def test_a_message_cut_off_by_the_next_one_is_not_given_out():
    found, splitter = frames(b"\x0bMSH|^~\\&|half", framed(B))
    assert (found, splitter.broken) == ([B], 1)


def test_a_vertical_tab_in_a_text_is_no_start():
    text = b"MSH|^~\\&|A\rOBX|1|TX|||one\x0btwo\r"
    assert frames(framed(text))[0] == [text]


def test_a_lone_end_is_a_byte_of_the_message_unless_it_is_the_last():
    assert frames(b"\x0bA\x1cB\x1c\r")[0] == [b"A\x1cB"]
    assert frames(b"\x0bA\x1c")[0] == [b"A"]
    assert frames(b"\x0bA\x1c\nB\x0bC\x1c\x0bD\x1c\r")[0] == [b"A", b"C", b"D"]


def test_an_endless_frame_is_given_up_and_the_stream_goes_on():
    found, splitter = frames(b"\x0bMSH|" + b"x" * 150, b"y" * 50, framed(B), largest=100)
    assert (found, splitter.broken) == ([B], 1)
    assert frames(framed(b"x" * 101, B), largest=100)[0] == [B]


def test_what_is_held_is_bounded():
    splitter = Frames(1000)
    splitter.feed(b"\x0b")
    for _ in range(100):
        splitter.feed(b"z" * 100)
        assert splitter.waiting <= 1100

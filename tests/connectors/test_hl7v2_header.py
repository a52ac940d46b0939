"""The header of a message: its own separators, in every encoding; what contradicts itself is no header."""

import pytest

from connectors.hl7v2.header import header
from connectors.hl7v2.separators import named


def test_the_fields_stand_where_the_standard_puts_them():
    said = header(
        b"\xef\xbb\xbfMSH|^~\\&|LIS|LAB1|HIS|H1|20240301083000||ORU^R01^ORU_R01|77|P|2.5.1|||AL|NE|CHN|UNICODE UTF-8~ASCII\rPID|"
    )
    assert (said.sender, said.receiving_application, said.receiving_facility) == ("LIS|LAB1", "HIS", "H1")
    assert (said.type, said.event, said.structure, said.control_id) == ("ORU", "R01", "ORU_R01", "77")
    assert (said.processing, said.version, said.accept_ack, said.application_ack) == ("P", "2.5.1", "AL", "NE")
    assert (said.at, said.charset) == ("20240301083000", "UNICODE UTF-8")


def test_a_message_with_its_own_separators():
    said = header(b"MSH!$r?@!LIS!LAB1".replace(b"r", b"%") + b"!!!20240301!!ADT$A01!9!P$T!2.3\n")
    assert (said.type, said.event, said.control_id, said.version, said.processing) == ("ADT", "A01", "9", "2.3", "P")


def test_a_hanzi_that_ends_in_the_byte_of_a_separator_does_not_shift_the_fields():
    said = header("MSH|^~\\&|張東|院|||20240301||ADT^A01|1|P|2.4\r".encode("gb18030"))
    assert (said.sending_application, said.sending_facility, said.type) == ("張東", "院", "ADT")


def test_headers_of_files_and_batches():
    said = header(b"BHS|^~\\&|LIS|LAB1|HIS||20240301||||B1\r")
    assert (said.sender, said.at, said.control_id, said.type) == ("LIS|LAB1", "20240301", "B1", "")


@pytest.mark.parametrize("segment", ["MSH", "MSH|^~^&|A", "MSHA^~\\&A", "MSH|^~\\&#!|A", "MSH||||", "MSH|張~\\&|"])
def test_separators_that_cannot_be(segment):
    assert (named(segment) is None) == (segment != "MSH||||")


@pytest.mark.parametrize("message", [b"", b"PID|1\r", b"\x00" * 9, b"MSH", b"<xml/>", b"\xff\xfeM\x00S\x00H\x00"])
def test_what_is_no_header_is_none(message):
    assert header(message) is None


def test_short_signs_leave_levels_out():
    signs = named("MSH|^~|A")
    assert (signs.component, signs.repetition, signs.escape, signs.subcomponent, signs.usual) == (
        "^",
        "~",
        "",
        "",
        False,
    )
    assert named("MSH|^~\\&#|A").usual
    assert named("MSH|^~\\&#|A").truncation == "#"

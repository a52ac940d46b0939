"""Reading HL7 v2: separators, encodings, line ends, frames, batches; whatever is wrong with one message stays with it."""

import gzip
import re
from contextlib import suppress

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.errors import ConnectorError
from connectors.hl7v2.escapes import unescape
from connectors.hl7v2.source import Hl7Source
from connectors.kinds.hl7v2 import CONNECTOR

HERE = Context(site="A", batch="b1", file="0" * 16)
# Hanzi whose second byte in GBK is that of | ^ ~ \ in their order: a split before decoding shifts fields.
TRAILS = "張東\u4e8a\u4e8b\u4e42\u4e6e\u4e70"
TRAPS = [chr(sign) for sign in range(0x4E00, 0x9FA6) if chr(sign).encode("gb18030")[-1] in b"|^~\\"]


def one(name: str = "甲", key: str = "P1", charset: str = "", control: str = "1", kind: str = "ADT^A08") -> str:
    return (
        f"MSH|^~\\&|HIS|H1|||20240301||{kind}|{control}|P|2.5|||||CHN|{charset}\r"
        f"PID|1||{key}^^^HIS^MR||{name}^乙||19900307|M\rPV1|1|I|||||||||||||||||V{key}\r"
    )


def chunks(tmp_path, raw: bytes, block: int = 2 << 20) -> list[Chunk]:
    path = tmp_path / "in.hl7"
    path.write_bytes(raw)
    made = list(Hl7Source(path, block=block).chunks(HERE))
    for each in made:
        each.check()
    return made


def names(made: list[Chunk]) -> list[str | None]:
    return [name for each in made if "patient" in each.tables for name in each.tables["patient"]["name"]]


def reasons(made: list[Chunk]) -> list[tuple[int, str, str]]:
    return [row for each in made for row in each.rejects.select("position", "column", "reason").rows()]


def test_there_are_464_hanzi_that_end_in_the_byte_of_a_separator():
    assert len(TRAPS) == 464


def test_no_hanzi_of_gbk_shifts_a_field(tmp_path):
    raw = "".join(one(f"張東{sign}", f"P{at}", "GB 18030-2000", f"{at}") for at, sign in enumerate(TRAPS))
    made = chunks(tmp_path, raw.encode("gb18030"))
    assert names(made) == [f"張東{sign} 乙" for sign in TRAPS]
    assert all((each.tables["patient"]["gender_code"] == "1").all() for each in made)
    assert not reasons(made)


CLAIMS = """
UNICODE UTF-8  utf-8      |
               utf-8      |
               gb18030    |
GB 18030-2000  gb18030    |
GBK            gb18030    |
UNICODE UTF-8  gb18030    | wrong-charset
ASCII          utf-8      | wrong-charset
ASCII          gb18030    | wrong-charset
8859/1         utf-8      | wrong-charset
8859/1         gb18030    | wrong-charset
GB18030        utf-8      | wrong-charset
KLINGON        utf-8      | unmapped-code
"""


@pytest.mark.parametrize("case", [line for line in CLAIMS.splitlines() if line])
def test_what_msh_18_claims_is_held_against_the_bytes(tmp_path, case):
    claim, codec, reason = case[:15].strip(), case[15:25].strip(), case.split("|")[1].strip()
    made = chunks(tmp_path, one("张三丰", charset=claim).encode(codec))
    assert names(made) == ["张三丰 乙"]
    assert reasons(made) == ([(1, "MSH-18", reason)] if reason else [])


def test_latin_letters_are_read_as_claimed(tmp_path):
    made = chunks(tmp_path, one("Müller", charset="8859/1").replace("乙", "Ré").encode("latin-1"))
    assert names(made) == ["Müller Ré"]
    assert not reasons(made)


def test_a_message_in_another_encoding_than_its_neighbours_harms_none(tmp_path):
    raw = (
        one("甲", "P1", control="1").encode()
        + one("張東", "P2", control="2").encode("gb18030")
        + one("丙", "P3").encode()
    )
    assert names(chunks(tmp_path, raw)) == ["甲 乙", "張東 乙", "丙 乙"]


def test_bytes_of_no_encoding_are_refused_alone(tmp_path):
    raw = (
        one("甲").encode() + one("甲", "P2").encode().replace("甲".encode(), b"\xff\x80\xff") + one("丙", "P3").encode()
    )
    made = chunks(tmp_path, raw)
    assert (names(made), reasons(made)) == (["甲 乙", "丙 乙"], [(2, "", "undecodable")])


ENDS = ("\r", "\n", "\r\n", "\r\n\r\n")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("frame", [False, True])
def test_every_line_end_and_frame_reads_the_same(tmp_path, end, frame):
    texts = [one(f"名{at}", f"P{at}", control=f"{at}").replace("\r", end) for at in range(3)]
    raw = b"".join(b"\x0b" + text.encode() + b"\x1c\r" if frame else text.encode() for text in texts)
    made = chunks(tmp_path, raw)
    assert names(made) == ["名0 乙", "名1 乙", "名2 乙"]
    [chunk] = made
    for offset, length, text in zip(chunk.records["offset"], chunk.records["length"], texts, strict=True):
        assert raw[offset : offset + length].decode() == text.rstrip("\r\n")
    per_message = 3 * (2 if end == "\r\n\r\n" else 1) + frame
    assert chunk.records["line"].to_list() == [1, 1 + per_message, 1 + 2 * per_message]
    assert not reasons(made)


def test_a_mark_of_utf8_may_stand_before_any_message(tmp_path):
    raw = b"".join(b"\xef\xbb\xbf" + one(key=f"P{at}", control=f"{at}").encode() for at in range(3))
    made = chunks(tmp_path, raw)
    assert len(names(made)) == 3
    assert not reasons(made)


def test_a_line_end_inside_a_text_breaks_no_segment(tmp_path):
    raw = one().replace("乙", "一行\n二行 PIDx\n\n三行").encode() + one("丙", "P2").encode()
    assert names(chunks(tmp_path, raw)) == ["甲 一行\n二行 PIDx\n\n三行", "丙 乙"]


def test_a_message_with_separators_of_its_own_harms_none(tmp_path):
    own = str.maketrans({"|": "!", "^": "$", "~": "%", "\\": "?", "&": "@"})
    strange = (
        one("A|B^C", "P2").replace("A|B^C", "A\x01B\x02C").translate(own).replace("\x01", "|").replace("\x02", "^")
    )
    raw = (one("甲", "P1") + strange + one("丙", "P3")).encode()
    assert names(chunks(tmp_path, raw)) == ["甲 乙", "A|B^C 乙", "丙 乙"]


def test_short_signs_and_the_sign_of_truncation(tmp_path):
    raw = (one("甲").replace("|^~\\&|", "|^~\\&#|") + one("B&C", "P2").replace("|^~\\&|", "|^~|")).encode()
    assert names(chunks(tmp_path, raw)) == ["甲 乙", "B&C 乙"]


def test_signs_that_contradict_each_other_are_refused_alone(tmp_path):
    raw = (one("甲") + one("乙", "P2").replace("|^~\\&|", "|^^^^|") + one("丙", "P3")).encode()
    made = chunks(tmp_path, raw)
    assert (names(made), reasons(made)) == (["甲 乙", "丙 乙"], [(2, "", "bad-separators")])


def test_batches_are_envelopes_and_what_lies_between_is_counted(tmp_path):
    raw = f"FHS|^~\\&|x\rBHS|^~\\&|x\r{one('甲')}{one('丙', 'P2')}BTS|2\rFTS|1\rjunk\rmore\r{one('丁', 'P3')}".encode()
    made = chunks(tmp_path, raw)
    assert names(made) == ["甲 乙", "丙 乙", "丁 乙"]
    assert reasons(made) == [(3, "", "outside-a-message")]
    [raw_] = made[0].rejects["raw"]
    assert raw_ == b"junk\rmore"
    assert made[0].records["length"].to_list()[1] == len(one("丙", "P2").encode()) - 1


@pytest.mark.parametrize(
    "raw", [b"FHS|^~\\&|x\rBHS|^~\\&|x\rBTS|0\rFTS|1\r", b"BHS|^~\\&|x\r", b"FHS*^~\\&*x\nFTS*0\n"]
)
def test_a_batch_without_messages_holds_none_and_says_so(tmp_path, raw):
    made = chunks(tmp_path, raw)
    assert sum(chunk.read for chunk in made) == 0
    assert reasons(made) == [(0, "", "empty-batch")]


COUNTS = [
    ("{one}{two}BTS|2\rFTS|1\r", []),
    ("{one}{two}BTS|\rFTS\r", []),
    ("{one}{two}BTS|3\rFTS|1\r", [(2, "BTS-1", "wrong-count")]),
    ("{one}BTS|1\rBHS|^~\\&|x\r{two}BTS|1|words\rFTS|2\r", []),
    ("{one}BTS|1\rBHS|^~\\&|x\r{two}BTS|2\rFTS|1\r", [(2, "BTS-1", "wrong-count"), (2, "FTS-1", "wrong-count")]),
    ("{one}{two}BTS|two\rFTS|1\r", [(2, "BTS-1", "bad-number")]),
    ("{one}{two}BTS|2\rjunk\rFTS|1\r", [(3, "", "outside-a-message")]),
    ("{one}{two}BTS|2\rjunk\rFTS|2\r", [(3, "", "outside-a-message"), (3, "FTS-1", "wrong-count")]),
    ("{one}\nBTS|0\n{two}", [(1, "BTS-1", "wrong-count")]),
    ("{one}{two}BTS|" + "9" * 5000 + "\r", [(2, "BTS-1", "wrong-count")]),
]


@pytest.mark.parametrize("block", [None, 1, 300])
@pytest.mark.parametrize(("rest", "said"), COUNTS)
def test_a_count_of_a_batch_that_is_wrong_is_said_and_refuses_nothing(tmp_path, rest, said, block):
    text = "FHS|^~\\&|x\rBHS|^~\\&|x\r" + rest.format(one=one("甲"), two=one("丙", "P2", control="2"))
    made = chunks(tmp_path, text.encode(), **({"block": block} if block else {}))
    assert names(made) == ["甲 乙", "丙 乙"]
    assert reasons(made) == said
    for row in pl.concat([each.rejects for each in made]).filter(~pl.col("whole")).rows(named=True):
        assert text.encode()[row["offset"] :].startswith(row["raw"][:1000])
        assert row["line"] == len(re.findall(r"\r\n|\r|\n", text.encode()[: row["offset"]].decode())) + 1


@pytest.mark.parametrize("wrong", [False, True])
def test_without_batches_a_file_may_count_its_messages_or_one(tmp_path, wrong):
    for count in (7, 4) if wrong else (0, 1, 3):
        text = "FHS|^~\\&|x\r" + "".join(one(key=f"P{n}", control=f"{n}") for n in range(3)) + f"FTS|{count}\r"
        made = chunks(tmp_path, text.encode())
        assert reasons(made) == ([(3, "FTS-1", "wrong-count")] if wrong else [])


def test_a_frame_that_was_never_closed_is_refused_alone(tmp_path):
    half = b"\x0b" + one("丙", "P2").encode()[:-30]
    whole = b"\x0b" + one("丁", "P3").encode() + b"\x1c\r"
    for raw in (half + whole, whole + half):
        made = chunks(tmp_path, raw)
        assert (names(made), [reason for _, _, reason in reasons(made)]) == (["丁 乙"], ["truncated"])


def test_a_gzip_cut_short_gives_what_came_before(tmp_path):
    packed = gzip.compress("".join(one(key=f"P{at}", control=f"{at}") for at in range(400)).encode())
    made = chunks(tmp_path, packed[:-40])
    assert 0 < len(names(made)) < 400
    assert [reason for _, _, reason in reasons(made)] == ["truncated"]


def test_a_field_beyond_the_hundredth_is_kept(tmp_path):
    raw = one().replace("|M\r", "|M" + "|" * 150 + "last\r").encode()
    [chunk] = chunks(tmp_path, raw)
    assert '"PID-158":"last"' in chunk.tables["patient"]["extra"][0]


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"<xml/>", b"PID|1", b"\x00" * 99, b"\xff\xfeM\x00", b"MSHX", b"\x1f\x8bx"]
)
def test_what_is_no_hl7_is_unreadable_and_says_what_to_do(tmp_path, raw):
    with pytest.raises(ConnectorError):
        chunks(tmp_path, raw)


@pytest.mark.parametrize(
    "raw", [b"MSH|", b"MSH|^~\\&", b"MSH|^~\\&|\r", b"MSH||||", b"\x0bMSH|^~\\&|\x1c\r", b"MSH|^~\\&|\rPID"]
)
def test_the_shortest_messages_are_refused_with_a_reason(tmp_path, raw):
    made = chunks(tmp_path, raw)
    assert [each.rejected for each in made] == [1]


def test_a_message_too_long_is_refused_and_the_next_one_read(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.hl7v2.blocks.LONGEST", 1 << 16)
    raw = one("甲").encode() + one("x" * 3_000_000, "P2").encode() + one("丙", "P3").encode()
    made = chunks(tmp_path, raw, block=1 << 12)
    assert (names(made), reasons(made)) == (["甲 乙", "丙 乙"], [(2, "", "too-long")])
    assert made[-1].records["position"].to_list() == [3]


MESSAGES = st.lists(
    st.sampled_from([
        one("甲"), one("張東", "P2", control="2"), one("丙", "P3").replace("\r", "\n"), one("丁", "P4").replace("\r", "\r\n"),
        "junk\r", "BHS|^~\\&|x\rBTS|1\r", one("戊", "P5", kind="QBP^Q11"), "\x0b" + one("己", "P6") + "\x1c\r",
        "\x0b" + one("庚", "P7"), one("辛", "P8").replace("|^~\\&|", "|^^^^|"), one("壬\n癸", "P9"), "\x0b" + one("子", "PA") + "\x1c\r\n",
    ]),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(pieces=MESSAGES, size=st.integers(8, 900), codec=st.sampled_from(["utf-8", "gb18030"]))
def test_where_blocks_end_does_not_matter(tmp_path_factory, pieces, size, codec):
    raw = one("始", "P0").encode(codec) + "".join(pieces).encode(codec)
    folder = tmp_path_factory.mktemp("blocks")
    whole, cut = chunks(folder, raw), chunks(folder, raw, block=size)
    assert facts(whole) == facts(cut)


def facts(made: list[Chunk]) -> list[object]:
    tables = sorted({name for each in made for name in each.tables})
    joined = [pl.concat([each.tables[name] for each in made if name in each.tables]).rows() for name in tables]
    records = pl.concat([each.records for each in made]).rows()
    return [tables, joined, records, pl.concat([each.rejects for each in made]).rows()]


@settings(deadline=None, max_examples=40)
@given(first=MESSAGES, second=MESSAGES)
def test_files_joined_hold_the_records_of_both(tmp_path_factory, first, second):
    folder = tmp_path_factory.mktemp("joined")
    closed = ["".join(each).encode() + b"FTS|1\r" for each in ([one("始"), *first], [one("始", "P0"), *second])]
    both = chunks(folder, b"".join(closed))
    apart = [each for raw in closed for each in chunks(folder, raw)]
    assert sum(each.read for each in both) == sum(each.read for each in apart)
    assert names(both) == names(apart)


SIGNS = st.lists(st.sampled_from("!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), min_size=5, max_size=5, unique=True)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12)


@settings(deadline=None, max_examples=150)
@given(signs=SIGNS, words=st.lists(TEXT, min_size=3, max_size=3))
def test_what_is_written_with_any_separators_is_read_back(tmp_path_factory, signs, words):
    field, component, repetition, escape, sub = signs
    marks = {field: "F", component: "S", sub: "T", repetition: "R", escape: "E"}

    def written(text: str) -> str:
        return "".join(f"{escape}{marks[sign]}{escape}" if sign in marks else sign for sign in text)

    family, unit, value = (written(word) for word in words)
    f, c = field, component
    raw = (
        f"MSH{f}{component}{repetition}{escape}{sub}{f}A{f}B{f}{f}{f}20240301{f}{f}ORU{c}R01{f}1{f}P{f}2\r"
        f"PID{f}1{f}{f}P1{f}{f}{family}{repetition}x\rOBR{f}1{f}{f}F1\r"
        f"OBX{f}1{f}ST{f}a{c}b{f}{f}{value}{f}{unit}{c}y{f}{f}{f}{f}{f}F\r"
    )
    [chunk] = chunks(tmp_path_factory.mktemp("signs"), raw.encode())
    made = chunk.tables["observation"].select("unit", "value_text").rows()
    null = '""'
    assert made == [tuple(None if word == null else word for word in (words[1], words[2]))]
    assert chunk.tables["patient"]["name"].to_list() == [None if words[0] == null else words[0]]


@given(st.text(max_size=60))
def test_unescaping_never_fails(text):
    assert isinstance(unescape(text), str)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([
    b"MSH|^~\\&|", b"MSH", b"\r", b"\n", b"\x0b", b"\x1c", b"PID|1||P1", b"OBX|1|NM|", b"|", b"^", b"~", b"&", b"\\", b'""', b"\xff",
    "張".encode("gbk"), "甲".encode(), b"ORU^R01|1|P|2.5", b"FHS|", b"2024", b"\x00", b"PV1|", b"FT1|1|||||CG||||", b"TXA|", b"RXA|", b"MRG|",
]), max_size=40))  # fmt: skip
def test_no_bytes_raise_anything_but_a_readable_error(tmp_path_factory, pieces):
    raw = b"MSH|^~\\&|A|B|||20240301||ORU^R01|1|P|2.5\rPID|1||P1\r" + b"".join(pieces)
    with suppress(ConnectorError):
        chunks(tmp_path_factory.mktemp("any"), raw, block=64)


def test_sniff_is_sure_of_a_header_and_says_what_it_saw(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(one("甲", charset="GB18030").encode("gb18030"))
    sniffed = CONNECTOR.sniff(path)
    assert (sniffed.kind, sniffed.sure, "ADT^A08" in sniffed.why, "GB18030" in sniffed.why) == (
        "hl7v2",
        0.97,
        True,
        True,
    )
    looked = CONNECTOR.look(path)
    assert (looked.records, looked.whole) == (1, True)
    assert looked.mapped == {"PID": ("patient", "patient_identifier"), "PV1": ("encounter",)}
    path.write_bytes(b"name,MSH|\n1,2")
    assert CONNECTOR.sniff(path) is None


def test_a_header_that_shifted_shows_nothing_of_what_slid_into_it(tmp_path):
    path = tmp_path / "in.hl7"
    path.write_text("MSH|^~\\&|A|B|C|D|2024||secret name^secret|1|P|secret|||||CHN|secret set\r")
    sniffed, looked = CONNECTOR.sniff(path), CONNECTOR.look(path)
    assert "secret" not in sniffed.why + sniffed.why_zh + "".join(fact.value for fact in looked.facts)
    assert "not as HL7 writes it" in sniffed.why

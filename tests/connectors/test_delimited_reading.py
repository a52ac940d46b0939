"""Delimited files are read back exactly, in every layout, and what cannot be read is rejected with its place."""

import gzip
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.delimited.layout import look
from connectors.delimited.rows import Rows, rows
from connectors.errors import ConnectorError, Unreadable

ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be")
MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
HEADER = ("编号", "B", "C")
LETTERS = st.sampled_from("ab01 ,;|\t\"\r\n'=+-@\\张䶮欧あ😀｜ǹ€") | st.characters(
    codec="utf-8", exclude_characters="\0"
)
CELLS = st.text(LETTERS, max_size=6)


def read(path: Path, size: int = 4 << 20, encoding: str | None = None, separator: str | None = None) -> list[Rows]:
    """Every piece of a file."""
    layout, _ = look(path, encoding, separator)
    return list(rows(path, layout, size))


def cells(pieces: list[Rows]) -> list[tuple[str, ...]]:
    """All rows, an empty cell as an empty text."""
    frames = [piece.cells for piece in pieces if piece.cells.width]
    return pl.concat(frames).select(pl.all().fill_null("")).rows() if frames else []


def rejects(pieces: list[Rows]) -> list[tuple[int, int, str]]:
    """Position, line and reason of every rejected record."""
    return pl.concat([piece.rejects for piece in pieces]).select("position", "line", "reason").rows() if pieces else []


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_counts_more_than_the_encoding_a_mapping_declares(tmp_path, mark):
    path = tmp_path / "x.csv"
    path.write_bytes(MARKS.get(mark, b"") + "编号,名\n1,张三\n".encode(mark))
    assert cells(read(path, encoding="gb18030")) == [("1", "张三")]


def test_utf8_declared_as_gb18030_is_refused_before_it_is_read_as_other_signs(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("编号,名\n" + "1,感染性胃肠炎\n" * 4, "utf-8")
    with pytest.raises(Unreadable, match=r"x.csv: It is written in UTF-8, not in gb18030"):
        read(path, encoding="gb18030")


def test_a_short_gbk_text_that_could_be_utf8_is_read_as_declared(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("名\n联通\n".encode("gbk"))
    assert cells(read(path, encoding="gb18030")) == [("联通",)]


def test_records_before_a_damaged_place_in_gzip_are_read(tmp_path):
    path = tmp_path / "x.csv.gz"
    packed = bytearray(gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(4000))))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    path.write_bytes(packed)
    pieces = read(path)
    assert rejects(pieces)[-1][2] == "truncated"
    kept = cells(pieces)
    assert len(kept) > 1000
    assert kept[:1500] == [(str(n), str(n * n)) for n in range(1500)][: len(kept)]


def conserved(pieces: list[Rows]) -> bool:
    """read = accepted + rejected, and every position is in exactly one of them."""
    total = sum(piece.read for piece in pieces)
    kept = [n for piece in pieces for n in piece.places["position"].to_list()]
    lost = [n for piece in pieces for n in piece.rejects["position"].to_list()]
    return sorted(kept + lost) == list(range(1, total + 1))


def written(table: list[tuple[str, ...]], separator: str, eol: str, always: bool) -> str:
    """CSV after RFC 4180: a cell with a sign that means something is quoted, quotes in it are doubled."""

    def cell(text: str) -> str:
        quoted = always or any(sign in text for sign in ('"', "\r", "\n", separator[0]))
        return '"' + text.replace('"', '""') + '"' if quoted else text

    return "".join(separator.join(map(cell, row)) + eol for row in table)


@given(
    table=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12), encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from([",", "\t", "|", ";", ",\t"]), eol=st.sampled_from(["\n", "\r\n", "\r"]),
    always=st.booleans(), size=st.sampled_from([64, 1 << 20]),
)  # fmt: skip
def test_any_table_written_as_csv_is_read_back_exactly(tmp_path_factory, table, encoding, separator, eol, always, size):
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_bytes(MARKS.get(encoding, b"") + written([HEADER, *table], separator, eol, always).encode(encoding))
    pieces = read(path, size, encoding="gb18030" if encoding == "gb18030" else None, separator=separator)
    assert cells(pieces) == table
    assert conserved(pieces)


@given(data=st.binary(max_size=400), size=st.sampled_from([7, 1 << 20]))
def test_arbitrary_bytes_raise_nothing_but_connector_errors_and_conserve(tmp_path_factory, data, size):
    path = tmp_path_factory.mktemp("bytes") / "t.csv"
    path.write_bytes(data)
    with suppress(ConnectorError):
        assert conserved(read(path, size))


@given(
    lines=st.lists(st.text(st.sampled_from('ab,"\r\n\t张|'), max_size=14), max_size=12),
    size=st.sampled_from([5, 1 << 20]), encoding=st.sampled_from(["utf-8", "gb18030", "utf-16-le"]),
)  # fmt: skip
def test_any_mixture_of_quotes_and_line_ends_is_conserved_whatever_the_block_size(
    tmp_path_factory, lines, size, encoding
):
    path = tmp_path_factory.mktemp("lines") / "t.csv"
    path.write_bytes(MARKS.get(encoding, b"") + ("编号,B,C\n" + "\n".join(lines)).encode(encoding))
    small, large = read(path, size, encoding), read(path, 1 << 22, encoding)
    assert conserved(small)
    assert cells(small) == cells(large)
    assert rejects(small) == rejects(large)


def test_positions_lines_offsets_and_hashes_point_at_the_raw_record(tmp_path):
    from hashlib import sha256

    raw = '编号,B,C\r\n1,"x\r\ny",张\r\n\r\n2,b,欧阳䶮\r\n'.encode("gb18030")
    path = tmp_path / "t.csv"
    path.write_bytes(raw)
    (piece,) = read(path)
    assert piece.places.select("position", "line").rows() == [(1, 2), (2, 5)]
    for offset, length, mark in piece.places.select("offset", "length", "hash").iter_rows():
        assert sha256(raw[offset : offset + length]).hexdigest()[:32] == mark
    assert cells([piece]) == [("1", "x\r\ny", "张"), ("2", "b", "欧阳䶮")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("1,2,3\n4,5\n6,7,8\n", [(2, 3, "too-few-cells")]),
        ("1,2,3\n4,5,6,7\n6,7,8\n", [(2, 3, "too-many-cells")]),
        ('1,2,3\n4,"5,6\n6,7,8\n', [(2, 3, "open-quote")]),
        ('1,2,3\n4,"5"x,6\n6,7,8\n', [(2, 3, "open-quote")]),
        ("1,2,3\n4,\0,6\n6,7,8\n", [(2, 3, "undecodable")]),
    ],
)
def test_a_bad_record_is_rejected_with_its_place_and_its_neighbours_are_kept(tmp_path, body, expected):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + body)
    pieces = read(path)
    assert cells(pieces) == [("1", "2", "3"), ("6", "7", "8")]
    assert rejects(pieces) == expected


def test_bytes_that_do_not_belong_to_the_encoding_reject_their_record_only(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("姓名,b\n张三,1\n".encode("gb18030") + b"\xff\xfe,2\n" + "李四,3\n王五,4\n".encode("gb18030"))
    pieces = read(path)
    assert cells(pieces) == [("张三", "1"), ("李四", "3"), ("王五", "4")]
    assert rejects(pieces) == [(2, 3, "undecodable")]


def test_a_quote_inside_an_unquoted_cell_is_an_ordinary_sign(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,b\n5" lesion,x\ny,6"\n"q""q",z\n')
    assert cells(read(path)) == [('5" lesion', "x"), ("y", '6"'), ('q"q', "z")]


def test_formulas_and_ids_stay_the_text_they_are(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,dept,f\n110105194912310021,0301,=1+1\n00000001,007,@SUM(A1)\n")
    assert cells(read(path)) == [("110105194912310021", "0301", "=1+1"), ("00000001", "007", "@SUM(A1)")]


def test_comma_and_tab_together_are_one_separator_and_a_bare_comma_is_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,\tb,\tc\n1,\t2,3,\t\n4,\t5,\t6\n")
    assert cells(read(path)) == [("1", "2,3", ""), ("4", "5", "6")]


def test_a_bar_that_is_half_a_chinese_character_does_not_cut_it(tmp_path):
    path = tmp_path / "t.csv"
    text = "编号|名\n" + "".join(f"{n}|{chr(sign)}\n" for n, sign in enumerate(range(0x4E00, 0x9FA6)))
    raw = text.encode("gb18030")
    path.write_bytes(raw)
    assert len([1 for sign in range(0x4E00, 0x9FA6) if chr(sign).encode("gb18030")[1:] == b"|"]) > 50
    assert cells(read(path, encoding="gb18030", separator="|")) == [
        tuple(line.split("|")) for line in text.splitlines()[1:]
    ]


def test_header_only_is_no_record_and_no_error(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n")
    assert read(path) == []


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\0\0\0\0"])
def test_a_file_without_a_header_cannot_be_read(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        look(path)


def test_doubled_and_missing_column_names_become_distinct(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\ufeff a ,a,,\n1,2,3,4\n", encoding="utf-8")
    layout, _ = look(path)
    assert layout.header == ("a", "a#2", "column 3", "column 4")
    assert layout.doubled == {"a"}


def test_a_packed_file_is_unpacked_and_one_cut_off_gives_what_came_before(tmp_path):
    text = "a,b\n" + "".join(f"{n},{n * 7919 % 104729}\n" for n in range(20000))
    packed = gzip.compress(text.encode())
    whole, cut = tmp_path / "whole.csv.gz", tmp_path / "cut.csv.gz"
    whole.write_bytes(packed)
    cut.write_bytes(packed[: len(packed) // 2])
    assert len(cells(read(whole))) == 20000
    pieces = read(cut)
    assert 5000 < len(cells(pieces)) < 15000
    assert cells(pieces) == cells(read(whole))[: len(cells(pieces))]
    assert [reason for _, _, reason in rejects(pieces)] == ["truncated"]
    assert conserved(pieces)


@pytest.mark.slow
def test_a_line_of_five_hundred_megabytes_is_rejected_in_bounded_memory(tmp_path):
    import subprocess
    import sys

    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n3,")
        for _ in range(500):
            file.write(b"x" * (1 << 20))
        file.write(b"\n5,6\n")
    told = subprocess.run(
        [sys.executable, "-c", f"""
from pathlib import Path
from connectors.delimited.layout import look
from connectors.delimited.rows import rows
pieces = list(rows(Path({str(path)!r}), look(Path({str(path)!r}))[0]))
print([r for p in pieces if p.cells.width for r in p.cells.rows()], [r for p in pieces for r in p.rejects["reason"]])
# not ru_maxrss: that counts what the parent held when this process was made
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    ).stdout.splitlines()  # fmt: skip
    assert told[0] == "[('1', '2'), ('5', '6')] ['too-long']"
    assert int(told[1]) < 450 * 1024

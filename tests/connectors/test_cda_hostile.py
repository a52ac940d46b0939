"""Documents that are broken, lie or attack: refused with a reason and a place, in bounded time and memory, and alone."""

import gzip
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cda.draft import Draft, Place
from connectors.cda.reading import read_document
from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.errors import Unreadable
from connectors.kinds.archive import CONNECTOR as ARCHIVE
from connectors.kinds.cda import CONNECTOR
from connectors.reason import REASONS
from connectors.xml import NotRead, parsed

OTHERS = {
    "connectors/workbook/markup.py": "tables saved as HTML, which knows no entities of its own; bounded, without network",
    "federation/report/svg.py": "the pictures that our own process draws, and nothing from outside",
}
ROOT = Path(__file__).resolve().parents[2]
HERE = Context("A", "b1", "0" * 16)
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def paper(number: int = 1, body: str = "", head: str = "", name: str = "甲") -> str:
    return f"""<ClinicalDocument xmlns="urn:hl7-org:v3" {XSI}>
<templateId root="2.16.156.10011.2.1.1.27"/><id root="2.16.156.10011.1.1" extension="D{number}"/><title>检验报告</title>
<effectiveTime value="20240301080000"/>{head}
<recordTarget><patientRole><id root="2.16.156.10011.1.12" extension="Z{number}"/><patient><name>{name}</name></patient>
</patientRole></recordTarget><component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"""


def read(path: Path) -> list[Chunk]:
    chunks = list(CONNECTOR.open(path).chunks(HERE))
    for chunk in chunks:
        chunk.check()
    return chunks


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "one.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(folder: Path, content: bytes | str) -> list[tuple[str, int]]:
    chunks = read(written(folder, content))
    return [row for chunk in chunks for row in chunk.rejects.filter("whole").select("reason", "line").iter_rows()]


BOMB = "<!DOCTYPE a [" + '<!ENTITY x0 "ha">' + "".join(
    f'<!ENTITY x{n} "&x{n - 1};&x{n - 1};&x{n - 1};&x{n - 1};">' for n in range(1, 30)
) + "]>"  # fmt: skip
DTDS = {
    "bomb": BOMB,
    "quadratic": '<!DOCTYPE a [<!ENTITY x "' + "h" * 100_000 + '">]>',
    "file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    "address": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter": '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
    "behind a comment": "<!-- <a> --><?x y?>\n<!DOCTYPE a>",
    "behind a declaration": '<?xml version="1.0"?>\n<!DOCTYPE a [<!ATTLIST ClinicalDocument x CDATA "y">]>',
}


@pytest.mark.parametrize("dtd", DTDS.values(), ids=DTDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "utf-16-be"])
def test_a_document_type_is_refused_before_anything_is_parsed(tmp_path, dtd, encoding):
    content = (dtd + paper(name="&x;" if "<!ENTITY x" in dtd else "甲")).encode(encoding)
    assert [reason for reason, _ in refused(tmp_path, content)] == ["has-a-dtd"]


def test_an_undeclared_entity_and_a_late_document_type_are_no_xml(tmp_path):
    assert refused(tmp_path, paper(name="&x;")) == [("not-xml", 4)]
    assert refused(tmp_path, paper(body="<!DOCTYPE a>"))[0][0] == "not-xml"


def test_an_inclusion_and_a_style_sheet_fetch_nothing(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("S3CRET")
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{secret}" parse="text"/>'
    content = f'<?xml version="1.0"?>\n<?xml-stylesheet href="{secret}"?>\n' + paper(head=include, name=include)
    [chunk] = read(written(tmp_path, content))
    assert chunk.records.height == 1
    assert not any("S3CRET" in str(frame.to_dicts()) for frame in chunk.tables.values())


def test_a_reference_out_of_the_document_is_not_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("S3CRET")
    section = (
        '<component><section><code code="11450-4"/><entry><observation classCode="OBS" moodCode="EVN"><text>'
        f'<reference value="{secret.as_uri()}"/></text><value xsi:type="CD" code="I10"/></observation></entry></section>'
        "</component>"
    )
    content = paper(body=section).replace("2.16.156.10011.2.1.1.27", "2.16.840.1.113883.10.20.22.1.2")
    [chunk] = read(written(tmp_path, content))
    assert chunk.tables["condition"]["display"].to_list() == [None]


@pytest.mark.parametrize("depth", [300, 3_000, 200_000])
def test_depth_is_refused_and_does_not_crash(tmp_path, depth):
    assert refused(tmp_path, paper(body="<component>" * depth + "</component>" * depth))[0][0] == "too-deep"


def test_depth_in_a_long_document_is_refused_as_well(tmp_path):
    filler = "<!-- " + "x" * (9 << 20) + " -->"
    assert refused(tmp_path, paper(body=filler + "<a>" * 400 + "</a>" * 400))[0][0] == "too-deep"


def test_more_tags_than_a_document_has_are_refused_without_being_parsed(tmp_path):
    assert refused(tmp_path, paper(body="<a/>" * 1_100_000))[0][0] == "too-long"


def test_a_document_longer_than_64_mib_is_refused_and_its_neighbours_are_read(tmp_path):
    long = paper(2, name="x" * (65 << 20))
    chunks = read(written(tmp_path, paper(1) + "\n" + long + "\n" + paper(3)))
    assert sum(chunk.records.height for chunk in chunks) == 2
    assert [row for chunk in chunks for row in chunk.rejects["reason"]] == ["too-long"]


def test_a_long_text_is_read(tmp_path):
    [chunk] = read(written(tmp_path, paper(name="x" * (12 << 20))))
    assert chunk.records.height == 1


@pytest.mark.parametrize("cut", [30, 200, 400, -20])
def test_a_cut_off_document_is_a_reject_with_its_line(tmp_path, cut):
    [(reason, line)] = refused(tmp_path, paper()[:cut])
    assert reason == "not-xml"
    assert line >= 1


def test_one_broken_document_does_not_stop_the_others_of_its_file(tmp_path):
    chunks = read(written(tmp_path, "\n".join([paper(1), paper(2, body="<open>"), paper(3)])))
    assert [row[0] for chunk in chunks for row in chunk.records.select("position").iter_rows()] == [1, 3]
    [(position, line, reason)] = chunks[0].rejects.select("position", "line", "reason").rows()
    assert (position, reason) == (2, "not-xml")
    assert line == 10


def test_places_lead_back_to_the_bytes_of_each_document(tmp_path):
    content = "\n".join(f'<?xml version="1.0"?>\n{paper(number)}' for number in range(1, 4)).encode()
    [chunk] = read(written(tmp_path, content))
    for offset, length, line in chunk.records.select("offset", "length", "line").iter_rows():
        assert content[offset : offset + length].startswith(b"<?xml")
        assert content[offset : offset + length].endswith(b"</ClinicalDocument>")
        assert content.count(b"\n", 0, offset) + 1 == line


def test_documents_inside_a_wrapper_are_read_with_its_namespaces(tmp_path):
    inner = paper(1).replace(' xmlns="urn:hl7-org:v3" ' + XSI, "").replace("<", "<h:").replace("<h:/", "</h:")
    other = inner.replace('"D1"', '"D2"').replace('"Z1"', '"Z2"')
    content = f'<?xml version="1.0"?>\n<list xmlns:h="urn:hl7-org:v3"\n {XSI}>\n{inner}\n{other}\n</list>'
    [chunk] = read(written(tmp_path, content))
    assert chunk.tables["document"]["source_pk"].to_list() == ["2.16.156.10011.1.1^D1", "2.16.156.10011.1.1^D2"]


ENCODINGS = {
    "utf-8": ("utf-8", "utf-8", 0), "mark": ("utf-8-sig", "UTF-8", 0), "wide": ("utf-16", "UTF-16", 0),
    "wide without mark": ("utf-16-le", "UTF-16", 0), "gb18030": ("gb18030", "GB18030", 0), "gbk": ("gbk", "GBK", 0),
    "gb2312 with more": ("gb18030", "gb2312", 0), "nothing said": ("utf-8", None, 0), "latin": ("latin-1", "ISO-8859-1", 0),
    "says utf-16, is utf-8": ("utf-8", "utf-16", 1), "says gbk, is utf-8": ("utf-8", "GBK", 1),
    "says utf-8, is gb18030": ("gb18030", "utf-8", 1), "says nothing, is gb18030": ("gb18030", None, 1),
}  # fmt: skip


@pytest.mark.parametrize(("real", "claimed", "lies"), ENCODINGS.values(), ids=ENCODINGS)
def test_every_encoding_is_read_as_the_bytes_are_and_a_wrong_claim_is_counted(tmp_path, real, claimed, lies):
    name = "José" if real == "latin-1" else "測試患者甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
    declaration = f'<?xml version="1.0" encoding="{claimed}"?>' if claimed else ""
    text = declaration + (paper(name=name) if real != "latin-1" else paper(name=name).replace("检验报告", "report"))
    [chunk] = read(written(tmp_path, text.encode(real)))
    assert chunk.tables["patient"]["name"].to_list() == [name]
    assert chunk.rejects["reason"].to_list() == ["wrong-encoding"] * lies


@pytest.mark.parametrize(
    "content", [b"\xff\xfe<\0", "甲乙".encode("gb18030") + b"<a/>", b'<?xml version="1.0" encoding="EBCDIC"?><a/>']
)
def test_bytes_that_no_encoding_fits_are_refused(tmp_path, content):
    assert len(refused(tmp_path, content)) == 1


def test_what_is_no_document_says_so(tmp_path):
    assert refused(tmp_path, "<html><body/></html>") == [("not-a-document", 1)]
    assert refused(tmp_path, '<ClinicalDocument xmlns="urn:other"/>') == [("not-a-document", 1)]
    assert refused(tmp_path, paper().replace('<id root="2.16.156.10011.1.1" extension="D1"/>', "")) == [("no-key", 1)]
    assert refused(tmp_path, paper().replace("recordTarget", "informant"))[0][0] == "no-person"


def test_an_empty_file_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="empty"):
        read(written(tmp_path, b""))


def test_a_zip_of_documents_is_read_member_by_member(tmp_path):
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"a/1.xml": paper(1), "2.xml": "<broken", "3.xml": paper(3)}.items():
            archive.writestr(name, content)
    chunks = list(ARCHIVE.open(path).chunks(HERE))
    assert [reason for chunk in chunks for reason in chunk.rejects["reason"]] == ["unread-member"]
    keys = [key for chunk in chunks for key in chunk.records["key"]]
    assert keys == [f"ClinicalDocument|2.16.156.10011.1.1^D{number}" for number in (1, 3)]


def test_gzip_is_read_in_bounds(tmp_path):
    path = tmp_path / "one.xml.gz"
    path.write_bytes(gzip.compress(paper().encode()))
    assert read(path)[0].records.height == 1
    path.write_bytes(gzip.compress(b" " * (80 << 20)))
    with pytest.raises(Unreadable, match="64 MiB"):
        read(path)


def read_or_refused(content: bytes) -> None:
    draft = Draft(HERE)
    place = Place(1, 1, 0, content)
    try:
        draft.take(read_document(place))
    except NotRead as error:
        draft.refuse(place, error.reason, error.line)
    chunk = draft.joined(())
    chunk.check()
    assert all(REASONS[reason].whole == whole for reason, whole in chunk.rejects.select("reason", "whole").iter_rows())


@given(st.binary(max_size=400))
def test_whatever_the_bytes_are_they_are_read_or_refused(content):
    read_or_refused(content)


@given(st.data())
def test_a_document_with_damage_anywhere_is_read_or_refused(data):
    content = bytearray(paper(body="<component><section><code code='8716-3'/></section></component>").encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    read_or_refused(bytes(content))


def test_no_other_module_makes_a_parser():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    makes = re.compile(r"XMLParser\(|ET\.fromstring\(|iterparse\(|XMLPullParser|minidom|xml\.sax|expat|HTMLParser\(")
    rooms = [
        name
        for name in tracked
        if name.endswith(".py") and name.split("/")[0] in {"connectors", "federation", "schemas"}
    ]
    assert [name for name in rooms if makes.search((ROOT / name).read_text("utf-8"))] == sorted(
        ["connectors/xml.py", *OTHERS]
    )


def test_an_error_shows_nothing_of_the_document():
    with pytest.raises(NotRead) as caught:
        parsed(b"<a>SECRET&SECRET;</a>")
    assert "SECRET" not in str(caught.value)

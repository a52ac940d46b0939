"""Many small files become frames together: the same rows, places and counts as file by file, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cda.source import CdaSource
from connectors.chunk import Chunk
from connectors.connector import Context, Draft, Source
from connectors.kinds import kinds
from federation.errors import Unbalanced
from federation.node import joint
from federation.node.batch import part_folders, sheet
from federation.node.joint import Joint
from federation.node.part import Counted, read_part
from federation.node.plan import File, Part
from federation.node.reconcile import reconcile
from federation.node.sheets import Sheets
from federation.node.trace import trace
from tests.federation.node_city import KINDS, allow, city, drawn, pooled, take

BOTH = {**KINDS, "cda": kinds()["cda"]}
BROKEN = "<ClinicalDocument xmlns='urn:hl7-org:v3'><id extension='D'/>\n<open>"


def paper(number: object, *results: str, patient: str = "P1", time: str = "20240301") -> str:
    entries = "".join(
        f'<entry><observation moodCode="EVN"><code code="718-7" displayName="甲"/><value xsi:type="PQ" value="{each}"/>'
        "</observation></entry>"
        for each in results
    )
    return f"""<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<templateId root="2.16.840.1.113883.10.20.22.1.2"/><id root="1.2" extension="D{number}"/><effectiveTime value="{time}"/>
<recordTarget><patientRole><id root="1.3" extension="{patient}"/></patientRole></recordTarget><component><structuredBody><component>
<section><code code="30954-2"/>{entries}</section></component></structuredBody></component></ClinicalDocument>
"""


def papers(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.xml").write_text(content, "utf-8")
    return folder


@dataclass(frozen=True)
class Alone:
    """A source that gives finished pieces only."""

    source: CdaSource
    profile: str = ""
    mapping_version: str = "1"

    def chunks(self, context: Context) -> Iterator[Chunk]:
        return self.source.chunks(context)


@dataclass(frozen=True)
class Told:
    """A source that does something to its file between its pieces, and gives finished ones or not."""

    source: CdaSource
    does: object
    profile: str = ""
    mapping_version: str = "1"

    def drafts(self, context: Context) -> Iterator[Draft]:
        for piece in self.source.drafts(context):
            yield piece
            self.does()

    chunks = drafts


@dataclass
class Seen(Sheets):
    """Sheets that remember how many rows of records came at once."""

    heights: list[int] = field(default_factory=list)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.heights = []

    def add(self, name: str, frame: pl.DataFrame) -> None:
        if name == "records":
            self.heights.append(frame.height)
        super().add(name, frame)


def a_file(number: int, path: Path, source: Source) -> File:
    return File(number, path, f"{number:064x}"[::-1], path.stat().st_size, "cda", "cda//1", source)


def read(folder: Path, *files: File) -> list[Counted]:
    return read_part(Part("p00001", files), "A", "b", folder / "p00001", lambda _: None)


def on_disk(folder: Path) -> dict[str, pl.DataFrame]:
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.rglob("*.parquet"))}


DOCUMENT = st.builds(
    lambda number, results, how: {"good": paper(number, *results), "broken": BROKEN,
                                  "nobody": paper(number, *results).replace("recordTarget", "somebody")}[how],
    st.integers(0, 5), st.lists(st.sampled_from(["1", "5.1", "x", "1e999", ""]), max_size=12),
    st.sampled_from(["good", "good", "good", "broken", "nobody"]),
)  # fmt: skip


@given(st.lists(st.one_of(st.lists(DOCUMENT, max_size=3).map("".join), st.just("  "), st.just("no xml")), max_size=6))
def test_files_together_are_what_they_are_one_by_one(contents):
    with TemporaryDirectory() as folder:
        paths = []
        for number, content in enumerate(contents):
            paths.append(Path(folder) / f"{number}.xml")
            paths[-1].write_text(content, "utf-8")
        together = [a_file(number, path, CdaSource(path)) for number, path in enumerate(paths, 1)]
        alone = [a_file(number, path, Alone(CdaSource(path))) for number, path in enumerate(paths, 1)]
        counted = read(Path(folder) / "together", *together)
        assert counted == read(Path(folder) / "alone", *alone)
        one, other = on_disk(Path(folder) / "together"), on_disk(Path(folder) / "alone")
        assert list(one) == list(other)
        assert all(one[name].equals(other[name]) and one[name].schema == other[name].schema for name in one)
        stand = dict(one["records"].group_by("file").len().iter_rows())
        for each in counted:
            assert each.read - each.rejected == stand.get(each.mark, 0)


def test_one_broken_file_among_good_ones_is_one_reject(tmp_path):
    home = city(tmp_path, "A")
    folder = papers(tmp_path / "in", a=paper(1, "1"), b=BROKEN, c=paper(3, "3"), d="", e=paper(5, "5"))
    told = take(home, folder, kinds=BOTH)
    assert (told.read, told.accepted, told.rejected, told.files) == (4, 3, 1, 5)
    assert [left.file for left in told.unreadable] == [str(folder / "d.xml")]
    assert sorted(pooled(home)["value_text"]) == ["1", "3", "5"]
    [lost] = sheet(home.batch("A", told.batch), "rejects").filter("whole").collect().to_dicts()
    assert (lost["reason"], lost["ordinal"], lost["line"]) == ("not-xml", 2, 2)
    assert [line for line in reconcile(home) if not line.agrees] == []


def test_every_row_of_every_file_leads_back_to_its_own_text(tmp_path):
    home = city(tmp_path, "A")
    two = paper("a", "1") + "<?xml version='1.0'?>\n" + paper("b", "2", "3")
    take(home, papers(tmp_path / "in", a=two, b=paper("c", "4"), c=paper("d", "5", "6")), kinds=BOTH)
    rows = pooled(home).select("record_id", "value_text").rows()
    assert len(rows) == 6
    for token, value in rows:
        [found] = trace(home, token, raw=True)
        assert f'value="{value}"' in found.raw
        assert found.raw.count("<ClinicalDocument") == 1
        assert Path(found.path).name == {"1": "a", "2": "a", "3": "a", "4": "b"}.get(value, "c") + ".xml"


def test_a_file_that_changes_while_it_is_read_is_told_and_keeps_what_came_of_it(tmp_path):
    folder = papers(tmp_path / "in", a=paper(1, "1"), b=paper(2, "2"), c=paper(3, "3"))
    a, b, c = (folder / f"{name}.xml" for name in "abc")
    grows = Told(CdaSource(b), lambda: b.write_text(b.read_text("utf-8") + " ", "utf-8"))
    counted = read(tmp_path, a_file(1, a, CdaSource(a)), a_file(2, b, grows), a_file(3, c, CdaSource(c)))
    assert ["changed while it was read" in each.message for each in counted] == [False, True, False]
    assert [(each.state, each.read) for each in counted] == [("read", 1)] * 3
    assert on_disk(tmp_path / "p00001")["observation"]["value_text"].to_list() == ["1", "2", "3"]


def test_a_file_that_goes_away_while_it_is_read_stops_no_other(tmp_path):
    folder = papers(tmp_path / "in", a=paper(1, "1"), b=paper(2, "2"))
    a, b = folder / "a.xml", folder / "b.xml"
    files = a_file(1, a, Told(CdaSource(a), a.unlink)), a_file(2, b, CdaSource(b))
    assert [each.reason for each in read(tmp_path, *files)] == ["no-access", ""]
    assert on_disk(tmp_path / "p00001")["records"]["file"].to_list() == [each.mark for each in files]


def test_kinds_that_come_mixed_in_one_part_keep_their_order(tmp_path):
    home, folder = city(tmp_path, "A"), papers(tmp_path / "in", a=paper(1, "1"), c=paper(3, "3"), d=paper(4, "4"))
    drawn(folder, "b", "k1 | p1 | | 2")
    drawn(folder, "e", "k2 | p1 | | 5")
    told = take(home, folder, kinds=BOTH)
    assert (told.read, told.accepted, told.kind) == (5, 5, "cda+lines")
    batch = home.batch("A", told.batch)
    assert len(part_folders(batch)) == 1
    assert sheet(batch, "records").select("ordinal").collect()["ordinal"].to_list() == [1, 2, 3, 4, 5]
    assert sorted(pooled(home)["value_text"]) == ["1", "2", "3", "4", "5"]


@dataclass(frozen=True)
class Other:
    """A draft of another kind that holds a chunk."""

    chunk: Chunk
    read: int
    rejected: int = 0
    bytes_read: int = 1

    @property
    def heights(self) -> tuple[int, int, int]:
        return self.chunk.records.height, 0, self.chunk.versions.height

    def joined(self, more) -> Chunk:
        assert not more
        return self.chunk


def drafted(path: Path) -> Draft:
    [draft] = CdaSource(path).drafts(Context("A", "b", path.name))
    return draft


def test_drafts_of_two_kinds_are_not_made_into_frames_together(tmp_path):
    path = papers(tmp_path / "in", a=paper(1, "1")) / "a.xml"
    (tmp_path / "out").mkdir()
    with Seen(tmp_path / "out") as sheets, Joint(sheets) as joined:
        for piece in (drafted(path), drafted(path), Other(drafted(path).joined(()), 1), drafted(path)):
            joined.add(a_file(1, path, CdaSource(path)), piece)
    assert sheets.heights == [0, 2, 1, 1]


def test_a_record_that_is_lost_on_the_way_stops_the_batch(tmp_path):
    folder = papers(tmp_path / "in", a=paper(1, "1"), b=paper(2, "2"))
    (tmp_path / "out").mkdir()
    draft = drafted(folder / "b.xml")
    draft.records.clear()
    with Sheets(tmp_path / "out") as sheets:
        joined = Joint(sheets)
        for name, piece in (("a.xml", drafted(folder / "a.xml")), ("b.xml", draft)):
            joined.add(a_file(1, folder / name, CdaSource(folder / name)), piece)
        with pytest.raises(Unbalanced, match=r"b\.xml"):
            joined.__exit__(None, None, None)


def test_rows_of_many_small_files_are_not_held_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(joint, "JOINED_RECORDS", 10)
    path = papers(tmp_path / "in", a=paper(1, "1")) / "a.xml"
    (tmp_path / "out").mkdir()
    with Seen(tmp_path / "out") as sheets, Joint(sheets) as joined:
        for _ in range(35):
            joined.add(a_file(1, path, CdaSource(path)), drafted(path))
    assert sheets.heights == [0, 10, 10, 10, 5]


def test_files_are_held_up_to_a_sum_of_bytes(tmp_path, monkeypatch):
    path = papers(tmp_path / "in", a=paper(1, *["1"] * 50)) / "a.xml"
    monkeypatch.setattr(joint, "JOINED_BYTES", path.stat().st_size * 3)
    (tmp_path / "out").mkdir()
    with Seen(tmp_path / "out") as sheets, Joint(sheets) as joined:
        for _ in range(7):
            joined.add(a_file(1, path, CdaSource(path)), drafted(path))
    assert sheets.heights == [0, 3, 3, 1]


def test_a_file_of_a_thousand_documents_among_small_ones_comes_in_its_place(tmp_path):
    home = city(tmp_path)
    allow(home, "A", "document")
    many = "".join(paper(f"m{number}") for number in range(1100))
    told = take(home, papers(tmp_path / "in", a=paper("a"), b=many, c=paper("c"), d=BROKEN, e=paper("e")), kinds=BOTH)
    assert (told.read, told.accepted, told.rejected) == (1104, 1103, 1)
    records = sheet(home.batch("A", told.batch), "records").select("ordinal", "position").collect()
    assert records.rows() == [(1, 1), *((2, number) for number in range(1, 1101)), (3, 1), (5, 1)]
    assert pooled(home, "document").height == 1103
    assert [line for line in reconcile(home) if not line.agrees] == []

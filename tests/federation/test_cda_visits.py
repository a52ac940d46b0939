"""Documents of one visit say it together, and a document that is replaced says nothing any more, however they come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.cda.source import CdaSource
from connectors.kinds import kinds
from federation.node.batch import gone_of, part_folders, rows_of
from federation.node.carry import carry, forget_said
from federation.node.part import read_part
from federation.node.plan import File, Part
from federation.node.reconcile import reconcile
from federation.node.trace import trace
from federation.node.versions import compare
from tests.federation.node_city import allow, city, pooled, take

CDA = {"cda": kinds()["cda"]}
DAY = datetime(2026, 1, 1)
ORG = """<custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.156.10011.1.5" extension="{}"/>
</representedCustodianOrganization></assignedCustodian></custodian>"""


@dataclass(frozen=True)
class Paper:
    """A document: its id, the day it was made, the visit it names, and what it says of the visit."""

    id: str
    at: int | None
    visit: str | None = "V1"
    start: int | None = None
    end: int | None = None
    dept: str | None = None
    replaces: str | None = None
    how: str = "RPLC"
    org: str = "H1"

    def xml(self) -> str:
        times = "".join(
            f'<{tag} value="202601{day + 1:02}"/>'
            for tag, day in (("low", self.start), ("high", self.end))
            if day is not None
        )
        place = f"""<location><healthCareFacility><serviceProviderOrganization><asOrganizationPartOf><wholeOrganization>
<id root="2.16.156.10011.1.26" extension="{self.dept}"/></wholeOrganization></asOrganizationPartOf>
</serviceProviderOrganization></healthCareFacility></location>"""
        number = f'<id root="2.16.156.10011.1.12" extension="{self.visit}"/>' if self.visit else ""
        time = "" if self.at is None else f'<effectiveTime value="202602{self.at + 1:02}"/>'
        related = f"""<relatedDocument typeCode="{self.how}"><parentDocument><id root="1.2" extension="{self.replaces}"/>
</parentDocument></relatedDocument>"""
        return f"""<ClinicalDocument xmlns="urn:hl7-org:v3"><templateId root="2.16.156.10011.2.1.1.54"/>
<id root="1.2" extension="{self.id}"/>{time}<recordTarget><patientRole>{number}
<id root="2.16.156.10011.1.13" extension="P1"/></patientRole></recordTarget>{ORG.format(self.org)}
{related if self.replaces else ""}<componentOf><encompassingEncounter><effectiveTime>{times}</effectiveTime>
{place if self.dept else ""}</encompassingEncounter></componentOf></ClinicalDocument>
"""


@pytest.fixture
def home(tmp_path):
    """A home that lets visits and documents into the pool."""
    made = city(tmp_path)
    allow(made, "A", "encounter", "document")
    return made


def heard(home, tmp_path, name: str, *papers: Paper):
    path = tmp_path / "in" / f"{name}.xml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(each.xml() for each in papers), "utf-8")
    told = take(home, path, kinds=CDA)
    assert [line for line in reconcile(home) if not line.agrees] == []
    return told


def visits(home) -> list[tuple]:
    """First and last day and department of the pooled visits."""
    rows = pooled(home, "encounter")
    days = [(pl.col(name) - DAY).dt.total_days().alias(name) for name in ("start_time", "end_time")]
    return sorted(rows.select(*days, "admit_dept_code").rows(), key=str)


def test_documents_of_one_visit_make_one_encounter(home, tmp_path):
    told = heard(home, tmp_path, "1", Paper("a", 1, start=1, dept="03"), Paper("b", 5), Paper("c", 9, end=9))
    assert visits(home) == [(1, 9, "03")]
    assert (told.read, told.accepted, told.tables["encounter"]) == (3, 3, 1)
    assert pooled(home, "document")["encounter_id"].n_unique() == 1
    assert set(pooled(home, "document")["encounter_id"]) == set(pooled(home, "encounter")["record_id"])


def test_a_late_document_fills_what_a_later_one_leaves_empty_and_replaces_nothing(home, tmp_path):
    heard(home, tmp_path, "1", Paper("c", 9, start=2, end=9))
    heard(home, tmp_path, "2", Paper("a", 1, start=1, dept="03"))
    assert visits(home) == [(2, 9, "03")]
    heard(home, tmp_path, "3", Paper("b", 5, start=4, end=4, dept="04"))
    assert visits(home) == [(2, 9, "04")]


def test_documents_that_name_no_visit_keep_their_own_rows(home, tmp_path):
    heard(home, tmp_path, "1", Paper("a", 1, None, start=1), Paper("b", 2, None, start=2))
    heard(home, tmp_path, "2", Paper("c", 3, "-", start=3), Paper("d", 3, "无", start=4), Paper("e", 3, "0", start=5))
    assert visits(home) == [(day, None, None) for day in range(1, 6)]


def test_the_same_number_at_two_organisations_is_two_visits(home, tmp_path):
    heard(home, tmp_path, "1", Paper("a", 1, start=1), Paper("b", 2, start=2, org="H2"))
    assert visits(home) == [(1, None, None), (2, None, None)]


def test_a_replaced_document_stands_no_more_and_is_counted_kept_and_traced(home, tmp_path):
    heard(home, tmp_path, "1", Paper("a", 1, start=1, dept="03"), Paper("b", 2, end=2))
    told = heard(home, tmp_path, "2", Paper("c", 3, end=3, replaces="a"))
    assert (told.read, told.accepted) == (1, 1)
    assert pooled(home, "document").height == 2
    assert visits(home) == [(None, 3, None)]
    [found] = trace(home, "ClinicalDocument|1.2^a", raw=True)
    assert found.standing == f"replaced by a later version in batch {told.batch}"
    assert 'extension="a"' in found.raw
    assert json.dumps(found.as_dict())


def test_a_replaced_document_that_comes_late_never_stands(home, tmp_path):
    heard(home, tmp_path, "1", Paper("c", 3, end=3, replaces="a"))
    heard(home, tmp_path, "2", Paper("a", 9, start=1))
    assert visits(home) == [(None, 3, None)]
    assert pooled(home, "document").height == 1


def test_a_document_that_adds_to_another_replaces_nothing(home, tmp_path):
    for how in ("APND", "XFRM"):
        heard(home, tmp_path, how, Paper("a", 1, start=1), Paper(how, 2, end=2, replaces="a", how=how))
    assert pooled(home, "document").height == 3
    assert visits(home) == [(1, 2, None)]


def test_a_visit_that_only_the_replaced_document_named_goes_with_it(home, tmp_path):
    heard(home, tmp_path, "1", Paper("a", 1, "V1", start=1))
    heard(home, tmp_path, "2", Paper("b", 2, "V2", start=2, replaces="a"))
    assert visits(home) == [(2, None, None)]


def test_a_visit_that_others_name_as_well_stands_as_they_say_it(home, tmp_path):
    heard(home, tmp_path, "1", Paper("a", 1, "V1", start=1))
    heard(home, tmp_path, "2", Paper("b", 2, "V1", start=2, end=2))
    heard(home, tmp_path, "3", Paper("c", 3, "V2", start=3, replaces="b"))
    assert visits(home) == [(1, None, None), (3, None, None)]
    for token in pooled(home, "encounter")["record_id"]:
        assert trace(home, token, raw=True)[0].raw


def test_a_document_that_replaces_itself_stands(home, tmp_path):
    heard(home, tmp_path, "1", Paper("a", 1, start=1, replaces="a"))
    assert visits(home) == [(1, None, None)]


@pytest.mark.parametrize("batches", [[["a", "b"]], [["a"], ["b"]], [["b"], ["a"]]])
def test_of_two_documents_that_replace_each_other_neither_stands_and_both_are_kept_and_told(home, tmp_path, batches):
    papers = {"a": Paper("a", 1, start=1, replaces="b"), "b": Paper("b", 9, start=2, replaces="a")}
    told = [heard(home, tmp_path, str(nr), *(papers[name] for name in some)) for nr, some in enumerate(batches)]
    assert sum(each.accepted for each in told) == 2
    assert (visits(home), pooled(home, "document").height) == ([], 0)
    for name in papers:
        [found] = trace(home, f"ClinicalDocument|1.2^{name}", raw=True)
        assert found.raw
        assert found.standing != "stands"


# ---- a law: in whatever order the documents come, and in whatever batches, the same rows stand


def wanted(papers: Sequence[Paper]) -> tuple[list[tuple], list[str]]:
    """What stands, in plain Python."""
    ended = {each.replaces for each in papers if each.replaces and each.how == "RPLC" and each.replaces != each.id}
    last = {each.id: each for each in sorted(papers, key=lambda each: each.at)}
    stand = [each for each in sorted(last.values(), key=lambda each: each.at) if each.id not in ended]
    made: dict[str, dict[str, object]] = {}
    for each in stand:
        cells = {name: value for name in ("start", "end", "dept") if (value := getattr(each, name)) is not None}
        made.setdefault(each.visit or f"own {each.id}", {}).update(cells)
    rows = [tuple(str(cells.get(name)) for name in ("start", "end", "dept")) for cells in made.values()]
    return sorted(rows), sorted(each.id for each in stand)


def standing_after(batches: Sequence[Sequence[Paper]], folder: Path) -> tuple[list[tuple], list[str]]:
    """What stands on disk when each list of documents was a batch of its own."""
    made: list[Path] = []
    for number, papers in enumerate(batches):
        path = folder / f"{number}.xml"
        path.write_text("".join(each.xml() for each in papers), "utf-8")
        file = File(1, path, f"{number:016}" * 4, path.stat().st_size, "cda", "cda//1", CdaSource(path))
        batch = folder / "batches" / f"b{number}"
        read_part(Part("p00001", (file,)), "A", batch.name, batch / "p00001", lambda _: None)
        for _ in range(2):  # a crash may make it be done again
            compare(part_folders(batch), made, batch.name, folder / "spill")
            carry(batch, folder / "spill")
        forget_said(batch)
        made.append(batch)
    rows, papers_ = [], []
    for number, batch in enumerate(made):
        gone = gone_of(batch, made[number:])
        for some in rows_of(batch, "encounter", gone, ["start_time", "end_time", "admit_dept_code"]):
            rows += [(day(start), day(end), str(dept)) for start, end, dept in some.iter_rows()]
        for some in rows_of(batch, "document", gone, ["source_pk"]):
            papers_ += [key.removeprefix("1.2^") for key in some["source_pk"]]
    return sorted(rows), sorted(papers_)


def day(time: datetime | None) -> str:
    return str(None if time is None else (time - DAY) // timedelta(days=1))


PAPER = st.builds(
    Paper, id=st.sampled_from("abcd"), at=st.just(0), visit=st.sampled_from(["V1", "V1", "V2", None]),
    start=st.sampled_from([None, 1, 2]), end=st.sampled_from([None, 8, 9]), dept=st.sampled_from([None, "03", "04"]),
    replaces=st.sampled_from([None, None, None, "a", "b"]), how=st.sampled_from(["RPLC", "RPLC", "APND"]),
)  # fmt: skip


@settings(max_examples=settings.default.max_examples // 2)
@given(
    st.lists(PAPER, min_size=1, max_size=6), st.randoms(use_true_random=False), st.sets(st.integers(1, 5), max_size=4)
)
@example([Paper("a", 0, start=1), Paper("b", 0, start=2), Paper("c", 0, "V2", replaces="b")], None, {1, 2})
def test_in_whatever_order_and_batches_documents_come_the_same_rows_stand(papers, order, cuts):
    papers = [replace(each, at=at) for at, each in enumerate(papers)]
    came = list(papers)
    if order is not None:
        order.shuffle(came)
    edges = [0, *sorted(cut for cut in cuts if cut < len(came)), len(came)]
    with TemporaryDirectory() as folder:
        assert standing_after([came[one:two] for one, two in pairwise(edges)], Path(folder)) == wanted(papers)

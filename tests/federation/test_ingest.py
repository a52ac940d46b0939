import polars as pl
import pytest

from connectors.kinds.delimited import CONNECTOR as DELIMITED
from federation.errors import Unavailable, Usage
from federation.node.ingest import STEPS
from federation.node.lock import locked
from schemas.table import COMMON
from schemas.tables import TABLES
from tests.federation.node_city import allow, city, content, drawn, pooled, take
from tests.federation.node_lines import KINDS, Lines

THREE = """
k1 | p1 | 11010519491231002X | 5.1
k2 | p2 |                    | 5.2
   | p3 |                    | 5.3
k3 | p1 |                    | 5.4
"""


def test_every_record_read_is_accepted_rejected_or_a_duplicate(tmp_path):
    told = take(city(tmp_path, "A"), drawn(tmp_path / "in", "day1", THREE))
    assert (told.read, told.accepted, told.rejected, told.duplicate) == (4, 3, 1, 0)
    assert (told.tables, told.reasons) == ({"patient_identifier": 1, "observation": 3}, {"no-key": 1})
    assert (told.kind, told.profile, told.files) == ("lines", "drawn", 1)
    assert told.complete


def test_a_record_of_which_nothing_reached_a_table_is_refused_and_replaces_nothing(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "day1", "k1 | p1 | | 5.1"))
    told = take(home, drawn(tmp_path / "in", "day2", "k1 | p1 | | short\nk2 | p1 | | 5.2"))
    assert (told.accepted, told.rejected, told.reasons) == (1, 1, {"no-rows": 1})
    assert sorted(pooled(home)["value_text"]) == ["5.1", "5.2"]


def test_what_a_contract_covers_is_pooled_with_tokens_in_the_place_of_names(tmp_path):
    home = city(tmp_path, "A")
    told = take(home, drawn(tmp_path / "in", "day1", THREE))
    rows = pooled(home)
    assert told.pooled == {"observation": 3, "patient_identifier": 1}
    assert sorted(rows["value_text"]) == ["5.1", "5.2", "5.4"]
    assert rows["person_id"].str.contains("^[0-9a-f]{32}$").all()
    assert not {"p1", "p2", "k1"} & set(rows.select(pl.all().cast(pl.String)).unpivot()["value"])
    assert rows["encounter_id"].to_list() == rows["record_id"].to_list()  # rows still find each other


def test_one_person_has_one_token_at_every_site_that_knows_the_number(tmp_path):
    home = city(tmp_path, "A", "B")
    take(home, drawn(tmp_path / "a", "a", "k1 | p1 | 11010519491231002X | 1"))
    take(home, drawn(tmp_path / "b", "b", "k9 | x7 | 11010519491231002X | 2\nk8 | p2 | | 3"), site="B")
    take(home, drawn(tmp_path / "a", "c", "k2 | p2 | | 4"))
    person = dict(pooled(home).select("value_text", "person_id").iter_rows())
    assert person["1"] == person["2"]
    assert len({person["2"], person["3"], person["4"]}) == 3


def test_a_number_learned_later_changes_no_token(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "1", "k1 | p1 | | 1"))
    take(home, drawn(tmp_path / "in", "2", "k2 | p1 | 11010519491231002X | 2"))
    assert pooled(home)["person_id"].n_unique() == 1


def test_the_same_file_again_adds_nothing_and_says_so(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "day1", THREE)
    first, before = take(home, path), content(home)
    again = take(home, path)
    assert (again.read, again.accepted, again.rejected, again.duplicate) == (4, 0, 0, 4)
    assert again.batch == first.batch
    assert "nothing added" in again.notes[0]
    assert content(home) == before


def test_records_sent_again_in_another_file_are_duplicates(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "1", THREE))
    told = take(home, drawn(tmp_path / "in", "2", THREE + "k4 | p4 | | 6"))
    assert (told.read, told.accepted, told.rejected, told.duplicate) == (5, 1, 1, 3)
    assert sorted(pooled(home)["value_text"]) == ["5.1", "5.2", "5.4", "6"]


def test_a_later_version_takes_the_place_of_the_earlier(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "1", "k1 | p1 | | old\nk2 | p1 | | same"))
    told = take(home, drawn(tmp_path / "in", "2", "k1 | p1 | | new"))
    assert told.superseded == 1
    assert sorted(pooled(home)["value_text"]) == ["new", "same"]


def test_a_later_version_with_fewer_rows_leaves_none_of_the_old_ones(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "1", "k1 | p1 | 11010519491231002X | old"))
    take(home, drawn(tmp_path / "in", "2", "k1 | p1 | 11010519491231002X | short"))
    assert pooled(home).height == 0


def test_of_versions_in_one_batch_the_last_stands(tmp_path):
    home = city(tmp_path, "A")
    told = take(home, drawn(tmp_path / "in", "1", "k1 | p1 | | first\nk1 | p1 | | last\nk1 | p1 | | first"))
    assert (told.accepted, told.duplicate, told.superseded) == (2, 1, 1)
    assert pooled(home)["value_text"].to_list() == ["last"]


def test_the_same_file_twice_in_one_batch_is_read_once(tmp_path):
    home = city(tmp_path, "A")
    told = take(home, drawn(tmp_path / "in", "1", THREE), drawn(tmp_path / "in", "2", THREE))
    assert (told.read, told.accepted, told.rejected, told.duplicate) == (8, 3, 1, 4)
    assert pooled(home).height == 3


def test_a_new_mapping_reads_the_same_records_again_as_later_versions(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", THREE)
    take(home, path)
    told = take(home, path, kinds={"lines": Lines(version="2")})
    assert (told.accepted, told.duplicate, told.superseded) == (3, 0, 3)
    assert pooled(home).height == 3


def test_without_a_contract_rows_stay_at_the_site_and_the_reason_is_told(tmp_path):
    home = city(tmp_path)
    told = take(home, drawn(tmp_path / "in", "1", THREE))
    assert told.pooled == {}
    assert {each.table: each.rows for each in told.withheld} == {"observation": 3, "patient_identifier": 1}
    assert all("no contract of A covers" in each.reasons[0] for each in told.withheld)
    assert pooled(home).height == 0


def test_withheld_rows_go_once_a_contract_covers_them_and_only_their_last_version(tmp_path):
    home, path = city(tmp_path), drawn(tmp_path / "in", "1", "k1 | p1 | | old\nk2 | p1 | | same")
    take(home, path)
    take(home, drawn(tmp_path / "in", "2", "k1 | p1 | | new"))
    allow(home, "A", "observation")
    told = take(home, path)
    assert (told.accepted, told.duplicate, told.pooled) == (0, 2, {"observation": 2})
    assert sorted(pooled(home)["value_text"]) == ["new", "same"]


def test_an_unregistered_site_is_registered_and_that_is_told(tmp_path):
    told = take(city(tmp_path), drawn(tmp_path / "in", "1", THREE))
    assert "was not registered" in told.notes[-1]


def test_a_dry_run_tells_the_same_and_keeps_nothing(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", THREE)
    told = take(home, path, dry_run=True)
    assert (told.read, told.accepted, told.rejected, told.dry_run) == (4, 3, 1, True)
    assert list(home.staging.iterdir()) == []
    assert pooled(home).height == 0
    assert take(home, path).accepted == 3


def test_one_unreadable_file_does_not_stop_the_others(tmp_path):
    home, folder = city(tmp_path, "A"), tmp_path / "in"
    drawn(folder, "1", THREE)
    (folder / "2.lines").write_text("")
    (folder / "3.other").write_text("what is this")
    told = take(home, folder)
    assert (told.read, told.accepted, told.files) == (4, 3, 3)
    assert {left.reason for left in told.unreadable} == {"not-the-format", "unknown-format"}
    assert not told.complete


def test_a_file_that_the_mapping_does_not_fit_does_not_stop_the_others(tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'source = "ORG"\nkey = ["nr"]\ntarget = "organization"\n[columns]\n'
        + "".join(f'{name} = {{ from = "{name}" }}\n' for name in TABLES["organization"].columns if name not in COMMON)
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.csv").write_text("JZLSH,BRBH\nv1,p1\n")
    drawn(tmp_path / "in", "2", THREE)
    told = take(city(tmp_path, "A"), tmp_path / "in", mapping=mapping, kinds={**KINDS, "delimited": DELIMITED})
    assert (told.accepted, [left.file for left in told.unreadable]) == (3, [str(tmp_path / "in" / "1.csv")])
    assert "is not in the header of 1.csv" in told.unreadable[0].message


def test_what_came_before_a_break_is_kept_and_the_break_is_told(tmp_path):
    home = city(tmp_path, "A")
    lines = [f"k{n} | p1 | | {n}" for n in range(60)]
    told = take(home, drawn(tmp_path / "in", "1", "\n".join([*lines, "BROKEN", "k99 | p1 | | 99"])))
    assert told.accepted == 50  # the pieces before the one with the break
    assert [left.reason for left in told.unreadable] == ["truncated"]


def test_a_link_out_of_the_tree_is_refused_and_junk_is_passed_over(tmp_path):
    home, folder = city(tmp_path, "A"), tmp_path / "in"
    drawn(folder, "1", THREE)
    secret = drawn(tmp_path / "elsewhere", "secret", "k7 | p7 | | 7")
    (folder / "link.lines").symlink_to(secret)
    (folder / "__MACOSX").mkdir()
    (folder / ".hidden").write_text("x")
    (folder / "README.md").write_text("where this export is from")
    told = take(home, folder)
    assert told.accepted == 3
    assert [left.reason for left in told.unreadable] == ["link-out-of-tree"]
    assert [left.reason for left in told.skipped] == ["hidden", "hidden", "paper"]


def test_a_second_writer_is_told_who_has_the_home(tmp_path):
    home, path = city(tmp_path, "A"), drawn(tmp_path / "in", "1", THREE)
    with locked(home.path), pytest.raises(Unavailable, match=r"pid \d+"):
        take(home, path)
    assert take(home, path).accepted == 3


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(Usage, match="nowhere"):
        take(city(tmp_path), tmp_path / "nowhere")


@pytest.mark.parametrize("site", ["../B", "", "a b", "A\n"])
def test_a_site_that_is_no_name_is_refused(tmp_path, site):
    with pytest.raises(Usage, match="cannot be a site"):
        take(city(tmp_path), drawn(tmp_path / "in", "1", THREE), site=site)


def test_the_steps_are_told_in_their_order(tmp_path):
    points = []
    take(city(tmp_path, "A"), drawn(tmp_path / "in", "1", THREE), at=points.append)
    names = [step.__name__ for step in STEPS]
    assert [point for point in points if point in names] == names


def test_progress_ends_at_the_bytes_of_the_files(tmp_path):
    seen, path = [], drawn(tmp_path / "in", "1", THREE)
    take(city(tmp_path, "A"), path, progress=lambda done, whole: seen.append((done, whole)))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)

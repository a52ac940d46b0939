import pytest

from federation.errors import Usage
from federation.node.rejects import grouped, rejects, unreadable
from tests.federation.node_city import city, drawn, take

LINES = "k1 | p1 | | 1\n | p2 | | =cmd\n | p3 | | x"


def home_of(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "1", LINES), drawn(tmp_path / "in", "2", " | p4 | | y"))
    take(home, drawn(tmp_path / "in", "3", " | p5 | | z"), site="B")
    return home


def test_every_reject_is_listed_with_its_place(tmp_path):
    rows = grouped(rejects(home_of(tmp_path)), None).collect()
    assert rows.select("site", "position", "line", "column", "reason", "count").rows() == [
        ("A", 2, 2, "", "no-key", 1),
        ("A", 3, 3, "", "no-key", 1),
        ("A", 1, 1, "", "no-key", 1),
        ("B", 1, 1, "", "no-key", 1),
    ]


def test_rejects_are_counted_by_file_and_reason(tmp_path):
    rows = grouped(rejects(home_of(tmp_path)), "file").collect()
    assert [(path.rsplit("/", 1)[1], count) for path, count in rows.select("path", "count").rows()] == [
        ("1.lines", 2),
        ("2.lines", 1),
        ("3.lines", 1),
    ]


def test_rejects_are_narrowed_by_site_file_and_reason(tmp_path):
    home = home_of(tmp_path)
    assert rejects(home, site="B").collect().height == 1
    assert rejects(home, file="1.lines").collect().height == 2
    assert rejects(home, reason="bad-date").collect().height == 0


@pytest.mark.parametrize("asked", [{"site": "C"}, {"batch": "nothing"}, {"reason": "bad-dates"}])
def test_asking_for_what_is_not_there_is_not_answered_with_none(tmp_path, asked):
    with pytest.raises(Usage, match=next(iter(asked.values()))):
        rejects(home_of(tmp_path), **asked)


def test_the_text_of_a_reject_is_kept_verbatim(tmp_path):
    rows = rejects(home_of(tmp_path), file="1.lines").sort("position").collect()
    assert rows["raw"].to_list() == [b"| p2 | | =cmd", b"| p3 | | x"]


def test_a_file_that_broke_off_is_listed(tmp_path):
    home = city(tmp_path, "A")
    many = "\n".join(f"k{n} | p | | {n}" for n in range(50))
    take(home, drawn(tmp_path / "in", "1", f"{many}\nBROKEN"))
    [row] = unreadable(home)
    assert "broken at record 51" in row.message

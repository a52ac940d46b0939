"""Sources that must be asked: what they answer is ingested once, whatever breaks, and they are asked from there on."""

import stat

import pytest

from connectors.errors import Unreadable
from federation.errors import Usage
from federation.node.asking import TRIAL
from federation.node.feeds import reached
from tests.federation.drawn_feed import DrawnFeed
from tests.federation.node_city import city, content, drawn, pooled, take
from tests.federation.node_lines import KINDS, LineFile

SEVEN = [f"k{n} | p{n} | | {n}" for n in range(1, 8)]


def feed(tmp_path, lines=SEVEN, name="his", **more):
    text, path = tmp_path / f"{name}.text", tmp_path / f"{name}.toml"
    text.write_text("".join(f"{line}\n" for line in lines))
    about = {"kind": "drawn_feed", "name": name, "text": str(text)} | more
    path.write_text("".join(f"{key} = {value!r}\n" for key, value in about.items()))
    return path


def pull(home, *paths, **more):
    return take(home, *paths, **{"kinds": KINDS | {"drawn_feed": DrawnFeed()}} | more)


def done(home):
    with home.engine.connect() as connection:
        return reached(connection, "A", "his").state.get("done", "0")


def values(home):
    return sorted(pooled(home)["value_text"])


def test_what_a_source_answers_is_ingested_like_any_file(tmp_path):
    home = city(tmp_path, "A")
    told = pull(home, feed(tmp_path))
    assert (told.read, told.accepted, told.files, told.kind) == (7, 7, 4, "lines")
    assert "It is a text." in told.notes
    assert (values(home), done(home)) == (list("1234567"), "7")


def test_landed_files_stay_for_whoever_traces_a_row_and_are_their_owners_alone(tmp_path):
    home = city(tmp_path, "A")
    pull(home, feed(tmp_path))
    landed = sorted(home.landing("A", "his").iterdir())
    assert [path.name for path in landed] == [f"0000000{n}-page.lines" for n in range(1, 5)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in landed} == {0o600}


def test_it_is_asked_for_what_is_new_only(tmp_path):
    home = city(tmp_path, "A")
    pull(home, feed(tmp_path, SEVEN[:4]))
    told = pull(home, feed(tmp_path))
    assert (told.read, told.accepted, values(home)) == (3, 3, list("1234567"))


def test_nothing_new_is_nothing_wrong(tmp_path):
    home = city(tmp_path, "A")
    pull(home, feed(tmp_path))
    told = pull(home, feed(tmp_path))
    assert (told.files, told.read, told.asked, told.complete) == (0, 0, 1, True)


def test_a_source_that_breaks_keeps_what_had_landed(tmp_path):
    home = city(tmp_path, "A")
    told = pull(home, feed(tmp_path, breaks_after=4))
    assert (told.accepted, told.complete, values(home), done(home)) == (4, False, list("1234"), "4")
    assert told.unreachable[0].reason == "unreachable"
    assert pull(home, feed(tmp_path)).accepted == 3
    assert values(home) == list("1234567")


class Killed(BaseException):
    """As if the process had ended here."""


def test_killed_at_any_point_nothing_is_lost_or_doubled(tmp_path):
    points: list[str] = []
    whole = city(tmp_path / "whole", "A")
    pull(whole, feed(tmp_path), at=points.append)
    landings = [n for n, point in enumerate(points, 1) if point.startswith("landed")]
    assert len(landings) == 4
    commits = [
        n for n, point in enumerate(points, 1) if point in {"read", "place", "before the commit", "after the commit"}
    ]
    for die_at in [landings[0], landings[2], *commits]:
        home, left = city(tmp_path / str(die_at), "A"), die_at

        def at(_point):
            nonlocal left
            left -= 1
            if not left:
                raise Killed

        with pytest.raises(Killed):
            pull(home, feed(tmp_path), at=at)
        pull(home, feed(tmp_path))
        assert (content(home).keys(), values(home), done(home)) == (content(whole).keys(), list("1234567"), "7")
        assert not list(home.landing("A", "his").glob("*.landed"))


def test_what_landed_before_a_kill_is_not_asked_for_again(tmp_path):
    home, read = city(tmp_path, "A"), []

    def at(point):
        if point.startswith("landed 00000003"):
            raise Killed

    with pytest.raises(Killed):
        pull(home, feed(tmp_path), at=at)
    pull(home, feed(tmp_path), asking=lambda done, _whole: read.append(done))
    assert (read, values(home)) == ([7], list("1234567"))


def test_answers_to_another_question_are_thrown_away(tmp_path):
    home = city(tmp_path, "A")

    def at(point):
        if point.startswith("landed 00000002"):
            raise Killed

    with pytest.raises(Killed):
        pull(home, feed(tmp_path), at=at)
    told = pull(home, feed(tmp_path, ["z | p | | z"], comment="changed"))
    assert (told.accepted, values(home)) == (1, ["z"])
    assert len(list(home.landing("A", "his").iterdir())) == 1


def test_a_file_that_could_not_be_read_holds_its_feed_back(tmp_path, monkeypatch):
    home, whole = city(tmp_path, "A"), LineFile.chunks

    def broken(self, context):
        if "00000002" in self.path.name:
            raise Unreadable("No.")
        return whole(self, context)

    monkeypatch.setattr(LineFile, "chunks", broken)
    told = pull(home, feed(tmp_path))
    assert (told.accepted, len(told.unreadable), done(home)) == (5, 1, "2")
    monkeypatch.undo()
    again = pull(home, feed(tmp_path))
    assert (again.accepted, values(home), done(home)) == (2, list("1234567"), "7")


def test_a_dry_run_asks_for_little_and_keeps_nothing(tmp_path):
    home = city(tmp_path, "A")
    many = [f"k{n} | p{n} | | {n}" for n in range(TRIAL * 2)]
    told = pull(home, feed(tmp_path, many), dry_run=True)
    assert (told.read, told.dry_run, done(home), values(home)) == (TRIAL, True, "0", [])
    assert not home.landing("A", "his").exists()
    assert not list(home.staging.iterdir())


def test_descriptions_in_a_folder_are_asked_and_mappings_passed_over(tmp_path):
    home, folder = city(tmp_path, "A"), tmp_path / "in"
    drawn(folder, "day", "k9 | p9 | | 9")
    feed(folder)
    (folder / "visits.toml").write_text('source = "visits"\nkey = ["id"]\n')
    (folder / "his.text").rename(folder.parent / "his.text")
    path = folder / "his.toml"
    path.write_text(path.read_text().replace(str(folder / "his.text"), str(folder.parent / "his.text")))
    told = pull(home, folder)
    assert (told.accepted, [left.reason for left in told.skipped]) == (8, ["description"])


def test_two_descriptions_of_one_name_are_refused(tmp_path):
    home = city(tmp_path, "A")
    (tmp_path / "b").mkdir()
    with pytest.raises(Usage, match="another description is named `his`"):
        pull(home, feed(tmp_path), feed(tmp_path / "b"))


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    text = feed(tmp_path).read_text().replace("'his'", "'../../x'")
    (tmp_path / "his.toml").write_text(text)
    with pytest.raises(Usage, match="cannot be a name of a source"):
        pull(city(tmp_path, "A"), tmp_path / "his.toml")


def test_a_description_that_contradicts_itself_stops_no_other(tmp_path):
    home = city(tmp_path, "A")
    (tmp_path / "bad.toml").write_text('kind = "drawn_feed"\n')
    told = pull(home, tmp_path / "bad.toml", feed(tmp_path))
    assert (told.accepted, told.unreadable[0].reason, told.complete) == (7, "bad-description", False)

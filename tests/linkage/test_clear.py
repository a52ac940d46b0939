"""Linkage in clear text: who is the same person by what two sites know of them, and what no input breaks."""

import builtins
from pathlib import Path

import polars as pl
import pytest

from federation.city.doubles import doubles
from federation.errors import BadInput, Unavailable
from federation.linkage.clear import Model, city_model, clear, linked, people
from federation.linkage.clear.keys import MOST_PAIRS, keyed, pairs
from federation.linkage.edge import EDGES, tidy
from federation.linkage.normal.frame import NORMAL, NORMAL_NUMBERS
from federation.linkage.normal.persons import normal

NO_NUMBERS = pl.DataFrame(schema=NORMAL_NUMBERS)
SOUNDS = {"甲": "jia", "乙": "yi", "丙": "bing", "丁": "ding", "伊": "yi", "戊": "wu"}


def site(name: str, *rows: str) -> pl.DataFrame:
    """NORMAL from `record family given born sex phone street`, `-` for null."""
    cells = [[None if cell == "-" else cell for cell in row.split()] for row in rows]
    columns = ["record", "family", "given", "born", "sex", "phone", "street"]
    said = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String), orient="row")

    def spoken(column: str) -> pl.Expr:
        return pl.col(column).str.replace_many(SOUNDS).alias(f"{column}_pinyin")

    return said.with_columns(
        spoken("family"), spoken("given"), site=pl.lit(name), division=pl.lit("132721"), newborn=pl.lit(value=False),
        twin=pl.lit(None, pl.String),
    ).select(list(NORMAL))  # fmt: skip


def ids(name: str, **said: str) -> pl.DataFrame:
    rows = [{"site": name, "record": r, "kind": "id", "value": v, "usable": True, "why": None} for r, v in said.items()]
    return pl.DataFrame(rows, schema=NORMAL_NUMBERS)


def best(found: pl.DataFrame) -> dict[str, str]:
    return dict(found.sort("score").group_by("left", maintain_order=True).last().select("left", "right").iter_rows())


LEFT = site(
    "east",
    "A1 甲 乙 19570305 1 15400000001 东街1号",
    "A2 丙 丁 19800101 2 15400000002 西街2号",
    "A3 丁 甲 20010203 1 - -",
)
RIGHT = site(
    "west",
    "B1 甲 伊 19570305 1 15400000001 东街1号",
    "B2 丙 丁 19800110 2 15400000002 西街2号",
    "B3 戊 戊 19991231 1 15400000009 南街9号",
)


def test_a_homophone_and_a_wrong_day_do_not_part_one_person():
    found = clear((LEFT, NO_NUMBERS), (RIGHT, NO_NUMBERS))
    assert found.schema == EDGES
    assert tidy(found).height == found.height
    assert best(found) == {"A1": "B1", "A2": "B2"}
    assert found["how"].unique().to_list() == ["clear"]
    assert found.select("left_site", "right_site").unique().rows() == [("east", "west")]
    assert found["score"].is_between(0, 1).all()


def test_an_id_joins_what_nothing_else_does():
    found = clear((LEFT, ids("east", A3="110101200102030017")), (RIGHT, ids("west", B3="110101200102030017")))
    assert ("A3", "B3") in found.select("left", "right").rows()


def test_two_ids_that_differ_speak_against_namesakes():
    both = [site(name, f"{record} 甲 乙 19570305 1 - -") for name, record in (("east", "A1"), ("west", "B1"))]
    alone = clear((both[0], NO_NUMBERS), (both[1], NO_NUMBERS))["score"].item()
    parted = clear((both[0], ids("east", A1="1" * 17 + "2")), (both[1], ids("west", B1="3" * 17 + "4")))
    assert parted.filter(pl.col("score") >= alone).is_empty()


def test_phones_and_births_of_any_length_are_compared():
    other = site("west", "B1 甲 乙 1957 1 5321 东街1号", "B2 丙 丁 198001 2 +8615400000002 西街2号", "B3 丁 甲 - 1 - -")
    assert best(clear((LEFT, NO_NUMBERS), (other, NO_NUMBERS))).items() >= {("A1", "B1"), ("A2", "B2")}


def test_a_surname_that_cannot_be_split_off_still_leaves_the_given_name():
    whole = [site("west", "B1 - 戊丙丁 19570305 1 - -"), site("west", "B1 - 戊己庚 19570305 1 - -")]
    left = site("east", "A1 甲 丙丁 19570305 1 - -")
    scores = [clear((left, NO_NUMBERS), (right, NO_NUMBERS))["score"].sum() for right in whole]
    assert scores[0] > scores[1]


def test_a_newborn_called_after_the_mother_has_no_name_yet():
    row = site("east", "A1 甲 乙 20260101 1 - 东街1号").with_columns(newborn=pl.lit(value=True))
    told = people(row, NO_NUMBERS)
    assert told.select("name", "sound", "family", "given").row(0) == (None,) * 4
    assert told.select("place", "road", "year").row(0) == ("东街1", "东街", "2026")


def test_two_ids_of_one_record_are_none():
    two = pl.concat([ids("east", A1="1" * 18), ids("east", A1="2" * 18), ids("east", A2="3" * 18)])
    assert people(LEFT, two)["id"].to_list() == [None, "3" * 18, None]


def test_a_register_without_any_identifier_gives_no_pair():
    empty = site("east", "A1 - - - - - -", "A2 - - - - - -").with_columns(division=pl.lit(None, pl.String))
    assert clear((empty, NO_NUMBERS), (RIGHT, NO_NUMBERS)).is_empty()
    assert clear((LEFT.clear(), NO_NUMBERS), (RIGHT, NO_NUMBERS)).schema == EDGES


def test_a_register_where_everybody_has_one_name_and_one_phone_compares_few():
    same = [site(name, *(f"{name}{n} 甲 乙 19570305 1 15400000001 东街1号" for n in range(3_000))) for name in "ab"]
    assert clear((same[0], NO_NUMBERS), (same[1], NO_NUMBERS)).is_empty()


def test_a_key_that_too_many_share_is_left_out():
    crowd = pl.DataFrame({"name": ["甲"] * 51 + ["乙", None]})
    left, right = keyed(crowd, crowd, [["name"]], "block")
    assert left["block_0"].drop_nulls().to_list() == ["乙"]
    assert pairs(left, right, "block_0") == 1
    few = crowd.head(50)
    assert pairs(*keyed(few, few, [["name"]], "block"), "block_0") == MOST_PAIRS


def test_a_record_given_twice_is_refused_before_anything_is_compared():
    with pytest.raises(BadInput, match="twice"):
        clear((pl.concat([LEFT, LEFT]), NO_NUMBERS), (RIGHT, NO_NUMBERS))


def test_columns_that_the_model_needs_are_named():
    with pytest.raises(BadInput, match="city-1 compares: id"):
        linked(people(LEFT, NO_NUMBERS).drop("id"), people(RIGHT, NO_NUMBERS), city_model())


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object):
        if name == "splink":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Unavailable, match=r"pip install 'guantong\[linkage\]'"):
        clear((LEFT, NO_NUMBERS), (RIGHT, NO_NUMBERS))


def test_the_model_reaches_no_file(tmp_path: Path):
    (tmp_path / "x.csv").write_text("a\n1\n")
    model = city_model().model_dump()
    model["comparisons"][2]["levels"][0]["when"] = (
        f"sex_l = (SELECT count(*)::VARCHAR FROM read_csv('{tmp_path}/x.csv'))"
    )
    with pytest.raises(BadInput, match=r"Model city-1 .* PermissionException"):
        linked(people(LEFT, NO_NUMBERS), people(RIGHT, NO_NUMBERS), Model.model_validate(model))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = ", "no TOML"),
        ("version = 'x'", "comparisons"),
        ("version='x'\nfound=0.9\nblocks=[['a']]\ntraining=[]\ncertain=[['a']]\ncomparisons=[{name='n',unknown='a_l is null',levels=[{when='a_l=a_r',m=0.9,u=0.1},{when='b',m=0.9,u=0.1}]}]", "ELSE"),
        ("version='x'\nfound=1.5", "comparisons"),
    ],
)  # fmt: skip
def test_a_model_file_that_is_wrong_is_refused_with_its_name(text: str, said: str):
    with pytest.raises(BadInput, match=said):
        Model.told(text, "ours.toml")


def test_a_model_without_a_column_has_no_rule_that_names_it():
    model = city_model().without("id")
    assert "id" not in model.columns
    assert "id" in city_model().columns
    assert len(model.comparisons) == len(city_model().comparisons) - 1


def test_what_is_learned_from_a_city_is_right_and_the_same_twice():
    two = doubles(7, 1_500)
    known = [normal(one.identity, one.numbers) for one in (two.tertiary, two.community)]
    first, again = clear(*known), clear(*known)
    assert first.equals(again)
    sure = first.filter(pl.col("score") > 0.5)
    assert sure.join(two.pairs(), on=["left", "right"], how="semi").height / two.pairs().height > 0.98

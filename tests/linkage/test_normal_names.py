"""Names: surnames by their own readings, remarks gone, newborns known as such, nobody's names nothing."""

import unicodedata

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation.linkage.normal.latin import latin
from federation.linkage.normal.name import COLUMNS, of_names
from federation.linkage.normal.pinyin import surname_syllables, surnames, syllables


def parts(name: str | None) -> dict[str, object]:
    return of_names(pl.Series([name], dtype=pl.String)).row(0, named=True)


def shown(name: str | None) -> str:
    """`family|given`, with `+` behind a newborn and the twin's number."""
    row = parts(name)
    return f"{row['family'] or ''}|{row['given'] or ''}{'+' if row['newborn'] else ''}{row['twin'] or ''}"


@pytest.mark.parametrize(("written", "read"), [
    ("张甲", "张|甲"), ("张甲乙", "张|甲乙"), (" 张　甲 ", "张|甲"), ("张\u200b甲\ufeff", "张|甲"), ("⽅甲", "方|甲"),
    ("欧阳甲", "欧阳|甲"), ("尉迟甲乙", "尉迟|甲乙"), ("欧阳", "欧阳|"), ("张王甲乙", "张|王甲乙"),
    ("阿依甲·艾合乙", "|阿依甲艾合乙"), ("阿依甲‧艾合乙", "|阿依甲艾合乙"), ("阿依甲•艾合乙", "|阿依甲艾合乙"),
    ("阿依甲・艾合乙", "|阿依甲艾合乙"), ("阿依甲.艾合乙", "|阿依甲艾合乙"), ("阿依甲．艾合乙", "|阿依甲艾合乙"),
    ("阿依甲艾合乙", "|阿依甲艾合乙"), ("古丽·娜尔", "|古丽娜尔"), ("张.甲", "张|甲"),
    ("张甲(新)", "张|甲"), ("张甲（农保", "张|甲"), ("张甲 2", "张|甲"), ("张甲2", "张|甲"), ("（张甲）", "张|甲"),
    ("张甲ZHANG JIA", "张|甲"), ("张甲先生", "张|甲"), ("张先生", "张|"), ("患者张甲", "张|甲"), ("张甲自费", "张|甲"),
    ("张**", "张|"), ("张某某", "张|"), ("张XX", "张|"), ("张*甲", "张|*甲"), ("张\ue000甲", "张|*甲"), ("*甲", "|*甲"),
])  # fmt: skip
def test_a_chinese_name_is_parted(written: str, read: str):
    assert shown(written) == read


@pytest.mark.parametrize(("written", "read"), [
    ("张甲之子", "张|甲+"), ("张甲之女", "张|甲+"), ("张甲之婴", "张|甲+"), ("张甲之女A", "张|甲+1"), ("张甲之子2", "张|甲+2"),
    ("张甲之长子", "张|甲+1"), ("张甲之双胎之二", "张|甲+2"), ("张甲大双", "张|甲+1"), ("张甲小双", "张|甲+2"), ("张甲之子(大)", "张|甲+1"),
    ("张甲女婴", "张|甲+"), ("张女婴", "张|+"), ("男婴", "|+"), ("新生儿", "|+"), ("张甲之小孩", "张|甲+"), ("欧阳甲之女", "欧阳|甲+"),
    ("张甲A", "张|甲1"), ("张甲B", "张|甲2"),                  # nobody says twins, but two letters are two persons
    ("张之子", "张|之子"), ("周海婴", "周|海婴"), ("李大双", "李|大双"), ("王毛毛", "王|毛毛"),     # names as any other
    ("baby boy of x", "|x+"), ("Baby Girl", "|+"),
])  # fmt: skip
def test_a_newborn_is_known_by_the_mothers_name_and_twins_are_two(written: str, read: str):
    assert shown(written) == read


@pytest.mark.parametrize("written", [
    "无名氏", "无名氏1", "无名男", "测试", "测试3", "甲测试", "TEST", "test01", "不详", "姓名不详", "未知", "-", "—", "...", "无", "N/A", "null",
    "急诊患者", "三无人员", "某某", "路人甲", "哈哈哈", "xxx", "123", "", "  ", "***", "?", "Unknown", "John Doe", "张" * 65, None,
])  # fmt: skip
def test_of_nobodys_name_nothing_is_left(written: str | None):
    assert parts(written) == dict.fromkeys(COLUMNS)


@pytest.mark.parametrize(("surname", "read"), [
    ("单", "shan"), ("仇", "qiu"), ("解", "xie"), ("查", "zha"), ("曾", "zeng"), ("区", "ou"), ("朴", "piao"), ("翟", "zhai"),
    ("缪", "miao"), ("任", "ren"), ("盖", "ge"), ("种", "chong"), ("员", "yun"), ("逄", "pang"), ("尉迟", "yu chi"), ("万俟", "mo qi"),
    ("长孙", "zhang sun"), ("澹台", "tan tai"), ("单于", "chan yu"), ("令狐", "ling hu"), ("乐正", "yue zheng"), ("吕", "lv"), ("張", "zhang"),
])  # fmt: skip
def test_a_surname_is_read_as_a_surname(surname: str, read: str):
    assert surname_syllables(pl.Series([surname])).to_list() == [read]
    assert parts(f"{surname}甲乙")["family_pinyin"] == read


def test_a_character_sounds_the_same_wherever_it_stands():
    assert syllables(pl.Series(["单甲", "甲单", "*明", None, "x"])).to_list() == [
        "dan jia",
        "jia dan",
        "* ming",
        None,
        "x",
    ]


def test_the_list_of_surnames_names_each_once_with_one_syllable_a_character():
    listed = surnames()
    assert listed["surname"].is_unique().all()
    assert (listed["surname"].str.len_chars() == listed["pinyin"].str.split(" ").list.len()).all()
    assert listed["pinyin"].str.contains(r"^[a-z]+( [a-z]+)?$").all()


@pytest.mark.parametrize(("written", "read"), [
    ("Müller", "|muller"), ("O’Brien-Smith", "|obrien smith"), ("SMITH, John Q.", "smith|john q"), ("Dr. Łukasz", "|lukasz"),
    ("ＺＨＡＮＧ　ＳＡＮ", "|zhang san"), ("Smith (new)", "|smith"), ("Nguyễn Đức", "|nguyen duc"), ("smith", "|smith"),
    ("김가", "|김가"), ("Иванов", "|иванов"),
])  # fmt: skip
def test_names_in_letters_lose_accents_titles_and_case(written: str, read: str):
    assert shown(written) == read
    assert parts(written)["given_pinyin"] == parts(written)["given"]


def again(row: dict[str, object]) -> str | None:
    """A name written from its parts."""
    family, given = row["family"] or "", row["given"] or ""
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in f"{family}{given}")
    name = f"{family}{given}" if chinese or not family else f"{family}, {given}"
    return name or None


SIGNS = st.sampled_from(
    [
        *"张王欧阳尉迟甲乙明之子女婴大小双某*×?·.•-,，()（）[]12AB bxX 先生测试无名氏患者\u200b\ue000éÉ'’",
        "之子",
        "女婴",
        "先生",
        "(",
        "mr ",
    ]
)
NAMES = st.one_of(st.text(max_size=70), st.lists(SIGNS, max_size=12).map("".join))


FEW = settings(max_examples=12)
MANY = st.lists(NAMES, min_size=1, max_size=50)  # a frame costs the same whether it has one row or fifty


@FEW
@given(MANY)
@example(["张a之子先生("])
def test_a_normalised_name_stays_as_it_is(names: list[str]):
    once = of_names(pl.Series(names))
    twice = of_names(pl.Series([again(row) for row in once.iter_rows(named=True)], dtype=pl.String))
    same = ["family", "given", "family_pinyin", "given_pinyin"]
    assert twice.select(same).rows() == once.select(same).rows()


@FEW
@given(MANY)
def test_nothing_is_in_a_normalised_name_that_was_not_written(names: list[str]):
    for name, row in zip(names, of_names(pl.Series(names)).iter_rows(named=True), strict=True):
        han = {sign for sign in f"{row['family'] or ''}{row['given'] or ''}" if "\u4e00" <= sign <= "\u9fff"}
        assert han <= set(unicodedata.normalize("NFKC", name))


@FEW
@given(st.lists(st.one_of(st.none(), NAMES), max_size=4))
def test_rows_keep_their_number_and_order_whatever_stands_beside_them(names: list[str | None]):
    together = of_names(pl.Series(names, dtype=pl.String))
    assert together.rows() == [tuple(parts(name).values()) for name in names]


@FEW
@given(st.lists(st.text(max_size=40), min_size=1, max_size=50))
def test_letters_normalised_twice_are_the_same(texts: list[str]):
    once = pl.DataFrame({"name": texts}).select(latin(pl.col("name")))
    assert once.select(latin(pl.col("name"))).rows() == once.rows()

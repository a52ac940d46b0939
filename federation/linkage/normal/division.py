"""The ways in which a division of GB/T 2260 is written at the head of an address, and which division each one means.

`佛山市南海区`, `广东佛山南海区` and `南海区` are one county; `鼓楼区` alone is one only where its city is known.
A spelling that means two divisions means none.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

import polars as pl

from schemas.code_system import code_system

_NO_NAME = re.compile(r"^(?:市辖区|县|市|省)$|直辖县级")
_SINCE = "200001"  # a division given up before is in no address that a hospital's system holds
_PROVINCE_END = re.compile(r"(?:省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区)$")
_GENERAL = 2  # characters: `西区`, `郊区` may be quarters of any town
Meant = dict[str, set[tuple[str, bool]]]  # spelling -> (code, whether it is in use)


def trimmed(code: pl.Expr) -> pl.Expr:
    """The digits of a code that say something: `440000` -> `44`, `440600` -> `4406`; null for a code of no list.

    Codes of streets and villages (9 or 12 digits) are cut to their county; a county called 市辖区 is its city.
    """
    six = code.str.extract(r"^([0-9]{6})(?:[0-9]{3}|[0-9]{6})?$", 1)
    listed = pl.when(code_system("division").contains(six)).then(six)
    city = listed.is_in(_unnamed())
    return pl.when(city).then(listed.str.head(4)).otherwise(listed.str.replace(r"(?:00)?00$", ""))


@cache
def _unnamed() -> pl.Series:
    """Counties that have no name of their own, such as 市辖区: what is known is their city."""
    return code_system("division").rows.filter(pl.col("zh").str.contains("^(?:市辖区|县)$"))["code"].implode()


@cache
def spellings() -> pl.DataFrame:
    """Spelling, `context` (digits known otherwise, "" where none are) and the `code` it means there, String."""
    alone: Meant = defaultdict(set)
    within: dict[tuple[str, str], set[tuple[str, bool]]] = defaultdict(set)
    for spelling, name, code, used in _spelled():
        if spelling != name or len(name) > _GENERAL:
            alone[spelling].add((code, used))
        if spelling == name:
            for digits in (2, 4, 6):
                within[spelling, code[:digits]].add((code, used))
    rows = [(spelling, "", one) for spelling, meant in alone.items() if (one := _only(meant))]
    rows += [(spelling, context, one) for (spelling, context), meant in within.items() if (one := _only(meant))]
    return pl.DataFrame(rows, schema=["spelling", "context", "code"], orient="row")


def at_head(text: pl.Series) -> pl.Series:
    """The longest spelling that each text begins with, null where none does."""
    rows = text.alias("text").to_frame().with_row_index("row")
    known, heads, lengths = _known()
    likely = rows.filter(pl.col("text").str.head(2).is_in(heads))
    cut = [likely.select("row", spelling=pl.col("text").str.head(length)) for length in lengths]
    # A text shorter than the length is cut to the same words again, which does no harm.
    longest = pl.concat(cut).join(known, on="spelling", how="semi", maintain_order="left").group_by("row").last()
    return rows.join(longest, on="row", how="left", maintain_order="left")["spelling"]


@cache
def _known() -> tuple[pl.DataFrame, pl.Series, list[int]]:
    """The spellings, the two characters each begins with, and the lengths there are."""
    known = spellings().select("spelling").unique()
    return known, known["spelling"].str.head(2).unique().implode(), sorted(known["spelling"].str.len_chars().unique())


def _only(meant: Iterable[tuple[str, bool]]) -> str | None:
    """The one code in use, or the one there ever was."""
    used = {code for code, still in meant if still} or {code for code, _ in meant}
    return used.pop() if len(used) == 1 else None


def _spelled() -> Iterator[tuple[str, str, str, bool]]:
    """Spelling, own name, digits, in use: of provinces, of cities with and without theirs, of counties in all ways."""
    rows = code_system("division").rows.filter(pl.col("until").is_null() | (pl.col("until") >= _SINCE))
    named = [
        (code.removesuffix("00").removesuffix("00"), zh, until is None)
        for code, zh, until in rows.select("code", "zh", "until").iter_rows()
        if not _NO_NAME.search(zh)
    ]
    provinces: dict[str, set[str]] = defaultdict(set)
    cities: dict[str, set[str]] = defaultdict(set)
    for code, zh, _ in named:
        if len(code) == 2:
            provinces[code] |= {zh, _PROVINCE_END.sub("", zh)}
        elif len(code) == 4:
            cities[code] |= {zh, *_short(zh)}
    for code, zh, used in named:
        above = ["", *sorted(provinces[code[:2]])] if len(code) > 2 else [""]
        beside = ["", *sorted(cities[code[:4]])] if len(code) > 4 else [""]
        ways = [zh] if len(code) != 4 else [zh, *(short for short in _short(zh) if short.endswith("州"))]
        yield from ((f"{p}{f}{way}", way, code, used) for p in above for f in beside for way in ways)


def _short(city: str) -> list[str]:
    """`佛山市` -> `佛山`; `恩施土家族苗族自治州` -> `恩施`, `恩施州`."""
    if city.endswith("自治州"):
        stem = re.sub(f"(?:{_peoples()})+自治州$", "", city)
        return [stem, f"{stem}州"] if stem != city else []
    stem = re.sub("(?:市|地区|盟)$", "", city)
    return [stem] if len(stem) > 1 else []


@cache
def _peoples() -> str:
    names = code_system("ethnicity").rows["zh"].to_list()
    return "|".join(
        sorted({*names, *(name.removesuffix("族") for name in names if len(name) > 2)}, key=len, reverse=True)
    )

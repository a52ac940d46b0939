"""Where made-up people live, and the several ways in which one address is written.

The counties are of GB/T 2260, as a programme that reads addresses knows them; the streets, villages and people are not
theirs.
"""

from functools import lru_cache
from itertools import product

from federation.city.chance import Chance, Keys

COUNTIES = {
    "130202": "路南区", "130203": "路北区", "130204": "古冶区", "130205": "开平区", "130207": "丰南区",
    "130208": "丰润区", "130224": "滦南县", "130225": "乐亭县", "130227": "迁西县", "130229": "玉田县",
    "130281": "遵化市", "130283": "迁安市",
}  # fmt: skip
_FIRST, _SECOND = "东西南北新安和长平石青望柳锦滨学人建朝永春", "风荫桥江山河府民设阳宁华里门园湖乐兴明林"
_TOWN, _VILLAGE = "石青望马龙白黄大小高三", "桥山岭河店庄沟屯口湾台"
ROADS = ("路", "街", "大街", "巷", "里", "东路", "西路")
RURAL = 0.3
Place = tuple[str, ...]


@lru_cache(1)
def streets() -> tuple[str, ...]:
    """Some three thousand street names."""
    return tuple(a + b + road for a, b, road in product(_FIRST, _SECOND, ROADS) if a != b)


@lru_cache(1)
def villages() -> tuple[str, ...]:
    """Some thousand villages, each of a township."""
    towns = [a + b for a, b in product(_TOWN, _VILLAGE)]
    pairs = [a + b for a, b in zip("上下前后刘王张李赵", "庄营家屯村坊里洼坡", strict=True)]
    return tuple(f"{town}{'镇' if n % 3 else '乡'}{pair}村" for n, town in enumerate(towns) for pair in pairs)


def written(chance: Chance, keys: Keys, divisions: list[str], styles: list[int], name: str = "home") -> list[str]:
    """One address a key; the same key and division are the same place, whatever the style (0 to 5)."""
    draw = chance.whole
    rural = chance.yes(f"{name} is rural", keys, RURAL).tolist()
    street = draw(f"{name} street", keys, 0, len(streets()) - 1).tolist()
    village = draw(f"{name} village", keys, 0, len(villages()) - 1).tolist()
    number, building = draw(f"{name} number", keys, 1, 399).tolist(), draw(f"{name} building", keys, 1, 30).tolist()
    entrance = draw(f"{name} entrance", keys, 1, 5).tolist()
    room = (draw(f"{name} floor", keys, 1, 18) * 100 + draw(f"{name} door", keys, 1, 4)).tolist()
    return [
        _rural(villages()[village[n]], number[n], building[n], county, style)
        if rural[n]
        else _urban(streets()[street[n]], number[n], building[n], entrance[n], room[n], county, style)
        for n, (county, style) in enumerate(zip(divisions, styles, strict=True))
    ]


def _begins(county: str, style: int) -> str:
    name = COUNTIES[county]
    return ("河北省唐山市" + name, name, "", "唐山市", "唐山市" + name, "河北唐山 " + name + " ")[style]


_URBAN = (
    "{0}号{1}号楼{2}单元{3}室",
    "{0}号{1}-{2}-{3}",
    "{0}号{1}栋{3}",
    "{0}号院{1}幢{2}单元{3}",
    "{0}号{1}楼{3}室",
    "{0}号{1}号楼{2}单元{3}",
)
_RURAL = ("{0}组{1}号", "{0}组", "{2}组{1}号", "", "{0}队{1}号", "{0}组{1}号")
_WIDE = str.maketrans("0123456789", "".join(chr(0xFF10 + digit) for digit in range(10)))
_DIGITS = "零一二三四五六七八九"


def _urban(road: str, number: int, building: int, entrance: int, room: int, county: str, style: int) -> str:
    tail = _URBAN[style].format(number, building, entrance, room)
    return _begins(county, style) + road + (tail.translate(_WIDE) if style == 5 else tail)


def _rural(village: str, number: int, group: int, county: str, style: int) -> str:
    tail = _RURAL[style].format(group, number, _chinese(group))
    return _begins(county, style) + village + (tail.translate(_WIDE) if style == 5 else tail)


def _chinese(number: int) -> str:
    ten, one = divmod(number, 10)
    return ("" if ten < 2 else _DIGITS[ten]) + ("十" if ten else "") + (_DIGITS[one] if one else "")

"""Characters that people type for one another: written by ear, by eye, or anyhow. Never read by any matching code.

By ear: the same syllable whatever its tone, and at times the neighbouring syllable of a speaker who does not tell
`zh` from `z` or `in` from `ing`; the syllables come from pypinyin, the characters from GB 2312, level 1 (3,755 in
common use). By eye: groups of our own.
"""

from functools import lru_cache

_EYE = (
    "杨扬汤 晓哓皓浩 伟玮炜讳 晴睛情清 洋样详 林琳淋 己已巳 未末本 土士 人入八 大太犬 王玉主 令今 "
    "申甲由田 日曰目 干千于 天夭夫 白百自 东车乐 风凤 兰三 丹舟 刘对 李季 陈阵 张弘 吴昊 孙逊 胡湖 "
    "郑邓 梁粱 宋宗 萧肃 曹遭 傅博搏 沈枕 彭澎 卢芦庐 蔡察 魏巍 薛嶭 阎闫 余佘 潘番 戴载 钟仲种 汪旺注 任仕 姜美 "
    "谭潭 陆际 毛手 史吏 侯候 武式 贺货 娜那 敏繁 静净 丽俪 艳绝 娟涓 霞遐 秀透 英央 玲铃岭 梅海 芳方 慧惠 "
    "莹萤荧 洁结 雪雷 晶品 妍研 珊册 婷停 薇微 蓉容 云去 莲连 磊蕾 军车 勇男 杰木 涛焘 超越 明朋 刚钢 辉挥 健建 "
    "志忘 斌武 波披 鹏朋 宁守 轩杆 海诲 峰锋蜂 旭旮 俊峻竣 诚城 毅颖 康庚 振震 福幅 梓锌 涵函 睿瞍 泽择 宸晨 萱宣 "
    "瑶遥谣 琪棋淇 桐铜 馨声 诗持 欣掀 怡治 佳住 思恩 若苦 曦羲 雅稚 桂佳 淑叔 珍诊 翠率 巧朽 爱受 春舂 香杳"
)
# What an ear that does not tell them apart takes for the same; both ways.
_STARTS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"))
_ENDS = (("ing", "in"), ("eng", "en"), ("ang", "an"))


@lru_cache(1)
def ordinary() -> str:
    """GB 2312, rows 16 to 55: the characters in common use, in the order of their sounds."""
    pairs = ((row, cell) for row in range(16, 56) for cell in range(1, 95 if row < 55 else 90))
    return "".join(bytes((row + 160, cell + 160)).decode("gb2312") for row, cell in pairs)


@lru_cache(100_000)
def sound(character: str) -> str:
    """Its first syllable in pinyin without the tone."""
    from pypinyin import lazy_pinyin  # ~100 ms; wanted only where names are spoiled

    return str(lazy_pinyin(character)[0])


@lru_cache(1)
def _by_sound() -> dict[str, str]:
    same: dict[str, str] = {}
    for character in ordinary():
        same[sound(character)] = same.get(sound(character), "") + character
    return same


def _near(syllable: str) -> list[str]:
    """Syllables a careless ear takes this one for."""
    said = []
    for long, short in _STARTS:
        if syllable.startswith(long):
            said.append(short + syllable[len(long) :])
        elif syllable.startswith(short):
            said.append(long + syllable[len(short) :])
    for long, short in _ENDS:
        if syllable.endswith(long):
            said.append(syllable[: -len(long)] + short)
        elif syllable.endswith(short):
            said.append(syllable[: -len(short)] + long)
    return [other for other in said if other in _by_sound()]


def by_ear(character: str, drawn: int) -> str:
    """Another character of the same sound; itself where there is none."""
    return _of(sound(character), character, drawn)


def by_careless_ear(character: str, drawn: int) -> str:
    """Another character of a neighbouring sound, of the same one where none is near."""
    syllable = sound(character)
    near = _near(syllable) or [syllable]
    return _of(near[drawn % len(near)], character, drawn)


def _of(syllable: str, but: str, drawn: int) -> str:
    others = _by_sound().get(syllable, "").replace(but, "")
    return others[drawn % len(others)] if others else but


@lru_cache(1)
def _groups() -> dict[str, str]:
    same: dict[str, str] = {}
    for group in _EYE.split():
        for character in group:
            same[character] = same.get(character, "") + group
    return same


def by_eye(character: str, drawn: int) -> str:
    """Another character that looks alike; itself where none is known."""
    others = _groups().get(character, "").replace(character, "")
    return others[drawn % len(others)] if others else character


def anyhow(character: str, drawn: int) -> str:
    """Any other character in common use."""
    others = ordinary()
    other = others[drawn % len(others)]
    return other if other != character else others[(drawn + 1) % len(others)]

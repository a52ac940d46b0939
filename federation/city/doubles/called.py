"""What people are called, as often as in a real city: a few surnames for most, given names of a sex and a time.

The hundred commonest surnames carry 85 % of people; the commonest given names are borne by one in two or three hundred,
so that in a city of a million thousands share one and a name alone tells nobody apart. Combined at random from
characters; no list of persons is read.
"""

import numpy as np

from federation.city.chance import Chance, Ints, Keys
from federation.city.doubles.characters import ordinary
from federation.city.names import RARE, SURNAMES, TWO_CHARACTER_SURNAMES

HUNDRED, TOP_SHARE = 100, 0.85
FURTHER = (
    "施牛洪倪严牟温葛芦季俞章鲁毕苗殷聂柴齐梅庄申单辛管祝左涂谷祁时舒耿焦冉柏欧阮向翟兰项闵路覃关解丛米骆"
    "童邢安岳鲍褚娄甘景党符房蓝裴车盛卞应支费岑蒲靳隋屈古卓练储巩宁麻冷瞿伍成佟池战查翁戚游阳窦席艾木商占"
    "宿桂牧苟农迟封仇楼全晏奚简谈郎伊明凌霍虞柯宫尚滕华卜晋桑戈"
)
ONE_CHARACTER = {"early": 0.12, "middle": 0.34, "late": 0.10}
PAIRED = 0.25  # of two-character given names: a pair in fashion
ANYWHERE = 0.06  # of characters: from all in common use
RARE_SHARE = 0.004
# Ordered by how often they are given; (time, sex) -> characters of names, pairs in fashion.
GIVEN = {
    ("early", "1"): (
        (
            "国建明华德志永文金玉福生林海清云春荣光平军贵成树义忠庆祥良全发财宝根长新民立正学兴友其世昌安水木山东仁"
            "礼信顺喜来富有保连振启茂绍锡润炳鸿克维占守玺传万"
        ),
        "建国 建华 国强 志强 建军 建平 国华 德明 志明 永福 金山 国庆 文革 卫国 建民 玉山 树林 长江 宝田 福生",
    ),
    ("early", "2"): (
        (
            "秀英兰珍桂玉芳华莲梅凤香云美淑素琴菊花爱翠月春荣金红巧珠娥贞银秋惠霞芬琼娣招彩瑞仙凡慧俊改清叶芝敏丽文"
            "雪莉妹腊枝蓉锦焕会"
        ),
        "秀英 桂英 秀兰 玉兰 桂兰 淑珍 玉梅 秀珍 凤英 桂芳 玉英 淑英 秀芳 素珍 桂香 春梅 玉珍 美英 翠兰 淑兰",
    ),
    ("middle", "1"): (
        (
            "伟强军磊洋勇杰涛超明刚平辉鹏斌波飞浩健宁俊峰建亮志文东海龙旭林晓国华江凯永新民利胜阳毅振家小成松雷兵"
            "彬宏春立元庆少云光海帅博宇鑫威坤震翔冬卫红安"
        ),
        "志强 建军 海涛 晓东 文斌 志刚 小龙 国栋 永强 俊杰 海波 志伟 晓明 建伟 红军 宏伟 立新 志勇 志鹏 家明",
    ),
    ("middle", "2"): (
        (
            "芳娜敏静丽艳娟霞燕红梅莉萍婷雪晶丹莹慧颖倩蓉洁琳琴佳欣华云春晓玲英秀海桂玉亚小文丽艳美凤淑秋冬利爱蕾瑞"
            "珊薇露菲娇媛月星璐平波"
        ),
        "丽娟 海燕 晓燕 丽华 春梅 红梅 玉梅 丽丽 小红 晓红 雪梅 丽娜 海霞 秋菊 冬梅 小燕 艳红 爱华 丽萍 晓丽",
    ),
    ("late", "1"): (
        (
            "子浩宇轩博文俊杰睿泽梓涵晨涛嘉一铭天佑昊然诚皓辰思远家乐宸沐奕瑞航霖阳毅凯翔明逸鑫志峻熙承恩景彦君昱柏"
            "安书言弘哲旭彬辉"
        ),
        "子轩 浩宇 浩然 宇轩 子涵 俊杰 梓轩 博文 宇航 子豪 一诺 奕辰 沐宸 家豪 天佑 子墨 皓轩 俊熙 明轩 思远",
    ),
    ("late", "2"): (
        (
            "梓涵欣怡雨萱诗佳思琪语桐子玥可馨悦一诺梦瑶若曦雅紫婉清心妍慧嘉静芸依柔晨彤娅舒钰雯菲颖晗奕安沐乐苗云熙"
            "芷君初夏甜甜"
        ),
        "梓涵 欣怡 诗涵 雨萱 子涵 佳怡 一诺 欣妍 语桐 梦瑶 思琪 雨欣 可馨 若曦 梓萱 诗琪 佳琪 欣悦 紫涵 语嫣",
    ),
}
_FIRST = (
    "阿依 阿迪 阿孜 艾力 艾尼 买买 木合 玉素 吐尔 帕提 迪丽 热依 祖丽 努尔 库尔 麦合 亚森 卡德 居来 哈力 赛买 沙拉 "
    "伊力 古丽 排孜 吾斯 塔伊 米日"
)
_SECOND = "古丽 提 肯 汗 甫 逊 努尔 拉 木 娜尔 江 曼 夏提 丁 斯坦 米热 班 洪 尔 提汗"


def surnames(chance: Chance, keys: Keys, name: str) -> list[str]:
    """One surname a key, as often as in a real city; one in 250 of two characters."""
    top = 1 / (np.arange(1, HUNDRED + 1) + 2.6) ** 1.15
    rest = 1 / (np.arange(1, len(FURTHER) + 1) + 20.0)
    weights = [*(top / top.sum() * TOP_SHARE), *(rest / rest.sum() * (1 - TOP_SHARE))]
    known = np.array([*SURNAMES[:HUNDRED], *FURTHER], dtype="U2")[chance.one_of(name, keys, weights)]
    two = chance.yes(f"{name}, two characters", keys, 0.004)
    of_two = np.array(TWO_CHARACTER_SURNAMES)[chance.one_of(f"{name}, which", keys, [60, 12, 10, 8, 6, 4])]
    return [str(one) for one in np.where(two, of_two, known)]


def given_names(chance: Chance, keys: Keys, sex: Ints, year: Ints) -> list[str]:
    """One given name a key; `sex` 1 or 2, `year` of birth (the fashion is drawn, as fashions overlap)."""
    year = year + chance.whole("fashion", keys, -6, 6)
    time = np.where(year < 1966, "early", np.where(year < 1998, "middle", "late"))
    names = np.full(len(keys), "", dtype="U3")
    for (when, which), (letters, pairs) in GIVEN.items():
        at = (time == when) & (sex == int(which))
        names[at] = _given(chance, keys[at], letters, pairs.split(), ONE_CHARACTER[when])
    return [str(one) for one in names]


def _given(chance: Chance, keys: Keys, letters: str, pairs: list[str], one: float) -> np.ndarray:
    second = _letters(chance, keys, letters, "second")
    first = np.where(chance.yes("one character", keys, one), "", _letters(chance, keys, letters, "first"))
    loose = np.char.add(first.astype("U3"), second)
    paired = (first != "") & chance.yes("pair", keys, PAIRED)
    ranks = 1 / (np.arange(len(pairs)) + 4.0)
    return np.where(paired, np.array(pairs)[chance.one_of("which pair", keys, list(ranks))], loose)


def _letters(chance: Chance, keys: Keys, letters: str, name: str) -> np.ndarray:
    known = list(dict.fromkeys(letters))
    ranks = 1 / (np.arange(len(known)) + 9.0)
    common = np.array(known)[chance.one_of(f"{name} character", keys, list(ranks))]
    every = np.array(list(ordinary()))
    other = every[chance.whole(f"{name} character, any", keys, 0, len(every) - 1)]
    drawn = np.where(chance.yes(f"{name} character, where from", keys, ANYWHERE), other, common)
    rare = np.array(RARE)[chance.whole(f"{name} character, rare", keys, 0, len(RARE) - 1)]
    return np.where(chance.yes(f"{name} character, is rare", keys, RARE_SHARE), rare, drawn)


def dotted_names(chance: Chance, keys: Keys) -> list[str]:
    """Given name, middle dot, father's name, as some minorities write them."""
    parts = [
        np.array(words.split())[chance.whole(f"dotted {place}", keys, 0, len(words.split()) - 1)]
        for place, words in enumerate((_FIRST, _SECOND, _FIRST, _SECOND))
    ]
    return [f"{a}{b}·{c}{d}" for a, b, c, d in zip(*parts, strict=True)]

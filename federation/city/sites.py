"""The ten institutions of the made-up city: who they are and what they write. No institution of this name exists.

Division codes are those of a prefecture dissolved in 1983, before the first resident ids were issued (1984): an id
made with them passes every check of GB 11643 and belongs to nobody.
"""

from dataclasses import dataclass

_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

DIVISIONS = {
    "132721": "丰润县",
    "132722": "丰南县",
    "132723": "滦县",
    "132724": "滦南县",
    "132725": "乐亭县",
    "132726": "迁安县",
    "132727": "迁西县",
    "132728": "遵化县",
    "132729": "玉田县",
    "132731": "昌黎县",
}


def org_code(first8: str) -> str:
    """GB 11714: eight characters and their check character."""
    total = sum(weight * int(digit, 36) for weight, digit in zip(_ORG_WEIGHTS, first8, strict=True))
    return first8 + {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def uscc(kind: str, division: str, first8: str) -> str:
    """GB 32100: registrar and kind, division, organisation code, check character."""
    body = kind + division + org_code(first8)
    total = sum(_USCC_LETTERS.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + _USCC_LETTERS[-total % 31]


@dataclass(frozen=True)
class Site:
    """One institution. `faulty` is the share of its records that carry an injected error; `place` numbers it."""

    place: int
    id: str
    zh: str
    en: str
    tier: str
    level_code: str
    region: str
    serial: str
    writes: tuple[str, ...]
    faulty: float

    @property
    def uscc(self) -> str:
        """Unified social credit code: 12 is a public institution."""
        return uscc("12", self.region, self.serial)

    @property
    def nhsa_code(self) -> str:
        """Code at the national healthcare security administration: H, division, serial."""
        return f"H{self.region}{self.place + 1:05}"


def _site(place: int, id_: str, zh: str, en: str, region: str, *writes: str) -> Site:
    tier = id_.split("-", maxsplit=1)[0]
    level, faulty = {"tertiary": ("3", 0.005), "secondary": ("2", 0.015), "community": ("1", 0.05)}[tier]
    shared = {"community": "primary"}.get(tier, tier)
    return Site(place, id_, zh, en, shared, level, region, f"4013270{place}", writes, faulty)


SITES = (
    _site(0, "tertiary-a", "临川市第一人民医院", "Linchuan First People's Hospital", "132721", "fhir"),
    _site(1, "tertiary-b", "临川医学院附属医院", "Linchuan Medical College Hospital", "132722", "hqms_v2", "fhir"),
    _site(2, "secondary-a", "临川市第二医院", "Linchuan Second Hospital", "132723", "hqms_v1"),
    _site(3, "secondary-b", "临川市滨河医院", "Linchuan Riverside Hospital", "132724", "wt4_1"),
    _site(4, "community-a", "东风里社区卫生服务中心", "Dongfengli Community Health Centre", "132725", "clinic_mz"),
    _site(5, "community-b", "柳荫街社区卫生服务中心", "Liuyin Street Community Health Centre", "132726", "clinic_jz"),
    _site(6, "community-c", "石桥镇卫生院", "Shiqiao Township Health Centre", "132727", "clinic_brid"),
    _site(7, "community-d", "望江社区卫生服务中心", "Wangjiang Community Health Centre", "132728", "clinic_mz"),
    _site(8, "community-e", "新安里社区卫生服务中心", "Xin'anli Community Health Centre", "132729", "fhir"),
    _site(9, "community-f", "青山镇卫生院", "Qingshan Township Health Centre", "132731", "fhir"),
)
BY_ID = {site.id: site for site in SITES}
COMMUNITY = tuple(site for site in SITES if site.tier == "primary")

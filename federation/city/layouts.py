"""How the small clinic systems of the city lay out their exports: three vendors, three tables each, pinyin headers.

Header names are as such vendors write them: initials, full pinyin, or half of both. The same role has another name in
every layout; which role is which is what a mapping file says.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """One vendor's way. `tables` maps visits, followups and results to (file stem, role -> header).

    `sex` and `program` hold the codes for men and women, blood pressure and diabetes; `commas` says whether a comma
    may stand in a cell.
    """

    name: str
    separator: str
    spoken: str
    encoding: str
    bom: bool
    suffix: str
    quoted: bool
    commas: bool
    date: str
    time: str
    sex: tuple[str, str]
    program: tuple[str, str]
    tables: Mapping[str, tuple[str, Mapping[str, str]]]


VISIT_ROLES = (
    "visit",
    "mrn",
    "name",
    "sex",
    "born",
    "id_number",
    "phone",
    "address",
    "came",
    "dept",
    "icd",
    "illness",
    "doctor",
    "fee",
    "payer",
    "remark",
)
FOLLOWUP_ROLES = (
    "followup",
    "mrn",
    "name",
    "sex",
    "born",
    "id_number",
    "program",
    "date",
    "mode",
    "sbp",
    "dbp",
    "pulse",
    "weight",
    "height",
    "smokes",
    "glucose",
    "takes",
    "adverse",
    "verdict",
    "next",
    "doctor",
)
RESULT_ROLES = ("result", "mrn", "visit", "item_code", "item", "value", "unit", "range", "sampled", "reported")


def _roles(roles: tuple[str, ...], headers: str) -> dict[str, str]:
    return dict(zip(roles, headers.split(), strict=True))


MZ = Layout(
    "clinic_mz",
    ",",
    "comma",
    "gb18030",
    False,
    ".csv",
    False,
    False,
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    ("1", "2"),
    ("1", "2"),
    {
        "visits": (
            "MZ_JZJL",
            _roles(VISIT_ROLES, "JZLSH BRBH XM XB CSRQ SFZH LXDH JZDZ JZSJ KSDM ZDBM ZDMC YSXM ZFY YLFKFS BZ"),
        ),
        "followups": (
            "MB_SFJL",
            _roles(
                FOLLOWUP_ROLES,
                "SFLSH BRBH XM XB CSRQ SFZH SFLB SFRQ SFFS SSY SZY XL TZ SG RXYL KFXT FYYCX BLFY SFFL XCSFRQ SFYS",
            ),
        ),
        "results": ("JY_BGMX", _roles(RESULT_ROLES, "BGXH BRBH JZLSH XMDM XMMC JG DW CKFW CYSJ BGSJ")),
    },
)
JZ = Layout(
    "clinic_jz",
    ",",
    "comma",
    "utf-8",
    True,
    ".csv",
    True,
    True,
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    ("男", "女"),
    ("高血压", "糖尿病"),
    {
        "visits": (
            "jiuzhen",
            _roles(
                VISIT_ROLES,
                "jiuzhen_id dangan_hao xingming xingbie chusheng shenfenzheng dianhua zhuzhi jiuzhen_sj "
                "keshi icd10 zhenduan yisheng feiyong fufei beizhu",
            ),
        ),
        "followups": (
            "suifang",
            _roles(
                FOLLOWUP_ROLES,
                "suifang_id dangan_hao xingming xingbie chusheng shenfenzheng leixing suifang_rq fangshi "
                "shousuoya shuzhangya xinlv tizhong shengao xiyan kongfu_xt fuyao bulfy fenlei "
                "xiaci_rq yisheng",
            ),
        ),
        "results": (
            "jianyan",
            _roles(
                RESULT_ROLES,
                "jianyan_id dangan_hao jiuzhen_id xiangmu_dm xiangmu jieguo danwei cankao caiyang_sj baogao_sj",
            ),
        ),
    },
)
BRID = Layout(
    "clinic_brid",
    "|",
    "|",
    "gb18030",
    False,
    ".txt",
    False,
    True,
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    ("M", "F"),
    ("GXY", "TNB"),
    {
        "visits": (
            "T_MZBL",
            _roles(VISIT_ROLES, "MZH BRID BRXM BRXB BRCSRQ SFZHM LXFS TXDZ KZRQ KSBM JBBM JBMC KZYS JE FKLX BEIZHU"),
        ),
        "followups": (
            "T_SF",
            _roles(
                FOLLOWUP_ROLES,
                "SFID BRID BRXM BRXB BRCSRQ SFZHM SFLX SFSJ SFXS GY DY MB TZKG SGCM XYZS XTZ FYQK YWFY KZQK XCSJ SFYSM",
            ),
        ),
        "results": ("T_LIS", _roles(RESULT_ROLES, "LISID BRID MZH XMBH XMMC JYJG JLDW CKZ CYSJ SHSJ")),
    },
)
LAYOUTS = {layout.name: layout for layout in (MZ, JZ, BRID)}

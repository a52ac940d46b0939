"""What people in the made-up city fall ill with: codes, who gets it, when, how long it keeps them in, what it costs.

Codes have the form of the clinical edition 2.0 (ICD-10, ICD-9-CM-3); they are examples, not a coding table.
"""

from dataclasses import dataclass

WINTER = (1.6, 1.5, 1.2, 1.0, 0.8, 0.6, 0.5, 0.5, 0.7, 0.9, 1.2, 1.5)
SUMMER = (0.5, 0.5, 0.7, 0.9, 1.2, 1.5, 1.7, 1.7, 1.3, 0.9, 0.6, 0.5)
EVEN = (1.0,) * 12


@dataclass(frozen=True)
class Illness:
    """`sex` 0 both, 1 men, 2 women; `stay` and `clinic` are weights; `days` mean stay; `cost` yuan a day.

    `operation` is (code, name, level, antibiotic-free incision class 1-3); `growth` a morphology code and name;
    `cause` an external cause; `drug` (ATC, name, dose, unit).
    """

    code: str
    name: str
    dept: str
    low: int
    high: int
    stay: float
    clinic: float
    days: int
    cost: int
    drug: tuple[str, str, float, str]
    sex: int = 0
    season: tuple[float, ...] = EVEN
    operation: tuple[str, str, str, str] | None = None
    growth: tuple[str, str] | None = None
    cause: tuple[str, str] | None = None


_AMLODIPINE = ("C08CA01", "苯磺酸氨氯地平片", 5.0, "mg")
_METFORMIN = ("A10BA02", "盐酸二甲双胍片", 500.0, "mg")
_CEFTRIAXONE = ("J01DD04", "注射用头孢曲松钠", 1.0, "g")
_AMOXICILLIN = ("J01CA04", "阿莫西林胶囊", 500.0, "mg")
_ASPIRIN = ("B01AC06", "阿司匹林肠溶片", 100.0, "mg")
_ATORVASTATIN = ("C10AA05", "阿托伐他汀钙片", 20.0, "mg")
_OMEPRAZOLE = ("A02BC01", "奥美拉唑肠溶胶囊", 20.0, "mg")
_IBUPROFEN = ("M01AE01", "布洛芬缓释胶囊", 300.0, "mg")
_OXYTOCIN = ("H01BB02", "缩宫素注射液", 10.0, "U")
_FUROSEMIDE = ("C03CA01", "呋塞米片", 20.0, "mg")
_SALBUTAMOL = ("R03AC02", "沙丁胺醇吸入气雾剂", 100.0, "ug")
_CISPLATIN = ("L01XA01", "注射用顺铂", 30.0, "mg")
_SERTRALINE = ("N06AB06", "盐酸舍曲林片", 50.0, "mg")
_TRANSPORT = ("V03.100", "行人在交通事故中受伤")
_FALL = ("W01.900", "同一平面滑倒跌落")

ILLNESSES = (
    Illness("I10.x00x002", "高血压病", "03", 35, 99, 4.0, 16.0, 6, 900, _AMLODIPINE, season=WINTER),
    Illness("E11.900", "2型糖尿病", "03", 35, 99, 4.0, 9.0, 8, 950, _METFORMIN),
    Illness(
        "I25.103",
        "冠状动脉粥样硬化性心脏病",
        "0301",
        45,
        99,
        6.0,
        6.0,
        7,
        1800,
        _ASPIRIN,
        season=WINTER,
        operation=("36.0700x004", "药物洗脱冠状动脉支架置入术", "4", "0"),
    ),
    Illness("I63.900", "脑梗死", "0304", 45, 99, 6.0, 3.0, 10, 1500, _ATORVASTATIN, season=WINTER),
    Illness("I50.900", "心力衰竭", "0301", 55, 99, 3.0, 1.0, 8, 1300, _FUROSEMIDE, season=WINTER),
    Illness(
        "I21.900",
        "急性心肌梗死",
        "0301",
        40,
        95,
        2.0,
        0.1,
        8,
        3200,
        _ASPIRIN,
        season=WINTER,
        operation=("36.0600x002", "冠状动脉支架置入术", "4", "0"),
    ),
    Illness("J44.100", "慢性阻塞性肺病伴急性加重", "0302", 50, 99, 3.5, 2.0, 9, 1100, _SALBUTAMOL, season=WINTER),
    Illness("J18.900", "肺炎", "0302", 0, 99, 6.0, 2.0, 8, 1000, _CEFTRIAXONE, season=WINTER),
    Illness("J06.900", "急性上呼吸道感染", "03", 0, 99, 1.5, 18.0, 4, 600, _IBUPROFEN, season=WINTER),
    Illness("J20.900", "急性支气管炎", "0302", 0, 99, 2.0, 8.0, 6, 700, _AMOXICILLIN, season=WINTER),
    Illness("A09.900", "感染性胃肠炎", "0303", 0, 99, 2.0, 6.0, 4, 650, _OMEPRAZOLE, season=SUMMER),
    Illness("K29.500", "慢性胃炎", "0303", 18, 95, 2.0, 7.0, 5, 800, _OMEPRAZOLE),
    Illness(
        "K80.100",
        "胆囊结石伴慢性胆囊炎",
        "0401",
        25,
        90,
        3.0,
        0.8,
        7,
        1900,
        _CEFTRIAXONE,
        operation=("51.2300", "腹腔镜下胆囊切除术", "3", "2"),
    ),
    Illness(
        "K35.800",
        "急性阑尾炎",
        "0401",
        5,
        80,
        3.0,
        0.2,
        5,
        1700,
        _CEFTRIAXONE,
        operation=("47.0100", "腹腔镜下阑尾切除术", "2", "2"),
    ),
    Illness(
        "K40.900",
        "单侧腹股沟疝",
        "0401",
        1,
        90,
        2.0,
        0.3,
        4,
        1600,
        _IBUPROFEN,
        operation=("53.0000x001", "腹股沟疝修补术", "2", "1"),
    ),
    Illness(
        "N20.100",
        "输尿管结石",
        "0403",
        20,
        80,
        2.0,
        1.5,
        4,
        1800,
        _IBUPROFEN,
        season=SUMMER,
        operation=("56.0x00x004", "经尿道输尿管镜碎石取石术", "3", "0"),
    ),
    Illness(
        "N40.x00",
        "前列腺增生",
        "0403",
        50,
        95,
        3.0,
        2.5,
        7,
        1500,
        _CEFTRIAXONE,
        sex=1,
        operation=("60.2901", "经尿道前列腺电切术", "3", "0"),
    ),
    Illness(
        "C34.900",
        "支气管或肺恶性肿瘤",
        "19",
        45,
        90,
        3.0,
        0.3,
        12,
        2200,
        _CISPLATIN,
        operation=("32.4100", "胸腔镜下肺叶切除术", "4", "2"),
        growth=("M81400/3", "腺癌"),
    ),
    Illness(
        "C16.900",
        "胃恶性肿瘤",
        "19",
        45,
        90,
        2.0,
        0.2,
        13,
        2100,
        _CISPLATIN,
        operation=("43.7x00x001", "胃部分切除伴胃空肠吻合术", "4", "2"),
        growth=("M81400/3", "腺癌"),
    ),
    Illness(
        "C50.900",
        "乳腺恶性肿瘤",
        "0401",
        30,
        85,
        2.0,
        0.2,
        9,
        2000,
        _CISPLATIN,
        sex=2,
        operation=("85.4300x001", "单侧乳腺改良根治术", "3", "1"),
        growth=("M85000/3", "浸润性导管癌"),
    ),
    Illness(
        "C61.x00", "前列腺恶性肿瘤", "0403", 55, 95, 1.0, 0.1, 10, 2000, _CISPLATIN, sex=1, growth=("M81400/3", "腺癌")
    ),
    Illness(
        "D25.900",
        "子宫平滑肌瘤",
        "0501",
        28,
        58,
        2.0,
        1.0,
        7,
        1600,
        _CEFTRIAXONE,
        sex=2,
        operation=("68.2904", "腹腔镜下子宫病损切除术", "3", "2"),
        growth=("M88900/0", "平滑肌瘤"),
    ),
    Illness(
        "O80.000",
        "头位顺产",
        "0502",
        20,
        42,
        5.0,
        0.0,
        3,
        1200,
        _OXYTOCIN,
        sex=2,
        operation=("73.5900x001", "手法助产", "1", "0"),
    ),
    Illness(
        "O82.000",
        "选择性剖宫产",
        "0502",
        20,
        44,
        4.0,
        0.0,
        5,
        1700,
        _OXYTOCIN,
        sex=2,
        operation=("74.1x01", "子宫下段横切口剖宫产术", "2", "2"),
    ),
    Illness("P07.300", "早产儿", "0702", 0, 0, 8.0, 0.0, 12, 1500, _CEFTRIAXONE),
    Illness("P59.900", "新生儿黄疸", "0702", 0, 0, 10.0, 2.0, 5, 700, _AMOXICILLIN),
    Illness(
        "S72.000",
        "股骨颈骨折",
        "0404",
        60,
        99,
        2.5,
        0.2,
        12,
        2600,
        _IBUPROFEN,
        season=WINTER,
        operation=("81.5201", "人工股骨头置换术", "3", "1"),
        cause=_FALL,
    ),
    Illness("S06.000", "脑震荡", "0402", 5, 80, 1.0, 0.2, 6, 1200, _IBUPROFEN, cause=_TRANSPORT),
    Illness(
        "S82.600",
        "外踝骨折",
        "0404",
        10,
        75,
        1.5,
        0.4,
        8,
        2000,
        _IBUPROFEN,
        operation=("79.3600x001", "胫骨骨折切开复位内固定术", "3", "1"),
        cause=_FALL,
    ),
    Illness("T14.100", "开放性损伤", "0401", 3, 80, 0.5, 2.0, 4, 800, _AMOXICILLIN, cause=_FALL),
    Illness("M51.202", "腰椎间盘突出", "0404", 25, 80, 2.0, 4.0, 8, 1300, _IBUPROFEN),
    Illness(
        "H25.900",
        "老年性白内障",
        "10",
        55,
        95,
        3.0,
        1.0,
        3,
        2400,
        _AMOXICILLIN,
        operation=("13.4100x001", "白内障超声乳化抽吸术", "3", "1"),
    ),
    Illness("F32.900", "抑郁发作", "1501", 15, 80, 0.8, 1.0, 14, 700, _SERTRALINE),
    Illness("B20.900", "人类免疫缺陷病毒病", "1606", 18, 70, 0.2, 0.1, 10, 1200, _CEFTRIAXONE),
    Illness("A15.000", "肺结核", "1605", 15, 85, 0.4, 0.1, 12, 900, _AMOXICILLIN),
    Illness("N18.900", "慢性肾脏病", "0305", 30, 95, 1.8, 1.0, 9, 1200, _FUROSEMIDE),
    Illness("B08.401", "手足口病", "0701", 1, 8, 4.0, 3.0, 5, 600, _IBUPROFEN, season=SUMMER),
    Illness("L30.900", "皮炎", "13", 0, 95, 0.3, 5.0, 5, 500, _IBUPROFEN, season=SUMMER),
)
HYPERTENSION = 0
DIABETES = 1
FIRST_BABY_CODE = "Z37.000"

"""What a living person's results can be: hard bounds for common measurements, by LOINC code or name, and by unit.

They are limits of survival and of instruments, set wide on purpose, and no reference ranges: a result outside is
a wrong unit, a wrong column or a slip of the pen. Widely copied tables that were too narrow failed whole hospitals
(OHDSI DataQualityDashboard issue 238), so every bound here leaves room beyond the records of the literature.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One measurement. `units` maps a unit, in lower case, to the factor that turns it into the first one listed."""

    id: str
    means: str
    zh: str
    loinc: tuple[str, ...]
    names: tuple[str, ...]
    units: dict[str, float]
    low: float
    high: float

    @property
    def unit(self) -> str:
        """The unit of `low` and `high`."""
        return next(iter(self.units))


_PRESSURE = {"mmhg": 1.0, "mm[hg]": 1.0, "kpa": 7.50062}
_CELLS = {
    "10*9/l": 1.0,
    "10^9/l": 1.0,
    "×10^9/l": 1.0,
    "x10^9/l": 1.0,
    "×10⁹/l": 1.0,
    "10*3/ul": 1.0,
    "10^3/ul": 1.0,
    "k/ul": 1.0,
}
_MMOL = {"mmol/l": 1.0, "meq/l": 1.0}
_ENZYME = {"u/l": 1.0, "iu/l": 1.0, "[iu]/l": 1.0}
_RATE = {"/min": 1.0, "{beats}/min": 1.0, "{breaths}/min": 1.0, "bpm": 1.0, "次/分": 1.0, "次/min": 1.0}


def _mmol_or(milligrams: float) -> dict[str, float]:
    """mmol/L, and mg/dL at the given number of mg/dL per mmol/L."""
    return {"mmol/l": 1.0, "mg/dl": 1 / milligrams}


def _umol_or(milligrams: float) -> dict[str, float]:
    """µmol/L in its three spellings, and mg/dL at the given number of µmol/L per mg/dL."""
    return {"umol/l": 1.0, "μmol/l": 1.0, "µmol/l": 1.0, "mg/dl": milligrams}


ITEMS = (
    Item("systolic", "Systolic blood pressure", "收缩压", ("8480-6",), ("收缩压",), _PRESSURE, 30, 350),
    Item("diastolic", "Diastolic blood pressure", "舒张压", ("8462-4",), ("舒张压",), _PRESSURE, 10, 250),
    Item("heart_rate", "Heart rate", "心率", ("8867-4",), ("心率", "脉搏", "脉率"), _RATE, 0, 350),
    Item("breathing_rate", "Respiratory rate", "呼吸频率", ("9279-1",), ("呼吸", "呼吸频率"), _RATE, 0, 150),
    Item(
        "temperature",
        "Body temperature",
        "体温",
        ("8310-5", "8331-1"),
        ("体温",),
        {"cel": 1.0, "℃": 1.0, "°c": 1.0, "c": 1.0},
        13,
        46,
    ),
    Item(
        "oxygen_saturation",
        "Oxygen saturation",
        "血氧饱和度",
        ("2708-6", "59408-5"),
        ("血氧饱和度", "氧饱和度"),
        {"%": 1.0},
        0,
        100,
    ),
    Item(
        "height",
        "Body height",
        "身高",
        ("8302-2", "8306-3"),
        ("身高", "身长"),
        {"cm": 1.0, "m": 100.0, "[in_i]": 2.54},
        20,
        275,
    ),
    Item(
        "weight",
        "Body weight",
        "体重",
        ("29463-7", "3141-9"),
        ("体重",),
        {"kg": 1.0, "公斤": 1.0, "千克": 1.0, "g": 0.001, "[lb_av]": 0.45359237},
        0.2,
        650,
    ),
    Item(
        "bmi",
        "Body mass index",
        "体质指数",
        ("39156-5",),
        ("体质指数", "体重指数", "bmi"),
        {"kg/m2": 1.0, "kg/m^2": 1.0, "kg/m²": 1.0},
        5,
        210,
    ),
    Item(
        "glucose",
        "Glucose",
        "血糖",
        ("2339-0", "2345-7", "14749-6", "15074-8", "14771-0", "1558-6", "41653-7"),
        ("葡萄糖", "血糖", "空腹血糖", "随机血糖", "葡萄糖(glu)"),
        _mmol_or(18.016),
        0.1,
        60,  # 1,080 mg/dL: above it a figure in mmol/L is nearly always one in mg/dL
    ),
    Item(
        "hba1c",
        "Glycated haemoglobin",
        "糖化血红蛋白",
        ("4548-4", "17856-6"),
        ("糖化血红蛋白", "糖化血红蛋白a1c", "hba1c"),
        {"%": 1.0, "%{hb}": 1.0},
        2,
        30,
    ),
    Item(
        "creatinine",
        "Creatinine in serum",
        "肌酐",
        ("2160-0", "14682-9", "38483-4"),
        ("肌酐", "血肌酐", "血清肌酐"),
        _umol_or(88.42),
        3,
        5000,
    ),
    Item("urea", "Urea nitrogen", "尿素", ("22664-7",), ("尿素", "血尿素"), {"mmol/l": 1.0}, 0.1, 150),
    Item(
        "white_cells",
        "White blood cells",
        "白细胞计数",
        ("6690-2", "26464-8"),
        ("白细胞", "白细胞计数", "白细胞数"),
        _CELLS,
        0,
        1500,
    ),
    Item(
        "haemoglobin",
        "Haemoglobin",
        "血红蛋白",
        ("718-7",),
        ("血红蛋白", "血红蛋白浓度", "血红蛋白量"),
        {"g/l": 1.0, "g/dl": 10.0},
        5,
        300,
    ),
    Item(
        "platelets",
        "Platelets",
        "血小板计数",
        ("777-3", "26515-7"),
        ("血小板", "血小板计数", "血小板数"),
        _CELLS,
        0,
        5000,
    ),
    Item(
        "red_cells",
        "Red blood cells",
        "红细胞计数",
        ("789-8", "26453-1"),
        ("红细胞", "红细胞计数", "红细胞数"),
        {
            "10*12/l": 1.0,
            "10^12/l": 1.0,
            "×10^12/l": 1.0,
            "x10^12/l": 1.0,
            "×10¹²/l": 1.0,
            "10*6/ul": 1.0,
            "10^6/ul": 1.0,
            "m/ul": 1.0,
        },
        0.2,
        15,
    ),
    Item(
        "haematocrit",
        "Haematocrit",
        "红细胞压积",
        ("4544-3", "20570-8"),
        ("红细胞压积", "红细胞比容"),
        {"%": 1.0, "l/l": 100.0},
        2,
        85,
    ),
    Item("potassium", "Potassium", "钾", ("2823-3", "6298-4"), ("钾", "血钾", "血清钾", "钾离子"), _MMOL, 0.5, 20),
    Item("sodium", "Sodium", "钠", ("2951-2", "2947-0"), ("钠", "血钠", "血清钠", "钠离子"), _MMOL, 70, 250),
    Item("chloride", "Chloride", "氯", ("2075-0", "2069-3"), ("氯", "血氯", "血清氯", "氯离子"), _MMOL, 40, 200),
    Item("calcium", "Calcium", "钙", ("2000-8", "17861-6", "49765-1"), ("钙", "血钙", "总钙"), _mmol_or(4.008), 0.3, 8),
    Item(
        "alt",
        "Alanine aminotransferase",
        "丙氨酸氨基转移酶",
        ("1742-6",),
        ("丙氨酸氨基转移酶", "谷丙转氨酶", "alt"),
        _ENZYME,
        0,
        30000,
    ),
    Item(
        "ast",
        "Aspartate aminotransferase",
        "天门冬氨酸氨基转移酶",
        ("1920-8",),
        ("天门冬氨酸氨基转移酶", "天冬氨酸氨基转移酶", "谷草转氨酶", "ast"),
        _ENZYME,
        0,
        50000,
    ),
    Item("bilirubin", "Total bilirubin", "总胆红素", ("1975-2", "14631-6"), ("总胆红素",), _umol_or(17.104), 0, 1500),
    Item(
        "albumin",
        "Albumin",
        "白蛋白",
        ("1751-7", "61151-7"),
        ("白蛋白", "血清白蛋白"),
        {"g/l": 1.0, "g/dl": 10.0},
        3,
        90,
    ),
    Item(
        "cholesterol",
        "Total cholesterol",
        "总胆固醇",
        ("2093-3", "14647-2"),
        ("总胆固醇", "胆固醇"),
        _mmol_or(38.67),
        0.3,
        50,
    ),
    Item(
        "triglycerides", "Triglycerides", "甘油三酯", ("2571-8", "14927-8"), ("甘油三酯",), _mmol_or(88.57), 0.05, 200
    ),
)

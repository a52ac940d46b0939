"""What goes wrong with diagnoses and operations: code and name, wherever a sheet keeps them."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from federation.city import slips
from federation.city.faults import Fault

OF_WOMEN = (
    ("N83.201", "卵巢囊肿"), ("D25.900", "子宫平滑肌瘤"), ("C53.900", "宫颈恶性肿瘤"), ("N76.000", "急性阴道炎"),
    ("N92.000", "月经过多"), ("O14.900", "子痫前期"), ("Z34.900", "正常妊娠监督"), ("N80.000", "子宫内膜异位症"),
)  # fmt: skip
OF_MEN = (
    ("N40.x00", "前列腺增生"), ("C61.x00", "前列腺恶性肿瘤"), ("N45.900", "睾丸炎"), ("N47.x00", "包茎"),
    ("I86.100", "精索静脉曲张"), ("Q53.900", "隐睾"),
)  # fmt: skip
OF_THE_OLD = (
    ("H25.900", "老年性白内障"), ("I25.103", "冠状动脉粥样硬化性心脏病"), ("G30.900", "阿尔茨海默病"),
    ("J44.100", "慢性阻塞性肺病伴急性加重"), ("I70.900", "动脉粥样硬化"), ("M81.900", "骨质疏松"),
)  # fmt: skip
OF_NEWBORNS = (("P59.900", "新生儿黄疸"), ("P07.300", "早产儿"), ("P21.900", "出生窒息"), ("P36.900", "新生儿败血症"))
OPERATIONS_OF_WOMEN = (
    ("74.1x01", "子宫下段横切口剖宫产术"),
    ("68.2904", "腹腔镜下子宫病损切除术"),
    ("69.0900", "刮宫术"),
)
OPERATIONS_OF_MEN = (("60.2901", "经尿道前列腺切除术"), ("63.1x01", "精索静脉结扎术"), ("64.0x00", "包皮环切术"))
OTHER_NAMES = ("高血压病", "2型糖尿病", "肺炎", "慢性胃炎", "脑梗死", "皮炎", "急性支气管炎", "腰椎间盘突出")
AGE = pl.col("came").dt.year() - pl.col("born").dt.year()


@dataclass(frozen=True)
class Coded:
    """Where a sheet keeps a code and its name: the cells to fill, what the truth calls the two.

    `named` makes the cells of a name: more than one where the sheet writes it twice.
    """

    code: tuple[str, str]
    name: str
    named: Callable[[pl.Expr], dict[str, pl.Expr]]

    def cells(self, code: pl.Expr, name: pl.Expr) -> dict[str, pl.Expr]:
        """Both cells."""
        return {self.code[0]: code} | self.named(name)


def diagnosis_faults(coded: Coded) -> list[Fault]:
    """Of a diagnosis whose right code and name stand in the columns C03C and C04N."""
    (into, told), code, name = coded.code, pl.col("C03C"), pl.col("C04N")
    man, young = pl.col("sex") == 1, AGE < 10
    other, another = slips.pick(slips.ONE, OTHER_NAMES), _either(coded, young, OF_THE_OLD, OF_NEWBORNS)
    return [
        Fault("sex-against-diagnosis", told, _either(coded, man, OF_WOMEN, OF_MEN)),
        Fault("diagnosis-against-age", told, another, young | (AGE > 30), common=True),
        Fault("lower-case-icd", told, {into: code.str.to_lowercase()}),
        Fault("name-in-code", told, {into: name}),
        _truncated(into, told),
        Fault("diagnosis-name-missing", coded.name, coded.named(pl.lit(""))),
        Fault("name-of-another-code", coded.name, coded.named(other), other != name, common=True),
        Fault("text-garbled", coded.name, coded.named(slips.garbled("C04N"))),
    ]  # fmt: skip


def _truncated(into: str, told: str) -> Fault:
    """Fields of three, five and seven signs are usual; what is cut behind the seventh is an edition's own extension."""
    code = pl.col("C03C")
    cut = slips.pick(slips.ONE, [code.str.slice(0, 3), code.str.slice(0, 5), code.str.slice(0, 7)])
    return Fault("code-truncated", told, {into: cut}, cut != code, common=True, plain=cut.str.len_chars() < 7)


def _either(
    coded: Coded, first: pl.Expr, one: tuple[tuple[str, str], ...], two: tuple[tuple[str, str], ...]
) -> dict[str, pl.Expr]:
    code, name = (
        pl.when(first).then(slips.pick(slips.TWO, [row[n] for row in one])).otherwise(
            slips.pick(slips.TWO, [row[n] for row in two])
        )
        for n in (0, 1)
    )  # fmt: skip
    return coded.cells(code, name)


def operation_faults(coded: Coded, when: pl.Expr) -> list[Fault]:
    """Of an operation; `when` says which rows have one."""
    cells = _either(coded, pl.col("sex") == 1, OPERATIONS_OF_WOMEN, OPERATIONS_OF_MEN)
    return [Fault("operation-against-sex", coded.code[1], cells, when)]

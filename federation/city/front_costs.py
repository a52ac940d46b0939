"""What a stay costs, by the 24 fee classes of the front page, in yuan as text."""

import numpy as np
import polars as pl

from federation.city.chance import Chance, Floats, Ints, Keys
from federation.city.illnesses import ILLNESSES

TRANSFUSED = 0.15  # of operations
# Share of a day's cost per fee class, in the order of D11..D34; operations have their own below.
FEES = {
    "D11": 0.05,
    "D12": 0.07,
    "D13": 0.05,
    "D14": 0.01,
    "D16": 0.16,
    "D17": 0.13,
    "D18": 0.04,
    "D19": 0.05,
    "D21": 0.01,
    "D22": 0.01,
    "D23": 0.30,
    "D24": 0.03,
    "D25": 0.01,
    "D31": 0.02,
    "D32": 0.05,
    "D34": 0.01,
}
OPERATION_FEES = {"D20": 6000, "D33": 3500, "D26": 300}
OF_WHICH = {"D19x01": ("D19", 0.2), "D20x01": ("D20", 0.25), "D20x02": ("D20", 0.65), "D23x01": ("D23", 0.15)}
ALL_FEES = (
    "D11",
    "D12",
    "D13",
    "D14",
    "D15",
    "D16",
    "D17",
    "D18",
    "D19",
    "D19x01",
    "D20",
    "D20x01",
    "D20x02",
    "D21",
    "D22",
    "D23",
    "D23x01",
    "D24",
    "D25",
    "D26",
    "D27",
    "D28",
    "D29",
    "D30",
    "D31",
    "D32",
    "D33",
    "D34",
)


def _yuan(cents: Ints) -> pl.Series:
    """`12345` -> `123.45`."""
    whole = pl.Series(cents)
    return (whole // 100).cast(pl.String) + "." + (whole % 100).cast(pl.String).str.zfill(2)


def front_costs(stays: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """D01, D09 and the 28 fee columns, in yuan; the total is their sum without the four "of which"."""
    keys, ill = stays["key"].to_numpy(), stays["ill"].to_numpy()
    a_day = np.array([one.cost for one in ILLNESSES])[ill] * chance.bell("cost", keys, 1.0, 0.15)
    fees = {fee: _share(chance, fee, keys, a_day * stays["days"].to_numpy() * share) for fee, share in FEES.items()}
    operated = np.array([one.operation is not None for one in ILLNESSES])[ill]
    blood = chance.yes("blood", keys, TRANSFUSED)
    for fee, mean in OPERATION_FEES.items():
        wanted = operated & blood if fee == "D26" else operated
        fees[fee] = np.where(wanted, _share(chance, fee, keys, np.full(keys.size, float(mean))), 0)
    fees["D15"] = np.where([one.growth is not None for one in ILLNESSES], 45_000, 0)[ill]
    total = sum(fees.values(), np.zeros(keys.size, dtype=np.int64))
    fees |= {part: (fees[whole] * share).astype(np.int64) for part, (whole, share) in OF_WHICH.items()}
    nothing = np.zeros(keys.size, dtype=np.int64)
    own = np.floor(total * (0.2 + 0.3 * chance.even("own share", keys))).astype(np.int64)
    columns = {"D01": total, "D09": own} | {fee: fees.get(fee, nothing) for fee in ALL_FEES}
    return pl.DataFrame({name: _yuan(cents) for name, cents in columns.items()}).with_columns(total=pl.Series(total))


def _share(chance: Chance, fee: str, keys: Keys, yuan: Floats) -> Ints:
    return np.floor(yuan * 100 * chance.bell(fee, keys, 1.0, 0.2)).astype(np.int64)

"""How fast a front-page CSV of 128 columns is read and conformed: GB18030 against its own UTF-8 copy.

Every person in it is made up from a seed. Run it as `python -m tests.bench.front_page [MB]`.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from connectors.connector import Context
from tests.bench.measure import call, side_by_side, table

SEED, MEGABYTES, ROUNDS = 20251123, 300, 3
_SOURCE_BYTES = ["source_row_hash"]  # the one column that depends on the encoding
DIAGNOSES = [f"C0{kind}x{n:02}{end}" for n in range(1, 11) for kind, end in ((6, "C"), (7, "N"), (8, "C"))]
_BEFORE = """
A01 A02 A48 A49 B12 B15 A47 A46C A11 A12C A13 A14 A15C A21C A38C A19C A20 A22 A23C A24 A25C A26 A27 A28C A29 A30
A31C A32 A33C A34 A35 B11C B13C B14 B16C B17 B20 C01C C02N C03C C04N C05C C09C C10N C11 C12C C13N C24C C25
B22 B23 B24 B25 B26 B29 B30C B33 C26C C27C C14x01C C15x01N C16x01 C17x01 C18x01 C21x01C C22x01C
"""
_BEHIND = """
B36C B37 B34C B35 D01 D09 D11 D12 D13 D14 D15 D16 D17 D18 D19 D19x01 D20 D20x01 D20x02 D21 D22 D23 D23x01 D24
D25 D26 D27 D28 D29 D30 D31 D32
"""
HEADER = [*_BEFORE.split(), *DIAGNOSES, *_BEHIND.split()]
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂兰"
_STREETS = ("解放路", "人民东路", "中山北路", "建设大街", "和平里", "文化西路", "新华街")
_ICD = [
    ("I10.x00", "特发性高血压"),
    ("E11.900", "2型糖尿病"),
    ("J18.900", "肺炎"),
    ("I63.900", "脑梗死"),
    ("K80.200", "胆囊结石"),
    ("N20.000", "肾结石"),
    ("I25.103", "冠状动脉粥样硬化性心脏病"),
    ("C34.900", "肺恶性肿瘤"),
]


def records(made: random.Random) -> Iterator[str]:
    """Lines of a front-page export, without end."""
    number = 0
    while True:
        number += 1
        yield ",".join(_record(made, number)) + "\r\n"


def _record(made: random.Random, number: int) -> list[str]:
    day, stay = made.randrange(1, 28), made.randrange(1, 20)
    main = made.choice(_ICD)
    others = [cell for n in range(10) for cell in (_other(made) if n < made.randrange(7) else ("", "", ""))]
    operated = made.random() < 0.3
    fees = [f"{made.random() * 3000:.2f}" if made.random() < 0.6 else "0.00" for _ in range(26)]
    name, place = _name(made), f"{made.choice(_STREETS)}{made.randrange(1, 300)}号"
    return [
        "456087837440606111A1001",
        "某市第一人民医院",
        f"{number:08}",
        "1",
        f"2024-{number % 12 + 1:02}-{day:02} 08:{number % 60:02}:00",
        f"2024-{number % 12 + 1:02}-{min(28, day + stay):02} 15:30:00",
        "-",
        "1.1",
        name,
        str(made.randrange(1, 3)),
        f"19{made.randrange(30, 99)}-{made.randrange(1, 13):02}-{made.randrange(1, 29):02}",
        str(made.randrange(20, 95)),
        "156",
        made.choice("12349"),
        made.choice(("11", "27", "80")),
        str(made.choice((1, 1, 1, 2, 11, 66))),
        f"440106{made.randrange(1930, 2005)}0{made.randrange(1, 10)}1{made.randrange(10000, 99999)}",
        "广东省广州市",
        "19",
        f"广州市天河区{place}",
        "510000",
        f"广州市天河区{place}",
        f"1380000{made.randrange(1000, 9999)}",
        "510000",
        "-",
        "-",
        "-",
        _name(made),
        made.choice("1235"),
        f"广州市天河区{place}",
        f"1390000{made.randrange(1000, 9999)}",
        made.choice("1239"),
        made.choice(("0301", "0304", "0401")),
        "三病区",
        made.choice(("0301", "0304", "0401")),
        "三病区",
        str(stay),
        *main,
        *main,
        made.choice("1234"),
        "",
        "",
        "",
        "",
        "",
        made.choice("12"),
        "-",
        _name(made),
        _name(made),
        _name(made),
        _name(made),
        _name(made),
        _name(made),
        "1",
        "",
        made.choice("123456"),
        made.choice("1234"),
        *(
            (
                "51.2300",
                "腹腔镜下胆囊切除术",
                f"2024-{number % 12 + 1:02}-{day:02} 10:00:00",
                "3",
                _name(made),
                "4",
                "0103",
            )
            if operated
            else ("",) * 7
        ),
        *others,
        "1",
        "-",
        made.choice("11114"),
        "-",
        f"{sum(map(float, fees)):.2f}",
        f"{made.random() * 1000:.2f}",
        *fees,
    ]


def _other(made: random.Random) -> tuple[str, str, str]:
    return (*made.choice(_ICD), made.choice("1234"))


def _name(made: random.Random) -> str:
    return made.choice(_FAMILY) + made.choice(_GIVEN) + made.choice(_GIVEN)


def write(folder: Path, megabytes: int) -> dict[str, Path]:
    """The same records in both encodings; `megabytes` counts the GB18030 file."""
    made, size = random.Random(SEED), 0
    files = {"gb18030": folder / "front_page_gb18030.csv", "utf-8": folder / "front_page_utf8.csv"}
    with (
        files["gb18030"].open("w", encoding="gb18030", newline="") as gb,
        files["utf-8"].open("w", encoding="utf-8", newline="") as utf,
    ):
        gb.write(",".join(HEADER) + "\r\n")
        utf.write(",".join(HEADER) + "\r\n")
        for line in records(made):
            size += gb.write(line)
            utf.write(line)
            if size % 64 == 0 and gb.tell() > megabytes << 20:
                break
    return files


def read(path: str) -> dict[str, object]:
    """What a contender does: every chunk of the file, conformed and dropped; counts and sums to compare."""
    from connectors.kinds.delimited import CONNECTOR

    read_, accepted, rows, hashed = 0, 0, {}, 0
    for chunk in CONNECTOR.open(Path(path)).chunks(Context("bench", "b", "f")):
        chunk.check()
        read_, accepted = read_ + chunk.read, accepted + chunk.records.height
        for name, frame in chunk.tables.items():
            rows[name] = rows.get(name, 0) + frame.height
        hashed = (hashed + int(chunk.tables["encounter"].drop(_SOURCE_BYTES).hash_rows(seed=1).sum())) % (1 << 53)
    return {"read": read_, "accepted": accepted, "rows": rows, "rows_hash": hashed}


def main() -> None:
    """Prints the outputs' equality first, then the times."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), megabytes)
        runs = side_by_side(
            {name: call("tests.bench.front_page", "read", path) for name, path in files.items()}, ROUNDS
        )
        outputs = [each[0].result for each in runs.values()]
        assert outputs[0] == outputs[1], "the two encodings were read differently"
        print(f"Equal outputs: {outputs[0]}")
        print(table(runs, against="utf-8", megabytes=files["gb18030"].stat().st_size / 1e6))


if __name__ == "__main__":
    main()

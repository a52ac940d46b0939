"""Made HL7 v2 messages for the benchmark: half admissions, half laboratory reports, about 1 KB and 10 segments each.

Distinct bodies repeat with control ids, times and order numbers of their own; nobody in them exists.
"""

import random
from collections.abc import Iterator
from pathlib import Path

BODIES = 3000
ITEMS = (
    ("718-7", "血红蛋白", "g/L", "115-150"),
    ("6690-2", "白细胞计数", "10*9/L", "3.5-9.5"),
    ("777-3", "血小板计数", "10*9/L", "125-350"),
    ("2345-7", "葡萄糖", "mmol/L", "3.9-6.1"),
    ("2160-0", "肌酐", "umol/L", "41-81"),
    ("2823-3", "钾", "mmol/L", "3.5-5.3"),
    ("1742-6", "丙氨酸氨基转移酶", "U/L", "7-40"),
    ("5778-6", "尿颜色", "", ""),
)
CODES = (
    ("I10.x00", "特发性高血压"),
    ("E11.900", "2型糖尿病"),
    ("J18.900", "肺炎"),
    ("K29.500", "慢性胃炎"),
    ("I25.103", "冠心病"),
)
EVENTS = ("A01", "A04", "A08", "A03", "A02", "A08")


def messages(count: int, seed: int = 1) -> Iterator[bytes]:
    """`count` messages in UTF-8, unframed, each ended by CR."""
    chance = random.Random(seed)
    bodies = [_admission(chance, number) if number % 2 else _report(chance, number) for number in range(BODIES)]
    for number in range(count):
        body = bodies[number % BODIES]
        yield body.replace("@ID", f"C{number:09}").replace("@ORDER", f"L{number:09}").encode()


def write(path: Path, count: int, seed: int = 1) -> None:
    """The messages framed after MLLP, as a listener's journal or a file drop holds them."""
    with path.open("wb") as file:
        for message in messages(count, seed):
            file.write(b"\x0b" + message + b"\x1c\r")


def _moment(chance: random.Random, days: int = 300) -> str:
    return f"2024{chance.randint(1, 12):02}{chance.randint(1, 28):02}{chance.randint(0, 23):02}{chance.randint(0, 59):02}00"


def _person(chance: random.Random, number: int) -> str:
    key = f"P{number % 2000:07}"
    born = f"{chance.randint(1930, 2020)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    sex = chance.choice("MF")
    return (
        f"PID|1||{key}^^^HIS^MR~{number:018}^^^CN^NI||甲{number}^^^^^^L||{born}|{sex}|||某区某路{number}号^^某市^^000000^CHN||"
        f"{13000000000 + number}|||M|||||||||||||||||N"
    )


def _visit(chance: random.Random, number: int, kind: str) -> str:
    start = _moment(chance)
    fields = [""] * 45
    fields[0], fields[1], fields[2], fields[6], fields[9] = "1", kind, "W01^101^1^院区A", "D001^乙^主任", "03"
    fields[13], fields[17], fields[18] = "1", "01", f"V{number:08}^^^HIS^VN"
    fields[43], fields[44] = start, _moment(chance) if kind == "I" and number % 3 == 0 else ""
    return "PV1|" + "|".join(fields).rstrip("|")


def _admission(chance: random.Random, number: int) -> str:
    at, event = _moment(chance), EVENTS[number % len(EVENTS)]
    segments = [
        f"MSH|^~\\&|HIS|H0001|PLAT|CITY|{at}||ADT^{event}^ADT_A01|@ID|P|2.5.1|||AL|NE|CHN|UNICODE UTF-8",
        f"EVN|{event}|{at}||||{at}",
        _person(chance, number),
        f"NK1|1|丙{number}^^^^^^L|SPO^配偶^HL70063|某区某路{number}号^^某市^^000000^CHN|{13100000000 + number}",
        _visit(chance, number, "I" if number % 4 else "E"),
        "PV2||普通^^L|||||||20240110|7|常规检查|||||||||N",
        f"AL1|1|DA^药物过敏^HL70127|X01^{chance.choice(['青霉素', '磺胺', '无'])}^L|MO|皮疹",
    ]
    for place in range(3):
        code, name = chance.choice(CODES)
        segments.append(
            f"DG1|{place + 1}||{code}^{name}^I10|{name}|{at}|{'F' if place else 'A'}|||||||||{place + 1}|D001^乙"
        )
    segments.append(f"ZPI|1|备注{number}|自定义字段|{'文' * (number % 40)}|{number}")
    return "\r".join(segments) + "\r"


def _report(chance: random.Random, number: int) -> str:
    at, taken = _moment(chance), _moment(chance)
    segments = [
        f"MSH|^~\\&|LIS|H0001|PLAT|CITY|{at}||ORU^R01^ORU_R01|@ID|P|2.5.1|||AL|NE|CHN|UNICODE UTF-8",
        _person(chance, number),
        _visit(chance, number, "O" if number % 4 else "I"),
        f"OBR|1|P@ORDER|@ORDER^LIS|LAB01^血常规^L|||{taken}|||||||{taken}|BLD^血液|D002^丁||||||{at}||LAB|F",
    ]
    for place, (code, name, unit, ranged) in enumerate(chance.sample(ITEMS, 7), 1):
        kind = "NM" if unit else "ST"
        value = f"{chance.uniform(1, 300):.2f}" if unit else chance.choice(["黄色", "淡黄", "> 6.22", "8.62++"])
        flag = chance.choice(["", "", "H", "L"])
        segments.append(f"OBX|{place}|{kind}|{code}^{name}^LN||{value}|{unit}|{ranged}|{flag}|||F|||{at}||D003^戊")
    return "\r".join(segments) + "\r"

"""A small made-up city as facts, with a site that sent nothing."""

from datetime import date, datetime

import polars as pl
import pytest

from federation.report.both import Both
from federation.report.facts import CHECKS, COVERAGE, HEAT, REASONS, SITES, TRUTH, Answer, Facts

CITY = """
T1 | 市第一人民医院     | First People's Hospital | tertiary  | 41230 | 40802 | 301 | 127 | 88210 | 0
T2 | 市中医医院         | TCM Hospital            | tertiary  | 28110 | 27900 | 180 |  30 | 50111 | 2101
S1 | 东城区医院         | Dongcheng Hospital      | secondary |  9120 |  8800 | 310 |  10 | 14000 | 0
S2 | 西城区医院         | Xicheng Hospital        | secondary |  7777 |  7400 | 370 |   7 |     0 | 12000
C1 | 春风社区卫生服务中心 | Chunfeng Street Community Health Centre | primary   |  1500 |  1290 | 205 |   5 |  2400 | 0
C2 | 河西社区卫生服务中心 | Hexi Clinic             | primary   |   900 |   760 | 138 |   2 |  1300 | 0
C3 | 南山社区卫生服务中心 | Nanshan Clinic          | primary   |     0 |     0 |   0 |   0 |     0 | 0
"""
DIMENSIONS = [
    ("nhc", "consistency", "一致性"),
    ("nhc", "completeness", "完整性"),
    ("nhc", "integration", "整合性"),
    ("nhc", "timeliness", "及时性"),
    ("kahn", "conformance", "符合性"),
    ("kahn", "completeness", "完整性"),
    ("kahn", "plausibility", "合理性"),
]


def flow() -> pl.DataFrame:
    cells = [[cell.strip() for cell in line.split("|")] for line in CITY.strip().splitlines()]
    return pl.DataFrame(cells, schema=list(SITES), orient="row").cast(dict(SITES))


def _heat(sites: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for number, (site, accepted) in enumerate(sites.select("site", "accepted").iter_rows()):
        for place, (scheme, dimension, zh) in enumerate(DIMENSIONS):
            asked = 0 if (number, place) == (4, 3) else accepted * 3
            failed = asked * number * (place + 1) // 140
            share = (asked - failed) / asked if asked else None
            low, high = (None, None) if share is None else (max(share - 0.01, 0.0), min(share + 0.01, 1.0))
            rows.append((site, scheme, dimension, zh, asked, failed, low, high))
    return pl.DataFrame(rows, schema=HEAT, orient="row")


def _coverage() -> pl.DataFrame:
    months = [date(2023 + (m // 12), m % 12 + 1, 1) for m in range(30)]
    rows = [
        (site, month, 10 + 37 * (number + place) % 900)
        for number, site in enumerate(["T1", "T2", "S1", "S2", "C1", "C2"])
        for place, month in enumerate(months)
        if (number * 7 + place) % 11 or number < 2
    ]
    return pl.DataFrame([*rows, ("C1", None, 17)], schema=COVERAGE, orient="row")


def city() -> Facts:
    sites = flow()
    reasons = [
        (tier, *reason, count)
        for tier, count in (("tertiary", 11), ("secondary", 40), ("primary", 90))
        for reason in (
            ("not-json", "The line is not one JSON value.", "不是合法 JSON", True),
            ("bad-date", "Not a date this profile writes, or not in the calendar.", "日期无法识别", False),
            ("too-many-cells", "More cells than the header has columns.", "单元格多于表头", True),
        )
    ]
    checks = [
        (site, *check, 1000 * (number + 1), failed * (number + 1))
        for number, site in enumerate(["T1", "T2", "S1", "S2", "C1", "C2"])
        for check, failed in (
            (
                (
                    "FP01",
                    "The discharge time is neither before the admission nor later than the day of the scoring.",
                    "出院时间不早于入院时间",
                    "Compare both times in the HIS.",
                    "核对出入院时间",
                ),
                3 + number,
            ),
            (
                (
                    "FP12",
                    "The parts of the fee add up to the total.",
                    "各项费用之和等于总费用",
                    "Export the fee columns again.",
                    "重新导出费用字段",
                ),
                20,
            ),
            (
                (
                    "patient.gender_code.required",
                    "gender_code is filled.",
                    "性别代码不为空",
                    "Fill it at registration.",
                    "登记时补全",
                ),
                7 * number,
            ),
        )
    ]
    truth = [
        ("swapped dates", "日期颠倒", 40, 40, "FP01"),
        ("lost gender", "性别缺失", 55, 31, "required"),
        ("broken line", "断行", 12, 0, ""),
    ]
    answer = Answer(
        Both("各性别的就诊人次", "Visits by sex"),
        "SELECT gender_code, count(*) AS n FROM encounter JOIN patient USING (person_id) GROUP BY gender_code",
        pl.DataFrame({"gender_code": ["1", "2"], "n": [40210, 43990]}),
        Both(
            "不足 11 人的组不显示，与零人的组一样。",
            "Groups of fewer than 11 persons are not shown, as if they were empty.",
        ),
    )
    return Facts(
        flow=sites,
        heat=_heat(sites),
        coverage=_coverage(),
        persons=9876,
        pooled_rows=156021,
        seconds=61.24,
        reasons=pl.DataFrame(reasons, schema=REASONS, orient="row"),
        checks=pl.DataFrame(checks, schema=CHECKS, orient="row"),
        truth=pl.DataFrame(truth, schema=TRUTH, orient="row"),
        answers=(answer,),
        made=datetime(2025, 6, 30, 9, 15),
    )


@pytest.fixture(scope="session")
def facts() -> Facts:
    """The made-up city."""
    return city()

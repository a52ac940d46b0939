"""The names under which a check is filed: Kahn 2016, the NHC's EMR grading and GB/T 36344, and how bad a failure is.

One kind fixes the dimension in all three schemes (cn-standards 4.5), so that no check can be filed in two ways.
"""

from enum import StrEnum


class Nhc(StrEnum):
    """The four data-quality coefficients of the EMR grading (国卫办医函〔2018〕1079号)."""

    CONSISTENCY = "consistency"
    COMPLETENESS = "completeness"
    INTEGRATION = "integration"
    TIMELINESS = "timeliness"


class Gbt36344(StrEnum):
    """The six dimensions of GB/T 36344-2018. Nothing here measures accessibility: it shows as no evidence."""

    NORMATIVE = "normativity"
    COMPLETENESS = "completeness"
    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCESSIBILITY = "accessibility"


class Kahn(StrEnum):
    """The three categories of Kahn et al. 2016 (doi 10.13063/2327-9214.1244)."""

    CONFORMANCE = "conformance"
    COMPLETENESS = "completeness"
    PLAUSIBILITY = "plausibility"


class Metric(StrEnum):
    """The clusters of METRIC, for data that models are trained on (Schwabe 2024, doi 10.1038/s41746-024-01196-4).

    Representativeness is a property of a whole collection: no check of rows is filed there.
    """

    MEASUREMENT = "measurement process"
    TIMELINESS = "timeliness"
    REPRESENTATIVENESS = "representativeness"
    INFORMATIVENESS = "informativeness"
    CONSISTENCY = "consistency"


class Severity(StrEnum):
    """Errors and warnings count in a score; an info is shown beside it and never counts."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"


class Kind(StrEnum):
    """What a check asks, as Kahn's category and sub-category."""

    FILLED = "completeness"
    FORMAT = "conformance: value"
    CODE = "conformance: code"
    REFERENCE = "conformance: relational"
    DERIVED = "conformance: computational"
    UNIQUE = "plausibility: uniqueness"
    ATEMPORAL = "plausibility: atemporal"
    TEMPORAL = "plausibility: temporal"

    @property
    def kahn(self) -> Kahn:
        """Kahn's category."""
        return Kahn(self.value.partition(":")[0])

    @property
    def nhc(self) -> Nhc:
        """The NHC coefficient the kind counts towards."""
        return _NHC[self]

    @property
    def gbt36344(self) -> Gbt36344:
        """The GB/T 36344 dimension the kind counts towards."""
        return _GBT36344[self]

    @property
    def metric(self) -> Metric:
        """The cluster of METRIC the kind belongs to."""
        return _METRIC.get(self, Metric.CONSISTENCY)


# Missing values and errors of devices and people are METRIC's measurement process; redundancy is its informativeness.
_METRIC = {
    Kind.FILLED: Metric.MEASUREMENT,
    Kind.ATEMPORAL: Metric.MEASUREMENT,
    Kind.UNIQUE: Metric.INFORMATIVENESS,
}
_NHC = {
    Kind.FILLED: Nhc.COMPLETENESS,
    Kind.FORMAT: Nhc.CONSISTENCY,
    Kind.CODE: Nhc.CONSISTENCY,
    Kind.REFERENCE: Nhc.INTEGRATION,
    Kind.DERIVED: Nhc.CONSISTENCY,
    Kind.UNIQUE: Nhc.INTEGRATION,
    Kind.ATEMPORAL: Nhc.CONSISTENCY,
    Kind.TEMPORAL: Nhc.TIMELINESS,
}
_GBT36344 = {
    Kind.FILLED: Gbt36344.COMPLETENESS,
    Kind.FORMAT: Gbt36344.NORMATIVE,
    Kind.CODE: Gbt36344.NORMATIVE,
    Kind.REFERENCE: Gbt36344.CONSISTENCY,
    Kind.DERIVED: Gbt36344.ACCURACY,
    Kind.UNIQUE: Gbt36344.CONSISTENCY,
    Kind.ATEMPORAL: Gbt36344.ACCURACY,
    Kind.TEMPORAL: Gbt36344.TIMELINESS,
}

# By scheme: two schemes have a timeliness, and do not call it the same in Chinese.
_ZH: dict[type[StrEnum], dict[str, str]] = {
    Nhc: {"consistency": "一致性", "completeness": "完整性", "integration": "整合性", "timeliness": "及时性"},
    Gbt36344: {
        "normativity": "规范性",
        "completeness": "完整性",
        "accuracy": "准确性",
        "consistency": "一致性",
        "timeliness": "时效性",
        "accessibility": "可访问性",
    },
    Kahn: {"conformance": "符合性", "completeness": "完整性", "plausibility": "合理性"},
}
SCHEMES: dict[str, type[StrEnum]] = {"nhc": Nhc, "gbt": Gbt36344, "kahn": Kahn}


def zh(dimension: StrEnum) -> str:
    """The Chinese name of a dimension, as its own scheme gives it."""
    return _ZH[type(dimension)][dimension]

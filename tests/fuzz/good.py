"""A good file of some kind, drawn; every value in it that could be a patient's is CANARY, which no message may show."""

from dataclasses import dataclass

CANARY = "canary7q"
CLINIC = """
source = "CLINIC"
key = ["nr"]
person = ["mrn"]

[[table]]
target = "patient_identifier"
[table.columns]
id_type_code = { value = "1" }
id_value = { from = "id", read_as = "identifier" }
check_ok = { from = "id", read_as = "resident-id-ok" }
assigner_org = { absent = "Not said." }
first_seen = { from = "day" }
last_seen = { absent = "Not said." }
"""
HEADER = ("nr", "mrn", "id", "day")


@dataclass(frozen=True)
class Good:
    """A file that its kind reads without a reject of a whole record; `mapping` is TOML where the kind needs one."""

    name: str
    content: bytes
    mapping: str = ""


def visits(count: int = 5) -> list[tuple[str, ...]]:
    """Rows of the drawn clinic."""
    return [(f"{CANARY}-{n}", f"{CANARY}-p{n}", f"{CANARY}{n}", "2026-01-02") for n in range(count)]

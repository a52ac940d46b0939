"""What of a normalised person is encoded."""

import polars as pl

from federation.linkage.encodable import encodable
from federation.linkage.normal.frame import NORMAL, NORMAL_NUMBERS


def test_a_number_that_may_not_be_used_and_two_of_a_kind_are_none():
    persons = pl.DataFrame({"site": "east", "record": ["c", "a", "b"]}).join(
        pl.DataFrame(schema=NORMAL), on=["site", "record"], how="left"
    )
    said = [
        ("a", "id", "1", True),
        ("b", "id", "2", True),
        ("b", "id", "3", True),
        ("c", "id", "4", False),
        ("c", "insurance", "5", True),
    ]
    rows = [{"site": "east", "record": r, "kind": k, "value": v, "usable": u, "why": None} for r, k, v, u in said]
    found = encodable(persons, pl.DataFrame(rows, schema=NORMAL_NUMBERS))
    assert found.select("record", "id", "insurance").rows() == [("c", None, "5"), ("a", "1", None), ("b", None, None)]

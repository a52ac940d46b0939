"""Which interface of the insurance platform a record belongs to: by its number, else by the nodes it holds.

The numbers and nodes are those of docs/nhsa.md, which says where each was seen. Nothing else is guessed.
"""

from collections.abc import Mapping

# The node whose scalar fields are the record itself, by interface; `data` entries are records of their own.
MAIN = {"4101": "setlinfo", "4401": "baseinfo", "4501": "examinfo", "4502": "labinfo"}
OF_DATA = ("4503", "4504", "4505", "4506")
KNOWN = (*MAIN, *OF_DATA)
SAME = {"4101A": "4101"}  # the settlement list's later edition: the same nodes, and some more
# A bare entry of `data` says what it is by fields that only its interface has.
_BY_FIELD = (("4504", "sstb_code"), ("4504", "sstb_name"), ("4503", "germ_code"), ("4503", "coly_cntg"),
             ("4505", "palg_no"), ("4505", "palg_diag"), ("4506", "exam_test_rpot"))  # fmt: skip


def interface_of(number: str, held: Mapping[str, object]) -> str:
    """`4101` and so on for an `input` (keys in lower case); empty where nobody knows."""
    number = SAME.get(number.strip().upper(), number.strip())
    if number:
        return number if number in KNOWN else ""
    for interface, node in MAIN.items():
        if node in held:
            return interface
    return of_entry(held)


def of_entry(entry: Mapping[str, object]) -> str:
    """The interface of one bare entry of `data`; empty where nobody knows."""
    return next((interface for interface, field in _BY_FIELD if field in entry), "")

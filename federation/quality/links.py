"""By which columns the rows of a site bear on each other's answers: a person, a stay, a key, a number.

Two rows that share none of these values never change what the other one answers; so a new batch changes nothing but
the answers of rows that share one with it. A check that looks further must add its column; a test holds it to that.
"""

from federation.quality.need import Exists, Need
from schemas.tables import TABLES

LINKS = ("person_id", "record_id", "encounter_id", "part_of", "id_value", "evidence_doc")
OF_TABLE = {"organization": ("record_id", "org_code", "parent_org_code")}  # elsewhere a whole site shares one org_code


def links(table: str) -> tuple[str, ...]:
    """The linking columns of a shared table, all String."""
    return OF_TABLE.get(table) or tuple(name for name in LINKS if name in TABLES[table].columns)


def stays_within(need: Need, table: str) -> bool:
    """Whether what the need adds to rows of the table depends on rows with a link in common only."""
    if isinstance(need, Exists):
        return need.column in links(table) and need.key in links(need.table)
    return not set(need.reads).isdisjoint(links(table))

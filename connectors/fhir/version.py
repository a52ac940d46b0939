"""Other FHIR versions, told by what only they write. R4B is read as R4: it differs in none of the types read here.

A resource is refused only for a profile that names the version, or an element that R4 does not have.
"""

import re

import polars as pl

from connectors.fhir.resource import Resource
from connectors.fhir.rows import Rows
from connectors.fhir.shape import Leaf, Node, walk

_OTHER = re.compile(r"https?://hl7\.org/fhir/(?:(?:DSTU[12]|STU3|R5|R6)/|(?:0|1|3|5|6)\.\d+/)")


def other_profile(rows: Rows) -> pl.Series:
    """Whether a resource's first profile names another version."""
    profiles = rows.text("meta.profile.0")
    foreign_ones = [each for each in profiles.unique().drop_nulls().to_list() if _OTHER.match(each)]
    if not foreign_ones:
        return pl.Series([False]).new_from_index(0, len(profiles))
    return profiles.is_in(foreign_ones).fill_null(value=False)


def foreign(resource: Resource | None, node: Node) -> bool:
    """Whether an object of this type has an element that only STU3 or R5 knows."""
    return resource is not None and any(_there(node, path) for path in resource.foreign)


def _there(node: Node, path: str) -> bool:
    """`path` is there; `path[]` is a list, `path{}` an object, `path""` a string."""
    for mark, kind in (("[]", list), ("{}", dict), ('""', Leaf)):
        if path.endswith(mark):
            return isinstance(walk(node, path.removesuffix(mark)), kind)
    return walk(node, path) is not None

"""What no column took, verbatim: every value of a header or an item by its data element, or by its place.

One value is a text, several are a list, in document order.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from connectors.cda.elements import header
from connectors.cda.values import V3, tag_of
from connectors.cda.wst500.item import ACTS, Item

if TYPE_CHECKING:
    from lxml.etree import _Element

Kept = dict[str, str | list[str]]
_MAIN, _BESIDE = ("extension", "value", "code"), ("displayName", "unit")
_SILENT = frozenset(
    V3 + tag for tag in ("templateId", "statusCode", "typeId", "realmCode", "languageCode", "reference")
)
_LINKS = frozenset(V3 + tag for tag in ("entryRelationship", "component"))
# Places that are a data element themselves, in whatever act they stand.
_PLACES = {
    "procedure/code": "DE06.00.093.00", "procedure/effectiveTime": "DE06.00.221.00",
    "substanceAdministration/doseQuantity": "DE08.50.023.00",
    "substanceAdministration/routeCode": "DE06.00.134.00",
    "substanceAdministration/rateQuantity": "DE06.00.133.00",
    "substanceAdministration/administrationUnitCode": "DE08.50.011.00",
    "substanceAdministration/consumable/manufacturedProduct/manufacturedLabeledDrug/name": "DE08.50.022.00",
}  # fmt: skip
_IN_COLUMNS = {"component", "code", "title", "effectiveTime", "confidentialityCode"}
_DEEPEST = 200


def keep(kept: Kept, key: str, value: str) -> None:
    """Adds a value under its key."""
    before = kept.get(key)
    if before is None:
        kept[key] = value
    elif isinstance(before, list):
        before.append(value)
    else:
        kept[key] = [before, value]


def as_json(kept: Kept) -> str | None:
    """One JSON object, None where nothing was kept."""
    return json.dumps(kept, ensure_ascii=False) if kept else None


def keep_items(kept: Kept, items: Iterable[Item]) -> None:
    """What is left of the items."""
    for top in items:
        for item in top.walk():
            _keep_item(kept, item)


def _keep_item(kept: Kept, item: Item) -> None:
    name = tag_of(item.act)
    for child in item.act:
        tag = child.tag
        if tag in _SILENT or tag in _LINKS:
            continue
        part = tag_of(child)
        if part == "code" and item.is_observation:
            continue
        if part in item.taken:
            if part == "value":
                _keep_rest(kept, item, child)
            continue
        if part == "code" and item.act.tag != V3 + "procedure" and child.get("code") is None:
            continue
        base = _PLACES.get(f"{name}/{part}") or (item.element if part == "value" else None)
        base = base or f"{item.element or item.section + '/' + name}/{part}"
        for path, value in values(child, 0):
            place = _PLACES.get(f"{name}/{part}{path}")
            keep(kept, place or base + path, value)


def _keep_rest(kept: Kept, item: Item, value: "_Element") -> None:
    """What a value says beside what a column took of it: the words of a code, a unit."""
    for path, said in values(value, 0):
        if path.startswith("/@") and f"value{path}" not in item.taken:
            keep(kept, f"{item.element}{path}", said)


def values(element: "_Element", depth: int) -> Iterator[tuple[str, str]]:
    """Every value in an element that says something, with the path to it; the main one of an element has none."""
    yield from _own(element)
    for child in element if depth < _DEEPEST else ():
        if child.tag not in ACTS and isinstance(child.tag, str):
            name = tag_of(child)
            for path, value in values(child, depth + 1):
                yield f"/{name}{path}", value


def keep_header(kept: Kept, root: "_Element", used: frozenset[str]) -> None:
    """The values of the header that no column took; `used` are the paths whose values have one."""
    known, key = header(), root.find(V3 + "id")
    for part in root:
        tag = tag_of(part)
        if part.tag in _SILENT or tag in _IN_COLUMNS or part is key:
            continue
        for path, value in _named(part, tag, 0):
            if path not in used:
                place = known.get(path.partition("/@")[0])
                keep(kept, f"{place} {path}" if place else path, value)


def _named(element: "_Element", path: str, depth: int) -> Iterator[tuple[str, str]]:
    """As `values`, with identifiers told apart by their roots."""
    if element.tag == V3 + "id":
        if extension := element.get("extension"):
            yield f"{path}[{element.get('root', '')}]", extension
        return
    for part, value in _own(element):
        yield path + part, value
    for child in element if depth < _DEEPEST else ():
        if isinstance(child.tag, str):
            yield from _named(child, f"{path}/{tag_of(child)}", depth + 1)


def _own(element: "_Element") -> Iterator[tuple[str, str]]:
    """What an element says itself, with its attribute where that is not the main one."""
    for attribute in _MAIN:
        if value := element.get(attribute):
            yield "", value
    for attribute in _BESIDE:
        if value := element.get(attribute):
            yield f"/@{attribute}", value
    if element.text and (text := element.text.strip()):
        yield "", text

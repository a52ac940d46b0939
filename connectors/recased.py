"""A mapping for a header that has the same columns in capitals or in small letters, where the mapping allows it.

Never where two columns differ by their case alone: which of them was meant is not known.
"""

from collections.abc import Iterable
from collections.abc import Mapping as Of
from dataclasses import replace

from connectors.mapping import Mapping
from connectors.mapping_rules import Rows, Rule


def recased(mapping: Mapping, header: Iterable[str]) -> Mapping:
    """The mapping with its source columns as the header writes them; itself where it says each case counts."""
    written = _by_small(header)
    if not mapping.about.any_case or not written:
        return mapping
    about = mapping.about
    marks = about.detect.model_copy(
        update={
            name: [written.get(each.lower(), each) for each in getattr(about.detect, name)]
            for name in ("all", "none", "most")
        }
    )
    named = {
        name: [written.get(each.lower(), each) for each in getattr(about, name)]
        for name in ("key", "key_also", "person")
    }
    rows = tuple(
        replace(
            each,
            spec=_spec(each.spec, written),
            rules={name: _rule(rule, written) for name, rule in each.rules.items()},
        )
        for each in mapping.rows
    )
    return replace(mapping, about=about.model_copy(update={**named, "detect": marks}), rows=rows)


def _by_small(header: Iterable[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name in header:
        found.setdefault(name.lower(), []).append(name)
    return {small: names[0] for small, names in found.items() if len(names) == 1}


def _rule(rule: Rule, written: Of[str, str]) -> Rule:
    if rule.from_ is None:
        return rule
    return rule.model_copy(update={"from_": [written.get(each.lower(), each) for each in rule.sources]})


def _spec(spec: Rows, written: Of[str, str]) -> Rows:
    return spec.model_copy(update={"when": [written.get(each.lower(), each) for each in spec.when]})

"""Which types of resources the head of a FHIR file names, and which of them have a shared table. Parses nothing."""

import re
from collections import Counter

from connectors.fhir.resources import RESOURCES
from connectors.looked import Fact, Looked

_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Z][A-Za-z]{2,39})"')
_KIND = re.compile(rb'"type"\s*:\s*"(searchset|collection|transaction|batch|history|document|message)[a-z-]*"')
_AROUND = {"Bundle", "Parameters"}


def looked(head: bytes, *, packed: bool, whole: bool) -> Looked:
    """`head` is unpacked; `whole` says that it is all of the file."""
    found = Counter(name.decode() for name in _TYPE.findall(head))
    inside = {name: count for name, count in found.items() if name not in _AROUND}
    facts = [Fact("shape", "结构", _shape(head)), Fact("packing", "压缩", "gzip")][: 1 + packed]
    facts += [Fact(name, "资源数", f"{count} in the head") for name, count in sorted(inside.items())]
    mapped = {name: (RESOURCES[name].table,) for name in sorted(inside) if name in RESOURCES}
    return Looked(facts, sum(inside.values()), whole, mapped, tuple(sorted(set(inside) - set(mapped))))


def _shape(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        return "array"
    if b'"Bundle"' in start[:4096]:
        kind = _KIND.search(start)
        return f"Bundle ({kind[1].decode()})" if kind else "Bundle"
    return "lines" if re.search(rb"\}\s*\n\s*\{", start) else "one resource"

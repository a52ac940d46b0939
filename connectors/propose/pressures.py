"""A cell such as `120/80` as two rows of `observation`: written out whole, and asked, for nobody said what it holds.

Every line begins with `# ? `; taking that away puts the block in force. Nothing of it is in force before.
"""

import json
from collections.abc import Iterator

from connectors.propose.evidence import MOST
from connectors.propose.proposal import Proposal
from schemas.table import COMMON
from schemas.tables import TABLES

ROWS = (("sbp", "8480-6", "收缩压", "systolic"), ("dbp", "8462-4", "舒张压", "diastolic"))  # LOINC, and the reader

_ABSENT = '{ absent = "not in this table" }'


def pressures(proposal: Proposal) -> list[str]:
    """Columns of which nearly every cell holds two numbers, the second the smaller, and that nothing else reads."""
    unused = [column for column in proposal.columns if column not in proposal.used]
    return [column.name for column in unused if column.evidence.shares.get("two-pressures", 0) >= MOST]


def asked(proposal: Proposal, column: str, place: int) -> Iterator[str]:
    """The question and its block for one column, given as a TOML string; `place` keeps suffixes of several apart."""
    yield f"# {column}: two numbers in a cell, such as 120/80. If blood pressure: take `# ? ` away from every line"
    yield "# down to the next empty one. 一格两数：若为血压，请去掉以下各行的「# ? 」"
    yield "# ? [[table]]"
    yield '# ? target = "observation"'
    for suffix, code, zh, reader in ROWS:
        yield "# ? [[table.rows]]"
        yield f'# ? suffix = "{suffix}{place or ""}"'
        yield f"# ? when = [{column}]"
        yield "# ? [table.rows.columns]"
        said = {
            "category": '{ value = "vital-signs" }',
            "item_code": f'{{ value = "{code}" }}',
            "item_system": '{ value = "http://loinc.org" }',
            "item_name": f'{{ value = "{zh}" }}',
            "value_num": f'{{ from = {column}, read_as = "{reader}" }}',
            "value_text": f"{{ from = {column} }}",
            "unit": '{ value = "mmHg" }',
            "unit_ucum": '{ value = "mm[Hg]" }',
            **_about(proposal),
        }
        for name in TABLES["observation"].columns:
            if name not in COMMON and name != TABLES["observation"].person:
                yield f"# ? {name} = {said.get(name, _ABSENT)}"
    yield ""


def _about(proposal: Proposal) -> dict[str, str]:
    """The visit, where each record is one, and when it was taken, where a time is sure."""
    found = {"encounter_id": "{ record = true }"} if any(b.table == "encounter" for b in proposal.blocks) else {}
    when = next((proposal.sure[each] for each in ("measured", "came", "admitted") if each in proposal.sure), None)
    return found | ({"sampled_time": f"{{ from = {json.dumps(when.name, ensure_ascii=False)} }}"} if when else {})

"""A proposal as a TOML mapping: what is sure is in force, what is not is a comment that begins with `# ?`.

Takes over what a person has written into an earlier one; writes no value but short codes of coded columns.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from connectors.mapping import OPTIONAL
from connectors.propose.column import SourceColumn
from connectors.propose.pressures import asked, pressures
from connectors.propose.proposal import Proposal
from connectors.propose.shared import uses
from connectors.propose.uses import Block
from schemas.table import COMMON
from schemas.tables import TABLES

OPEN = "not decided yet"
NONE = "not in this table"
_RULE = re.compile(r"^([a-z_0-9]+)\s*=\s*(.+)$")
Kept = Mapping[tuple[str, str], str]  # table (empty: the file itself) and word -> the line as a person left it


def written(proposal: Proposal, before: str = "") -> str:
    """The mapping's text; `before` is an earlier version whose rules stay as they are."""
    kept = _kept(before)
    lines = [*_opening(proposal), *_about(proposal, kept)]
    for block in proposal.blocks:
        if block.wide and not proposal.signs:
            continue  # a block that repeats nothing does not load
        lines += ["", *_table(proposal, block, kept)]
    left = [column for column in proposal.columns if column not in proposal.used]
    lines += ["", *_pressures(proposal, before), *_left(left, proposal)]
    return "\n".join([*lines, *_others(before, proposal)]).rstrip("\n") + "\n"


def quoted(text: str) -> str:
    """A TOML string, which is a JSON string."""
    return json.dumps(text, ensure_ascii=False)


def _opening(proposal: Proposal) -> Iterator[str]:
    used, every = len(proposal.used), len(proposal.columns)
    yield f"# Proposed by `guantong map`: {used} of {every} columns are used; each row is taken for: {proposal.kind}."
    yield "# Lines that begin with `# ?` are not in force: what they say is not sure. To confirm one, take `# ? ` away"
    yield "# and delete the line of the same name that says it is not decided. Then ingest, or run it again."
    yield "# 以「# ?」开头的行尚未生效：请核对后去掉「# ? 」，并删除同名的 not decided 行。"


def _about(proposal: Proposal, kept: Kept) -> Iterator[str]:
    yield kept.get(("", "source"), f"source = {quoted(proposal.source)}")
    person = (proposal.person,) if proposal.person else ()
    for word, columns in (("key", proposal.key), ("person", person)):
        if ("", word) in kept:
            yield kept["", word]
        elif columns:
            yield f"{word} = [{', '.join(map(quoted, columns))}]{_counted(proposal, word, columns)}"
        else:
            likely = _candidates(proposal, word)
            count = f"{told};" if (told := _counted(proposal, word, likely)) else "   #"
            some = ", ".join(map(quoted, likely))
            yield f"# ? {word} = [{some}]{count} not sure; the file does not load without it"
    for word, said in (("encoding", proposal.encoding), ("separator", proposal.separator)):
        if ("", word) in kept or said:
            yield kept.get(("", word), f"{word} = {quoted(said)}")
    for word in ("nothing", "zh", "means", "name", "main", "history", "key_also"):
        if ("", word) in kept:
            yield kept["", word]


def _counted(proposal: Proposal, word: str, columns: Sequence[str]) -> str:
    """How far the key tells rows apart, where that was counted."""
    if word != "key" or proposal.apart is None or tuple(columns) != proposal.apart.columns:
        return ""
    short = "" if proposal.apart.unique else "; rows that share it are rejected but the last"
    return f"   # {proposal.apart.told()}{short}"


def _candidates(proposal: Proposal, word: str) -> list[str]:
    """Signs without a number of their own are told apart by whose they are and when they were taken."""
    if word == "key" and proposal.kind == "vitals" and proposal.person and "measured" in proposal.sure:
        return [proposal.person, proposal.sure["measured"].name]
    if word == "key" and proposal.apart is not None:
        return list(proposal.apart.columns)
    return [_candidate(proposal, word)]


def _candidate(proposal: Proposal, word: str) -> str:
    """The column that comes nearest to a key, or to a person."""
    if word == "key":
        known = [column for column in proposal.columns if not column.sure and column.evidence.unique]
        fit = [column for column in known if column.evidence.shares.get("id", 0) > 0.9]
        return (fit or list(proposal.columns))[0].name
    asked = proposal.asked.get("patient", [])
    return asked[0].name if asked else proposal.columns[0].name


def _table(proposal: Proposal, block: Block, kept: Kept) -> Iterator[str]:
    table = TABLES[block.table]
    yield "[[table]]"
    yield f"target = {quoted(block.table)}"
    if block.suffix:
        names = [column.name for concept in block.needs if (column := proposal.sure.get(concept))]
        yield "[[table.rows]]"
        yield f"suffix = {quoted(block.suffix)}"
        if block.wide:
            yield from _signs(proposal)
        elif names:
            yield f"when = [{', '.join(map(quoted, names))}]"
        yield "[table.rows.columns]"
    else:
        yield "[table.columns]"
    fixed = dict(block.fixed)
    there = any(proposal.sure.get(concept) for concept in block.needs)
    for name in table.columns:
        if (name in COMMON and name not in OPTIONAL) or name == table.person:
            continue
        if (block.table, name) in kept:
            yield kept[block.table, name]
        elif name in fixed and there:
            yield f"{name} = {fixed[name]}"
        elif name not in COMMON:
            yield from _column(proposal, block, name)


def _signs(proposal: Proposal) -> Iterator[str]:
    """A row for each sign that says something; those without a sure unit are named."""
    signs = ", ".join(f"[{', '.join(map(quoted, each))}]" for each in proposal.signs)
    for column, _, name, unit, _ in proposal.signs:
        if not unit:
            yield f"# ? {quoted(column)}: its unit is not said; write it, and its UCUM, behind {quoted(name)}"
    yield f'repeat = {{ as = ["value", "=code", "=name", "=unit", "=ucum"], cells = [{signs}] }}'


def _column(proposal: Proposal, block: Block, name: str) -> Iterator[str]:
    if block.wide and name not in ("sampled_time", "encounter_id"):
        yield f"{name} = {{ absent = {quoted(NONE)} }}"
        return
    if block.wide and (lines := _sign_of(proposal, name)):
        yield from lines
        return
    found = [use for use in uses() if (use.table, use.column) == (block.table, name)]
    for use in found:
        if (column := proposal.sure.get(use.concept)) is not None:
            yield from _sure(proposal, column, block.table, name, use.more)
            return
    asked = [
        (column, more)
        for use in found
        for column in proposal.asked.get(use.concept, [])
        for more in _dated(column, block.table, name, use.more)
    ]
    for column, words in asked:
        best = column.best
        assert best is not None
        rule = f"{{ from = {quoted(column.name)}{', ' + words if words else ''} }}"
        yield f"# ? {name} = {rule}   # {best.sure:.0%}: {best.why}"
    for choice in dict(block.choose).get(name, "").splitlines():
        yield f"# ? {name} = {choice}   # say what it is"
        asked.append((proposal.columns[0], ""))
    yield f"{name} = {{ absent = {quoted(OPEN if asked else NONE)} }}"


def _sign_of(proposal: Proposal, name: str) -> list[str]:
    """When signs were taken, and in which visit, where that is another record: its table must be named."""
    visit = proposal.sure.get("visit")
    if name == "encounter_id" and visit is not None:
        rule = f"# ? encounter_id = {{ from = {quoted(visit.name)}, id_of = "
        return [
            f'{rule}"MZ_JZJL" }}   # write the `source` of the table of visits',
            f"{name} = {{ absent = {quoted(OPEN)} }}",
        ]
    when = next((proposal.sure[each] for each in ("measured", "came", "admitted") if each in proposal.sure), None)
    return [] if when is None or name != "sampled_time" else list(_sure(proposal, when, "observation", name, ""))


def _dated(column: SourceColumn, table: str, name: str, more: str) -> list[str]:
    """Further words of a rule: for a date with its year behind, the reader, or each that it may be."""
    dated = isinstance(TABLES[table].columns[name].dtype, (pl.Date, pl.Datetime))
    if more or not dated or not column.evidence.sides:
        return [more]
    return [f"read_as = {quoted(side)}" for side in column.evidence.sides]


def _sure(proposal: Proposal, column: SourceColumn, table: str, name: str, more: str) -> Iterator[str]:
    """The rule in force; codes that nobody can be sure of stand beside it."""
    more = _dated(column, table, name, more)[0]
    words = [f"from = {quoted(column.name)}", *([more] if more else [])]
    found = proposal.code_list(column, table, name)
    if found is not None and not found.plain:
        if not found.known:
            codes = ", ".join(f'{quoted(code)} = ""' for code in found.open)
            yield f"# ? {name} = {{ {', '.join(words)}, codes = {{ {codes} }} }}   # say which shared code each is"
            yield f"{name} = {{ absent = {quoted(OPEN)} }}"
            return
        words.append(f"codes = {{ {', '.join(f'{quoted(code)} = {quoted(to)}' for code, to in found.known.items())} }}")
        if found.open:
            yield f"# ? {name}: not known are {', '.join(map(quoted, found.open))}; add them to `codes`"
    yield f"{name} = {{ {', '.join(words)} }}"


def _left(columns: list[SourceColumn], proposal: Proposal) -> Iterator[str]:
    yield f"# Columns that are not used: {len(columns)}. Their cells stay at the site, in `extra`."
    for column in columns:
        others = "; ".join(f"{guess.concept} {guess.sure:.0%} ({guess.why})" for guess in column.guesses[:3])
        target = ", ".join(proposal.targets(column.best.concept)) if column.best else ""
        yield f"# {quoted(column.name)}: {others or 'its name is not known'}{f' -> {target}' if target else ''}"


def _pressures(proposal: Proposal, before: str) -> Iterator[str]:
    """Blocks for cells such as `120/80`; none for a column that the person has decided on."""
    for place, name in enumerate(pressures(proposal)):
        if f'from = {quoted(name)}, read_as = "systolic"' not in _in_force(before):
            yield from asked(proposal, quoted(name), place)


def _sections(before: str) -> list[str]:
    """What stands before the first table, then each table and list of codes."""
    return re.split(r"(?m)^(?=\[\[table\]\]$|\[codes)", before)


def _of_pressures(section: str) -> bool:
    return 'read_as = "systolic"' in _in_force(section)


def _in_force(before: str) -> str:
    return "\n".join(line for line in before.splitlines() if not line.startswith("#"))


def _kept(before: str) -> Kept:
    """Rules of an earlier file that a person may have written: all but those that are not decided."""
    table, kept = "", {}
    for line in "".join(each for each in _sections(before) if not _of_pressures(each)).splitlines():
        if line.strip() == "[[table]]":
            table = "?"
        elif line.startswith("["):
            table = table if line.startswith(("[table", "[[table")) else "-"
        elif (found := _RULE.match(line)) is not None:
            if found[1] == "target":
                table = found[2].strip().strip('"')
            elif OPEN not in found[2] and NONE not in found[2] and found[1] not in ("suffix", "when"):
                kept[table, found[1]] = line
    return kept


def _others(before: str, proposal: Proposal) -> list[str]:
    """Tables and code lists that a person added: they are carried over as they stand."""
    own = {block.table for block in proposal.blocks}
    sections = _sections(before)[1:]
    lines: list[str] = []
    for section in sections:
        target = re.search(r'(?m)^target\s*=\s*"(\w+)"', section)
        added = target and (target[1] not in own or _of_pressures(section))
        if section.startswith("[codes") or added:
            body = [line for line in section.rstrip().splitlines() if not line.startswith("# ")]
            lines += ["", *body]
    return lines

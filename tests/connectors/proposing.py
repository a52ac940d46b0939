"""How good proposals are: pairs of source column and target, proposed as sure, against a mapping that is known."""

from pathlib import Path

from connectors.mapping import Mapping, load
from connectors.propose.looking import tables
from connectors.propose.proposal import Proposal, propose
from connectors.propose.writing import written
from connectors.reach import reached

OWN = ("record_id", "person_id")


def pairs(mapping: Mapping) -> set[tuple[str, str]]:
    """Source column and `table.column`, without keys, which every row has."""
    return {
        (name, target) for name, targets in reached(mapping).items() for target in targets if not target.endswith(OWN)
    }


def sure_pairs(proposal: Proposal, folder: Path) -> set[tuple[str, str]]:
    """What the written mapping has in force; it must load, as a person's own must."""
    text = written(proposal)
    for word in ("key", "person"):
        text = text.replace(f"# ? {word} = ", f"{word} = ")  # a file without them does not load
    path = folder / f"{proposal.source}.toml"
    path.write_text(text, "utf-8")
    return pairs(load(path))


def counted(path: Path, known: Mapping, folder: Path) -> tuple[int, int, int, set[tuple[str, str]]]:
    """Pairs sure and right, pairs sure, pairs known, and those that are sure and wrong."""
    [seen] = tables(path)
    made = sure_pairs(propose(seen.name, seen.cells, (), seen.encoding, seen.separator), folder)
    right = made & pairs(known)
    return len(right), len(made), len(pairs(known)), made - right

"""Is the ledger what was recorded? Reads every entry, recomputes every hash, and compares with the checkpoint.

Never repairs anything, and never stops at the first fault.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from federation.broker import merkle
from federation.broker.contracts import unrecorded
from federation.broker.ledger import Checkpoint, Ledger
from federation.errors import Tampered

SHOWN = 20


@dataclass(frozen=True)
class Verdict:
    """What was found: `problems` is empty where every entry is what was recorded."""

    size: int
    root: bytes
    checked_against: int
    problems: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing was changed, removed, moved or put in."""
        return not self.problems


def verify(connection: Connection, checkpoint: Checkpoint | None) -> Verdict:
    """Compares all entries with their hashes, the ledger's head, `checkpoint` (None: none was found) and contracts."""
    ledger, problems = Ledger(connection), []
    frontier: list[bytes] = []
    size, root_then = 0, merkle.EMPTY_ROOT
    for entry in ledger.entries():
        if entry.seq != size + 1:
            problems.append(f"entry {size + 1} is missing or out of place; {entry.seq} stands there")
        if entry.rehashed() != entry.leaf:
            problems.append(f"entry {entry.seq} was changed")
        frontier = merkle.grown(frontier, size, entry.rehashed())
        size += 1
        if checkpoint and size == checkpoint.size:
            root_then = merkle.folded(frontier)
    root = merkle.folded(frontier)
    problems += _against_head(ledger.checkpoint(), size, root) + _against_file(checkpoint, size, root_then)
    problems += unrecorded(connection)
    return Verdict(size, root, checkpoint.size if checkpoint else 0, tuple(problems[:SHOWN]))


def _against_head(head: Checkpoint, size: int, root: bytes) -> list[str]:
    if head.size != size:
        return [f"{size} entries are there, but {head.size} were appended"]
    return [] if head.root == root else ["the entries do not give the root kept beside them"]


def _against_file(checkpoint: Checkpoint | None, size: int, root_then: bytes) -> list[str]:
    if checkpoint is None:
        return ["the checkpoint file is missing beside a ledger that has entries"] if size else []
    if checkpoint.size > size:
        return [f"the checkpoint knows {checkpoint.size} entries, the ledger has {size}: the end was cut off"]
    return (
        [] if root_then == checkpoint.root else [f"the first {checkpoint.size} entries are not those of the checkpoint"]
    )


def must_continue(ledger: Ledger, checkpoint: Checkpoint) -> None:
    """Raises Tampered where the ledger is not a continuation of `checkpoint`; cheap where both are equally long."""
    head = ledger.checkpoint()
    if head.size == checkpoint.size and head.root == checkpoint.root:
        return
    if head.size <= checkpoint.size or merkle.root_of(ledger.leaves(checkpoint.size)) != checkpoint.root:
        raise Tampered("The ledger is not what its checkpoint says. Run `guantong ledger verify`; nothing was written.")

"""The Merkle tree of RFC 6962, section 2.1: leaves and nodes hashed apart, roots, inclusion and consistency proofs.

Nothing here reads or stores anything; a tree is the list of its leaf hashes, and a frontier is its right edge.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256().digest()  # RFC 6962: the hash of an empty list is the hash of an empty string


def leaf_hash(entry: bytes) -> bytes:
    """A leaf, marked 0x00 so that no inner node can be passed off as an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """An inner node, marked 0x01."""
    return sha256(b"\x01" + left + right).digest()


def grown(frontier: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """The frontier (roots of the complete subtrees, widest first) of a tree of `size` leaves after one more leaf."""
    edge = [*frontier, leaf]
    while size & 1:
        right, left = edge.pop(), edge.pop()
        edge.append(node_hash(left, right))
        size >>= 1
    return edge


def folded(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree whose frontier this is."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes, in order."""
    frontier: list[bytes] = []
    for size, leaf in enumerate(leaves):
        frontier = grown(frontier, size, leaf)
    return folded(frontier)


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of leaf `index` (from 0), leaf's neighbour first (RFC 6962, 2.1.1)."""
    if len(leaves) == 1:
        return []
    half = _split(len(leaves))
    if index < half:
        return [*inclusion(leaves[:half], index), root_of(leaves[half:])]
    return [*inclusion(leaves[half:], index - half), root_of(leaves[:half])]


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from `leaf` at `index` to the root of a tree of `size` leaves."""
    if not 0 <= index < size:
        return False
    node, last, steps = leaf, size - 1, list(path)
    while last:
        if index & 1 or index == last:
            if not steps:
                return False
            node = node_hash(steps.pop(0), node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            if not steps:
                return False
            node = node_hash(node, steps.pop(0))
        index, last = index >> 1, last >> 1
    return not steps and node == root


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """The proof that the first `old` leaves (1 or more) are the start of this tree (RFC 6962, 2.1.2)."""
    return _subproof(leaves, old, True)


def _subproof(leaves: Sequence[bytes], old: int, known: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if known else [root_of(leaves)]
    half = _split(len(leaves))
    if old <= half:
        return [*_subproof(leaves[:half], old, known), root_of(leaves[half:])]
    return [*_subproof(leaves[half:], old - half, False), root_of(leaves[:half])]


def consistent(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `size` leaves only grew out of the tree of `old` leaves (RFC 9162)."""
    if old == size:
        return not path and old_root == root
    if not 0 < old < size:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    index, last = old - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if index & 1 or index == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            second = node_hash(second, step)
        index, last = index >> 1, last >> 1
    return not last and first == old_root and second == root

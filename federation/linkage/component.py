"""Which records hang together, through whatever chain of edges. Numbers only; no record is looked at."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def components(size: int, left: Numbers, right: Numbers) -> Numbers:
    """For each of `size` nodes the least node that it hangs together with, through the edges (left[i], right[i]).

    Every root hooks to the least root beside it, then paths are halved until all are flat (Shiloach, Vishkin 1982):
    a few passes over arrays where a union-find would walk each edge.
    """
    label = np.arange(size)
    low, high = np.minimum(left, right), np.maximum(left, right)
    while True:
        apart = low != high
        low, high = low[apart], high[apart]
        if not len(low):
            return label
        np.minimum.at(label, high, low)
        label = _flat(label)
        ends = label[low], label[high]
        low, high = np.minimum(*ends), np.maximum(*ends)


def _flat(label: Numbers) -> Numbers:
    while True:
        shorter = label[label]
        if np.array_equal(shorter, label):
            return label
        label = shorter

"""Gives memory that libraries keep for later back to the system, between the steps of a batch. Changes no result."""

import ctypes

import pyarrow as pa


def give_back() -> None:
    """Releases what Arrow's pool and the C library hold without using it; the next step asks for another shape."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; other C libraries have none
    if trim is not None:
        trim(0)

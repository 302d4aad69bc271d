"""Memory of the management plane: what a guest took is given back when he is gone.

Law: no behaviour. MemoryMax of the unit ends a process that keeps what crowds left behind.
"""

from __future__ import annotations

import ctypes
import warnings

M_MMAP_THRESHOLD = -3  # malloc.h
LARGE = 131_072  # bytes from which a piece is mapped by itself, and unmapped when it is freed: glibc's own first value


def bound() -> None:
    """Keep glibc's thresholds where they begin, and no text of a guest for ever.

    With the first hash of a password (16 MB) that is freed glibc raises its threshold to that size and keeps twice as
    much free heap (mallopt(3), "dynamic mmap threshold"): each thread that hashes holds 16 MB from then on, and bodies
    of requests tear the heap to pieces. To set the threshold ends that. And aiohttp warns of a form's head in the words
    of who sent it: `warnings` keeps each text it has shown once.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's; other C libraries have none
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
    warnings.filterwarnings("ignore", module=r"aiohttp\.multipart")

"""numpy, as everything here loads it: without threads of its own, and only if there is room for it.

Loading it costs as much as a query from the shell, so a module that such a query needs must not import this one.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Sequence

_THREADS = "OPENBLAS_NUM_THREADS"
_ROOM = 96 << 20  # bytes of address space; measured for numpy 2 and its OpenBLAS: 83 MB

# OpenBLAS ends the whole process, with a message of its own, if it gets no memory when it is loaded.
try:
    mmap.mmap(-1, _ROOM).close()
except OSError as refused:
    raise MemoryError("there is no room to load numpy") from refused

# Large products are shared out to threads where they are made. OpenBLAS's own would double the cost of loading, and
# could not be counted on after a fork. It looks at the variable once: other programs that this process starts are to
# have the threads that they want.
_ONE_THREAD = "numpy" not in sys.modules and _THREADS not in os.environ
if _ONE_THREAD:
    os.environ[_THREADS] = "1"
try:
    import numpy
finally:
    if _ONE_THREAD:
        del os.environ[_THREADS]

__all__ = ["numpy", "repeat"]


def repeat(values: numpy.ndarray, times: Sequence[int] | numpy.ndarray) -> numpy.ndarray:
    """As ``numpy.repeat``, which on a machine of 32 bits refuses ``times`` of a type that might hold more than there
    can be places."""
    return numpy.repeat(values, numpy.asarray(times).astype(numpy.intp, copy=False))

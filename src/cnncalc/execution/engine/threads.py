"""Threads of a run: each works on blocks of rows, and BLAS is kept from starting threads of its own."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Barrier

import numpy as np  # whose BLAS must be loaded before it can be limited
from threadpoolctl import threadpool_limits

from cnncalc.execution.engine.workers import Workers

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3

MMAP_THRESHOLD = 1 << 25
"""Bytes from which an array is mapped by the system and unmapped when freed: the most that glibc allows."""

MEASURED_MMAP_THRESHOLD = 1 << 23
"""The same for `verify`: less freed memory is kept, at a cost of a few percent of the time."""


def usable_cpus() -> int:
    """Processors that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


THREAD_ADDRESSES = 104 << 20
"""Address space of a thread, mostly unused: 8 MiB of stack, a heap of 64 for small arrays, 32 for BLAS."""

SHARE_OF_THREADS = 4
"""Where address space is limited, threads may take one part in so many."""


def address_room() -> int | None:
    """Bytes of address space that `ulimit -v` leaves this process; None without such a limit."""
    try:
        import resource
    except ImportError:  # not on every system
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    import psutil

    return max(0, limit - int(psutil.Process().memory_info().vms))


def usable_threads() -> int:
    """The number of threads: one per processor, or fewer where address space is limited."""
    room = address_room()
    if room is None:
        return usable_cpus()
    return max(1, min(usable_cpus(), room // SHARE_OF_THREADS // THREAD_ADDRESSES))


@contextmanager
def worker_threads(threads: int | None = None, mmap_threshold: int = MMAP_THRESHOLD) -> Iterator[Workers]:
    """Workers on every usable processor, with BLAS limited to one thread and freed memory kept for reuse."""
    with (
        threadpool_limits(1, user_api="blas"),
        Workers(threads or usable_threads()) as workers,
        _keep_freed_memory(mmap_threshold),
    ):
        if address_room() is not None:
            _allocate_blas_buffers(workers)
        yield workers


def _allocate_blas_buffers(workers: Workers) -> None:
    """Let BLAS allocate its buffer for each thread early: it ends the process when it cannot."""
    everyone, matrix = Barrier(workers.threads), np.ones((512, 512), np.float32)

    def multiply() -> None:
        everyone.wait()
        np.matmul(matrix, matrix)

    workers.run_on_all(multiply)


@contextmanager
def _keep_freed_memory(mmap_threshold: int) -> Iterator[None]:
    """Keep the freed memory of smaller arrays in the process, where the allocator is glibc's.

    A network allocates arrays of the same sizes again and again, and fetching new pages for each takes longer than many
    a layer.

    Source:  mallopt(3)
    """
    try:
        allocator = ctypes.CDLL(None)
        allocator.mallopt(M_MMAP_THRESHOLD, mmap_threshold)
        allocator.mallopt(M_TRIM_THRESHOLD, 1 << 30)
    except (AttributeError, OSError, TypeError):  # another allocator
        yield
        return
    try:
        yield
    finally:
        return_freed_memory()


def return_freed_memory() -> None:
    """Return freed memory that was kept to the system, where the allocator is glibc's.

    Source:  malloc_trim(3)
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)

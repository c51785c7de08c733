"""Threads to compute with: ours take a block of rows each, so that BLAS must not start some of its own."""

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

OWN_MEMORY_BYTES = 1 << 25
"""Bytes from which on an array gets memory from the system, and gives it back: the most that glibc lets one say."""

OF_MEASURED_BYTES = 1 << 23
"""The same where nobody waits for the values alone: less is kept, for some hundredths of the time."""


def usable_cpus() -> int:
    """Processors that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


THREAD_ADDRESSES = 104 << 20
"""Addresses of a thread, of which it uses few: 8 MiB of stack, 64 that its small arrays come from, 32 for BLAS."""

SHARE_OF_THREADS = 4
"""Where addresses are limited, threads may have one part of so many."""


def address_room() -> int | None:
    """Addresses that `ulimit -v` leaves this process; None without such a limit."""
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
    """Threads to compute with: one for each processor, or fewer where their addresses would leave little room."""
    room = address_room()
    if room is None:
        return usable_cpus()
    return max(1, min(usable_cpus(), room // SHARE_OF_THREADS // THREAD_ADDRESSES))


@contextmanager
def computing(threads: int | None = None, own_memory: int = OWN_MEMORY_BYTES) -> Iterator[Workers]:
    """Workers on every usable processor, BLAS kept to the thread that calls it, and memory kept while it goes on."""
    with (
        threadpool_limits(1, user_api="blas"),
        Workers(threads or usable_threads()) as workers,
        _memory_kept(own_memory),
    ):
        if address_room() is not None:
            _take_buffers(workers)
        yield workers


def _take_buffers(workers: Workers) -> None:
    """Let BLAS take its memory for each thread while there is some: where it finds none, it ends the process."""
    everyone, matrix = Barrier(workers.threads), np.ones((512, 512), np.float32)

    def multiply() -> None:
        everyone.wait()
        np.matmul(matrix, matrix)

    workers.together(multiply)


@contextmanager
def _memory_kept(own_memory: int) -> Iterator[None]:
    """Let memory of smaller arrays that is freed stay with the process until the end, where its allocator is glibc's.

    A network asks for arrays of the same sizes again and again, and pages that are fetched anew for each take longer
    than many a layer.

    Source:  mallopt(3)
    """
    try:
        allocator = ctypes.CDLL(None)
        allocator.mallopt(M_MMAP_THRESHOLD, own_memory)
        allocator.mallopt(M_TRIM_THRESHOLD, 1 << 30)
    except (AttributeError, OSError, TypeError):  # another allocator
        yield
        return
    try:
        yield
    finally:
        give_back()


def give_back() -> None:
    """Give the system what was freed and kept, where the allocator is glibc's.

    Source:  malloc_trim(3)
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)

"""Threads to compute with: ours take a block of rows each, so that BLAS must not start some of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np  # noqa: F401 - its BLAS must be loaded before it can be limited
from threadpoolctl import threadpool_limits

from cnncalc.execution.workers import Workers


def usable_cpus() -> int:
    """Processors that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def computing(threads: int | None = None) -> Iterator[Workers]:
    """Workers on every usable processor, and BLAS kept to the thread that calls it."""
    with threadpool_limits(1, user_api="blas"), Workers(threads or usable_cpus()) as workers:
        yield workers

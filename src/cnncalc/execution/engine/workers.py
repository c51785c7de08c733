"""Threads that share blocks of rows: NumPy releases the interpreter lock while it computes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from itertools import count
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

BLOCK_BYTES = 1 << 18
"""Data of one block: it stays in a core's own cache together with its result."""

WORTH_SHARING = 1 << 21
"""Bytes of work below which waking another thread takes longer than doing it."""

Work = Callable[[slice], None]


class Workers:
    """A fixed number of threads, the caller's included."""

    def __init__(self, threads: int = 1) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        self._cancelled = False
        self._others: list[Thread] = []
        with suppress(RuntimeError):  # the system has no more threads to give
            for _ in range(threads - 1):
                other = Thread(target=self._serve, daemon=True)
                other.start()
                self._others.append(other)
        self.threads = 1 + len(self._others)

    def map_blocks(
        self, rows: int, row_bytes: int, work: Work, block_bytes: int = BLOCK_BYTES, effort: int = 1
    ) -> None:
        """Call `work` for consecutive slices that cover `rows`, on all threads where that pays.

        `effort` is the time of the work, relative to one pass over its bytes.
        """
        shared = self._others and rows * row_bytes * effort >= WORTH_SHARING
        share = -(-rows // self.threads) if shared else rows
        size = max(1, min(share, block_bytes // max(row_bytes, 1)))
        size = -(-share // -(-share // size)) if shared else size  # the same number of blocks for every thread
        blocks = -(-rows // size)
        if blocks <= 1 or not shared:
            for block in range(blocks):
                work(slice(block * size, (block + 1) * size))
            return
        numbers = count()

        def run_blocks() -> None:
            while not self._cancelled and (block := next(numbers)) < blocks:  # from a shared counter
                work(slice(block * size, (block + 1) * size))

        self.run_on_all(run_blocks)

    def run_on_all(self, job: Callable[[], None]) -> None:
        """Run a job on every thread; after an error, no thread begins another block, and it is raised here."""
        self._cancelled = False
        for _ in self._others:
            self._jobs.put(partial(copy_context().run, job))  # `np.errstate` belongs to the context
        failed = self._outcome(job)
        if isinstance(failed, KeyboardInterrupt):  # without waiting for the others
            raise failed
        try:
            for _ in self._others:
                failed = self._done.get() or failed
        except KeyboardInterrupt:
            self._cancelled = True
            raise
        if failed is not None:
            raise failed

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            outcome = self._outcome(job)
            job = None  # it holds arrays, and the next job may be long in coming
            self._done.put(outcome)

    def _outcome(self, job: Callable[[], None]) -> BaseException | None:
        try:
            job()
        except BaseException as error:  # raised again in the calling thread
            self._cancelled = True
            return error
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _ in self._others:
            self._jobs.put(None)

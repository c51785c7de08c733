"""Blocks of rows, worked off by several threads: NumPy lets go of the interpreter while it computes."""

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
"""Data of one block: with what it is turned into, it stays in a core's own cache."""

WORTH_SHARING = 1 << 21
"""Bytes, each worked on once, below which waking another thread takes longer than doing the work."""

Work = Callable[[slice], None]


class Workers:
    """A fixed number of threads, the caller's own among them."""

    def __init__(self, threads: int = 1) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        self._given_up = False
        self._others: list[Thread] = []
        with suppress(RuntimeError):  # the system has no more threads to give
            for _ in range(threads - 1):
                other = Thread(target=self._serve, daemon=True)
                other.start()
                self._others.append(other)
        self.threads = 1 + len(self._others)

    def over(self, rows: int, row_bytes: int, work: Work, block_bytes: int = BLOCK_BYTES, effort: int = 1) -> None:
        """Call `work` for consecutive slices that cover `rows`, on all threads where that pays.

        `effort` is how much more than one pass over its bytes the work is.
        """
        shared = self._others and rows * row_bytes * effort >= WORTH_SHARING
        share = -(-rows // self.threads) if shared else rows
        size = max(1, min(share, block_bytes // max(row_bytes, 1)))
        size = -(-share // -(-share // size)) if shared else size  # as many blocks for one thread as for another
        blocks = -(-rows // size)
        if blocks <= 1 or not shared:
            for block in range(blocks):
                work(slice(block * size, (block + 1) * size))
            return
        numbers = count()

        def some() -> None:
            while not self._given_up and (block := next(numbers)) < blocks:  # a shared count hands each out once
                work(slice(block * size, (block + 1) * size))

        self.together(some)

    def together(self, job: Callable[[], None]) -> None:
        """Run a job on every thread, and raise what any of them raised; others do not begin another block then."""
        self._given_up = False
        for _ in self._others:
            self._jobs.put(partial(copy_context().run, job))  # what NumPy makes of an overflow belongs to the context
        failed = self._outcome(job)
        if isinstance(failed, KeyboardInterrupt):  # whatever the others are at
            raise failed
        try:
            for _ in self._others:
                failed = self._done.get() or failed
        except KeyboardInterrupt:
            self._given_up = True
            raise
        if failed is not None:
            raise failed

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            outcome = self._outcome(job)
            job = None  # which holds the arrays that it worked on, and nothing comes for a while
            self._done.put(outcome)

    def _outcome(self, job: Callable[[], None]) -> BaseException | None:
        try:
            job()
        except BaseException as error:  # raised again in the thread that asked
            self._given_up = True
            return error
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _ in self._others:
            self._jobs.put(None)

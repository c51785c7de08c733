"""Arithmetic that counts what it carries out."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.core.counts import Op, OpCount

Array = NDArray[Any]


class Tally:
    """Array arithmetic, counted by the extents of the arrays that took part; safe to use from several threads.

    Whatever a kernel computes from its input goes through here, so that nothing runs uncounted and nothing is counted
    that did not run. What depends on weights and options alone is computed beside it: a network does that once.
    """

    def __init__(self) -> None:
        self._counts: dict[Op, int] = {}
        self._lock = Lock()

    @property
    def counts(self) -> OpCount:
        """What has been carried out so far."""
        with self._lock:
            return OpCount(self._counts)

    def each(self, op: Op, operation: Any, *operands: Any, out: Array | None = None) -> Array:
        """An element-wise operation: one for every element of the result."""
        result: Array = operation(*operands, out=out)
        self._note(op, result.size)
        return result

    def clip(self, op: Op, x: Array, least: float, most: float, out: Array | None = None) -> Array:
        """Every value brought between two bounds: two comparisons each."""
        result: Array = np.clip(x, least, most, out=out)
        self._note(op, 2 * result.size)
        return result

    def select(self, op: Op, x: Array, otherwise: Array) -> Array:
        """Every value where it is positive, and another where it is not: one comparison each."""
        result = np.where(x > 0, x, otherwise)
        self._note(op, result.size)
        return result

    def reduced(self, op: Op, operation: Any, x: Array, axis: int | tuple[int, ...]) -> Array:
        """A reduction: n values take n − 1 operations."""
        result: Array = operation.reduce(x, axis=axis)
        self._note(op, x.size - result.size)
        return result

    def matmul(self, a: Array, b: Array, out: Array | None = None) -> Array:
        """A matrix product: one multiply-accumulate for every output and every value summed over."""
        result: Array = np.matmul(a, b, out=out)
        self._note(Op.CONTRACTION_MAC, result.size * a.shape[-1])
        return result

    def contract(self, subscripts: str, a: Array, b: Array, out: Array | None = None) -> Array:
        """An Einstein sum of two arrays: one multiply-accumulate for every combination of its indices."""
        result: Array = np.einsum(subscripts, a, b, out=out)
        extents = dict(zip(subscripts.replace(",", "").partition("->")[0], (*a.shape, *b.shape), strict=True))
        combinations = 1
        for extent in extents.values():
            combinations *= extent
        self._note(Op.CONTRACTION_MAC, combinations)
        return result

    def stand_in(self, op: Op, times: int) -> None:
        """Operations that a shorter way comes to the same as, counted by the extents of what they would be done to."""
        self._note(op, times)

    def _note(self, op: Op, times: int) -> None:
        with self._lock:
            self._counts[op] = self._counts.get(op, 0) + times

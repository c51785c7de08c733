"""Arithmetic that counts its operations."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.core.counts import Op, OpCount

Array = NDArray[Any]


class Tally:
    """Array arithmetic that counts its operations by the extents of its operands; thread-safe.

    All that a kernel computes from its input goes through here, so that what is counted is what ran. What depends on
    weights and options alone is not counted: a network computes it once.
    """

    def __init__(self) -> None:
        self._counts: dict[Op, int] = {}
        self._lock = Lock()

    @property
    def counts(self) -> OpCount:
        """The operations so far."""
        with self._lock:
            return OpCount(self._counts)

    def each(self, op: Op, operation: Any, *operands: Any, out: Array | None = None) -> Array:
        """An element-wise operation: one for every element of the result."""
        result: Array = operation(*operands, out=out)
        self._add(op, result.size)
        return result

    def clip(self, op: Op, x: Array, least: float, most: float, out: Array | None = None) -> Array:
        """Values clipped to two bounds: two comparisons each."""
        result: Array = np.clip(x, least, most, out=out)
        self._add(op, 2 * result.size)
        return result

    def select(self, op: Op, x: Array, otherwise: Array) -> Array:
        """Positive values of `x`, and `otherwise` elsewhere: one comparison each."""
        result = np.where(x > 0, x, otherwise)
        self._add(op, result.size)
        return result

    def reduce(self, op: Op, operation: Any, x: Array, axis: int | tuple[int, ...]) -> Array:
        """A reduction: n values take n − 1 operations."""
        result: Array = operation.reduce(x, axis=axis)
        self._add(op, x.size - result.size)
        return result

    def matmul(self, a: Array, b: Array, out: Array | None = None) -> Array:
        """A matrix product: one multiply-accumulate for every output and every value summed over."""
        result: Array = np.matmul(a, b, out=out)
        self._add(Op.CONTRACTION_MAC, result.size * a.shape[-1])
        return result

    def contract(self, subscripts: str, a: Array, b: Array, out: Array | None = None) -> Array:
        """An Einstein sum of two arrays: one multiply-accumulate for every combination of its indices."""
        result: Array = np.einsum(subscripts, a, b, out=out)
        extents = dict(zip(subscripts.replace(",", "").partition("->")[0], (*a.shape, *b.shape), strict=True))
        combinations = 1
        for extent in extents.values():
            combinations *= extent
        self._add(Op.CONTRACTION_MAC, combinations)
        return result

    def record(self, op: Op, times: int) -> None:
        """Count operations that a shorter computation replaces, by the extents that they would have."""
        self._add(op, times)

    def _add(self, op: Op, times: int) -> None:
        with self._lock:
            self._counts[op] = self._counts.get(op, 0) + times

"""What the units of a tensor see of the input, by row; and what comes of it behind a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from cnncalc.core.tensor import Shape
from cnncalc.execution.engine.tally import Array

MOST_VALUES = 1 << 24
"""Values of a layer's inputs in all its disturbances; a layer with more of them is not followed off the grid."""

MOST_MARKS = 4 * MOST_VALUES
"""The same of what it reads or puts out along one axis."""

MANY = 1 << 21
"""Marks of one reading from which on they are gone through one disturbance after the other."""

NEVER = 1 << 31
"""A row beyond every map."""

Spans = tuple[Array, Array]
"""The first and the last row that each of some units sees; of one that sees none, the last comes before the first."""


class Seen:
    """What the units of a tensor see of one axis of the input.

    On the grid there is one unit for every row of the axis; off it, units stand as the values of the tensor do. A
    single unit stands for all of a tensor.
    """

    def __init__(self, first: Array, last: Array, on_grid: bool) -> None:
        if not on_grid and (first == first.flat[0]).all() and (last == last.flat[0]).all():
            first, last = first.ravel()[:1], last.ravel()[:1]
        self.first, self.last, self.on_grid = first, last, on_grid
        self.units: int = first.size

    @classmethod
    def of_all(cls, several: list[Seen]) -> Seen:
        """What the units of several tensors see together, each with those of its own number."""
        if several.count(several[0]) == len(several):
            return several[0]
        first, last = [one.first for one in several], [one.last for one in several]
        return cls(np.minimum.reduce(first), np.maximum.reduce(last), several[0].on_grid)

    @cached_property
    def hull(self) -> tuple[int, int]:
        """The first and the last row that any unit sees."""
        return int(self.first.min()), int(self.last.max())

    @cached_property
    def sees_nothing(self) -> bool:
        """Whether no unit sees any row."""
        unit = self.units // 2
        return bool(self.first.flat[unit] > self.last.flat[unit] and (self.first > self.last).all())

    @cached_property
    def distinct(self) -> Array:
        """(2, n): every span that some unit sees, once."""
        sees = self.first <= self.last
        return _unlike(self.first[sees], self.last[sees])


NOTHING = Seen(np.array([NEVER]), np.array([-NEVER]), False)
"""What is seen behind windows that lie in the padding, wherever they stand."""


class Reading:
    """Which disturbances move each unit of an output: `moved[disturbance, unit]`."""

    def __init__(self, moved: Array, on_grid: bool) -> None:
        self._moved, self.on_grid = moved, on_grid
        rows, units = moved.shape
        copies, rest = divmod(rows, max(1, units))
        one_each = rest == 0 and np.count_nonzero(moved) == rows
        own = np.diagonal(moved.reshape(copies, units, units), axis1=1, axis2=2) if one_each else moved
        self.overlays = copies if one_each and own.all() else 0
        """Of how many tensors each unit moves with the unit of its own number, and with nothing else."""

    @cached_property
    def _by_unit(self) -> tuple[Array, Array, Array | None]:
        """The disturbances of one unit after another, where each unit's begin, and which units move, if not all."""
        by_unit = np.ascontiguousarray(self._moved.T)
        which = np.flatnonzero(by_unit) % max(1, len(self._moved))
        counts = by_unit.sum(axis=1)
        moves = None if counts.all() else counts > 0
        counts = counts if moves is None else counts[moves]
        return which, np.cumsum(counts) - counts, moves

    def seen(self, first: Array, last: Array, shape: Shape = (-1,)) -> Seen:
        """What the units see, from what the rows see that each disturbance disturbs."""
        lowest, highest = self._folded(np.minimum, first, NEVER), self._folded(np.maximum, last, -NEVER)
        return Seen(lowest.reshape(shape), highest.reshape(shape), self.on_grid)

    def _folded(self, ufunc: np.ufunc, ends: Array, nothing: int) -> Array:
        if self._moved.size > MANY:  # whose places would take far more than the marks themselves
            every = np.full(self._moved.shape[1], nothing)
            for moves, end in zip(self._moved, ends.tolist(), strict=True):
                ufunc(every, end, out=every, where=moves)
            return every
        which, starts, moves = self._by_unit
        folded: Array = ufunc.reduceat(ends[which], starts) if len(starts) else ends[:0]
        if moves is None:
            return folded
        every = np.full(len(moves), nothing)
        every[moves] = folded
        return every


class Marks(Protocol):
    """`marks[disturbance, unit]` of one input, of which some disturbances are asked for at a time."""

    def __len__(self) -> int:
        """How many disturbances there are."""

    def __getitem__(self, part: slice, /) -> Array:
        """Some of them."""


@dataclass(frozen=True, eq=False)
class _OfSpans:
    """Units that see from `low` to `high`, each disturbed with those of its own span."""

    low: Array
    high: Array
    spans: Spans

    def __len__(self) -> int:
        return len(self.spans[0])

    def __getitem__(self, part: slice, /) -> Array:
        first, last = (ends[part].reshape(-1, *[1] * self.low.ndim) for ends in self.spans)
        marks: Array = (self.low == first) & (self.high == last)
        return marks


def one_by_one(units: list[int]) -> Sequence[Marks]:
    """Disturbances of every unit of every input in turn: `marks[disturbance, unit]` for each input."""
    every = np.eye(sum(units), dtype=np.float32)
    return [every] if len(units) == 1 else np.split(every, np.cumsum(units)[:-1], axis=1)


def by_span(spans: list[Any], distinct: list[Array]) -> tuple[Sequence[Marks], Spans]:
    """A disturbance of all units of each span; and the spans. Without marks where that comes to too much."""
    first, last = found = _unlike(*np.concatenate(distinct, axis=1))
    if (found.shape[1] + 1) * sum([low.size for low, _ in spans]) > MOST_VALUES:
        return [], (first, last)
    return [_OfSpans(low, high, (first, last)) for low, high in spans], (first, last)


def _unlike(first: Array, last: Array) -> Array:
    """(2, n): spans that are there, each once."""
    return np.stack(np.divmod(np.unique(first * NEVER + last), NEVER))

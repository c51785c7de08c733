"""Spans: the rows of the input that the units of a tensor see, and how they pass through a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from cnncalc.core.tensor import Shape
from cnncalc.execution.engine.tally import Array

MOST_VALUES = 1 << 24
"""Values of a layer's inputs in all perturbations; off the grid, a layer with more is not followed."""

MOST_MASK_VALUES = 4 * MOST_VALUES
"""The same for its inputs or outputs along one axis."""

MANY_MASK_VALUES = 1 << 21
"""Values of a response from which it is reduced one perturbation at a time."""

NEVER = 1 << 31
"""A row beyond every map."""

SpanEnds = tuple[Array, Array]
"""The first and the last row that each unit sees; for a unit that sees none, last < first."""


class UnitSpans:
    """The rows that the units of a tensor see, along one axis of the input.

    On the grid there is one unit for every row of the axis; off it, units have the shape of the tensor. A single unit
    stands for the whole tensor.
    """

    def __init__(self, first: Array, last: Array, on_grid: bool) -> None:
        if not on_grid and (first == first.flat[0]).all() and (last == last.flat[0]).all():
            first, last = first.ravel()[:1], last.ravel()[:1]
        self.first, self.last, self.on_grid = first, last, on_grid
        self.units: int = first.size

    @classmethod
    def union(cls, several: list[UnitSpans]) -> UnitSpans:
        """The spans of several tensors, joined unit by unit."""
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
    def sees_in_part(self) -> bool:
        """Whether some units see rows, and some none."""
        sees = self.first <= self.last
        return bool(sees.any() and not sees.all())

    @cached_property
    def distinct(self) -> Array:
        """(2, n): the spans of the units that see any row, each once."""
        sees = self.first <= self.last
        return _distinct_spans(self.first[sees], self.last[sees])


NOTHING = UnitSpans(np.array([NEVER]), np.array([-NEVER]), False)
"""The spans of units whose windows all lie in the padding."""


class Response:
    """Which perturbations change each unit of an output: `changed[perturbation, unit]`."""

    def __init__(self, changed: Array, on_grid: bool) -> None:
        self._changed, self.on_grid = changed, on_grid
        rows, units = changed.shape
        copies, rest = divmod(rows, max(1, units))
        one_each = rest == 0 and np.count_nonzero(changed) == rows
        own = np.diagonal(changed.reshape(copies, units, units), axis1=1, axis2=2) if one_each else changed
        self.identity_copies = copies if one_each and own.all() else 0
        """The number of inputs, where each output unit depends on just the same unit of every input; else 0."""

    @cached_property
    def _by_unit(self) -> tuple[Array, Array, Array | None]:
        """The perturbations that change each unit, unit by unit; their starts; and which units change, if not all."""
        by_unit = np.ascontiguousarray(self._changed.T)
        which = np.flatnonzero(by_unit) % max(1, len(self._changed))
        counts = by_unit.sum(axis=1)
        moves = None if counts.all() else counts > 0
        counts = counts if moves is None else counts[moves]
        return which, np.cumsum(counts) - counts, moves

    def spans(self, first: Array, last: Array, shape: Shape = (-1,)) -> UnitSpans:
        """The spans of the units, from the spans of the rows that each perturbation changes."""
        lowest, highest = self._reduce(np.minimum, first, NEVER), self._reduce(np.maximum, last, -NEVER)
        return UnitSpans(lowest.reshape(shape), highest.reshape(shape), self.on_grid)

    def _reduce(self, ufunc: np.ufunc, ends: Array, nothing: int) -> Array:
        if self._changed.size > MANY_MASK_VALUES:  # indices would take far more memory than the array
            every = np.full(self._changed.shape[1], nothing)
            for moves, end in zip(self._changed, ends.tolist(), strict=True):
                ufunc(every, end, out=every, where=moves)
            return every
        which, starts, moves = self._by_unit
        folded: Array = ufunc.reduceat(ends[which], starts) if len(starts) else ends[:0]
        if moves is None:
            return folded
        every = np.full(len(moves), nothing)
        every[moves] = folded
        return every


class Masks(Protocol):
    """`masks[perturbation, unit]` of one input, in slices of perturbations."""

    def __len__(self) -> int:
        """The number of perturbations."""

    def __getitem__(self, part: slice, /) -> Array:
        """The masks of some perturbations."""


@dataclass(frozen=True, eq=False)
class _SpanMasks:
    """Masks of units with the spans `low` to `high`; units with equal spans are perturbed together."""

    low: Array
    high: Array
    spans: SpanEnds

    def __len__(self) -> int:
        return len(self.spans[0])

    def __getitem__(self, part: slice, /) -> Array:
        first, last = (ends[part].reshape(-1, *[1] * self.low.ndim) for ends in self.spans)
        masks: Array = (self.low == first) & (self.high == last)
        return masks


def unit_masks(units: list[int]) -> Sequence[Masks]:
    """Masks of perturbations of every unit of every input in turn, for each input."""
    every = np.eye(sum(units), dtype=np.float32)
    return [every] if len(units) == 1 else np.split(every, np.cumsum(units)[:-1], axis=1)


def span_masks(spans: list[Any], distinct: list[Array]) -> tuple[Sequence[Masks], SpanEnds]:
    """Masks of one perturbation per span, and the spans; without masks where they would take too much."""
    first, last = found = _distinct_spans(*np.concatenate(distinct, axis=1))
    if (found.shape[1] + 1) * sum([low.size for low, _ in spans]) > MOST_VALUES:
        return [], (first, last)
    return [_SpanMasks(low, high, (first, last)) for low, high in spans], (first, last)


def _distinct_spans(first: Array, last: Array) -> Array:
    """(2, n): spans, each once."""
    return np.stack(np.divmod(np.unique(first * NEVER + last), NEVER))

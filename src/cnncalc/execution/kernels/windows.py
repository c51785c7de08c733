"""Windows over a padded map, as convolutions and pools read them."""

from collections.abc import Sequence
from copy import copy
from math import prod
from types import SimpleNamespace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnncalc.execution.engine.tally import Array

Margins = list[tuple[int, int]]
"""Rows before and after, for every spatial axis."""


MANY_POSITIONS = 1 << 16
"""Positions of a padded map from which taps that read padding alone are left out."""


class Geometry:
    """Kernel, stride, dilation and margins of a layer's windows per axis, for maps of given extents."""

    def __init__(self, options: SimpleNamespace, spatial: Sequence[int]) -> None:
        self.kernel: tuple[int, ...] = options.kernel_size
        self.stride: tuple[int, ...] = options.kernel_size if options.stride is None else options.stride
        self.dilation: tuple[int, ...] = options.dilation
        self.spans = [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        self.margins = margins_of(options.padding, spatial, self.spans, self.stride)

    def clipped(self, spatial: Sequence[int], margins: Margins) -> tuple["Geometry", Margins]:
        """The same windows without taps that read nothing but padding at every position; one tap at least is left.

        Margins below zero cut rows off the map. Where little would be gained, nothing changes.
        """
        taken, around = copy(self), []
        kernel, spans = [], []
        extents = [before + n + after for n, (before, after) in zip(spatial, margins, strict=True)]
        for n, count, (before, _), k, s, d in zip(
            spatial, self.positions(extents), margins, self.kernel, self.stride, self.dilation, strict=True
        ):
            last = s * (count - 1)
            first = min(max(0, -((last - before) // d)), k - 1)
            end = max(first + 1, min(k, (before + n - 1) // d + 1))
            kernel.append(end - first)
            spans.append((end - first - 1) * d + 1)
            around.append((before - first * d, last + spans[-1] - (before - first * d) - n))
        left = prod(before + n + after for n, (before, after) in zip(spatial, around, strict=True))
        if prod(extents) < MANY_POSITIONS or 2 * left > prod(extents):
            return self, margins
        taken.kernel, taken.spans, taken.margins = tuple(kernel), spans, around
        return taken, around

    def positions(self, spatial: Sequence[int]) -> list[int]:
        """The number of windows along each axis of a padded map."""
        return [
            len(range(0, n - span + 1, step)) for n, span, step in zip(spatial, self.spans, self.stride, strict=True)
        ]

    def windows(self, padded: Array, *, writeable: bool = False) -> Array:
        """Every window of a padded map: (N, *spatial, C) as (N, *positions, *kernel, C), a view."""
        axes = len(self.kernel)
        if max(self.spans) == 1:  # a window of one tap is the position itself
            every = tuple(slice(None, None, stride) for stride in self.stride)
            return padded[(slice(None), *every, *[None] * axes)]
        # the first tap of every window, and all taps of the first window
        corners = padded[
            (slice(None), *(slice(None, 1 - span or None, s) for span, s in zip(self.spans, self.stride, strict=True)))
        ]
        taps = padded[0][tuple(slice(0, span, d) for span, d in zip(self.spans, self.dilation, strict=True))]
        if not all(corners.shape):
            raise ValueError("no window fits")
        shape = (*corners.shape[:-1], *taps.shape)
        return as_strided(corners, shape, (*corners.strides[:-1], *taps.strides), writeable=writeable)


def margins_of(padding: object, spatial: Sequence[int], spans: Sequence[int], stride: Sequence[int]) -> Margins:
    """The `padding` option as rows before and after."""
    if padding == "valid":
        return [(0, 0) for _ in spans]
    if padding == "same":
        return [_same_margins(*axis) for axis in zip(spatial, spans, stride, strict=True)]
    assert isinstance(padding, tuple)
    return [rows if isinstance(rows, tuple) else (rows, rows) for rows in padding]


def _same_margins(size: int, span: int, stride: int) -> tuple[int, int]:
    """Margins with which a window begins at every stride of the axis; an odd row goes to the end."""
    missing = max(0, range(0, size, stride)[-1] + span - size)
    return missing // 2, missing - missing // 2


def ceil_mode_margins(
    margins: Margins, spatial: Sequence[int], spans: Sequence[int], stride: Sequence[int], within: bool
) -> Margins:
    """Margins with one more window for rows left over at the end; `within`: unless it would begin in the end margin."""
    extended = []
    for (before, after), size, span, step in zip(margins, spatial, spans, stride, strict=True):
        start = 0
        while start + span < before + size + after and (start + step < before + size or not within):
            start += step
        extended.append((before, after + max(0, start + span - (before + size + after))))
    return extended


def padded_map(x: Array, margins: Margins, value: float = 0.0) -> Array:
    """A contiguous channels-last map padded with one value: a copy only where that is needed."""
    if not any(map(any, margins)):
        return np.ascontiguousarray(x)
    around = [(0, 0), *margins, (0, 0)]
    y = np.empty([before + n + after for n, (before, after) in zip(x.shape, around, strict=True)], x.dtype)
    parts = [map_rows(n, before, end) for n, (before, _), end in zip(x.shape, around, y.shape, strict=True)]
    y[tuple(there for _, there in parts)] = x[tuple(here for here, _ in parts)]
    for axis, (_, there) in enumerate(parts):
        ends = y.swapaxes(0, axis)
        ends[: there.start] = value
        ends[there.stop :] = value
    return y


def map_rows(size: int, before: int, end: int) -> tuple[slice, slice]:
    """The rows of a map that lie on a padded one with so many rows, and their place on it."""
    first, last = min(max(0, before), end), max(0, min(before + size, end))
    last = max(first, last)
    return slice(first - before, last - before) if last > first else slice(0, 0), slice(first, last)


def sliding_reduction(operation: np.ufunc, x: Array, axis: int, count: int, apart: int) -> Array:
    """A reduction over windows of `count` values, `apart` rows apart, at every position of an axis.

    Runs of 1, 2, 4, ... values are combined from two halves each, and those in the binary digits of `count` form a
    window: the work grows with the number of digits, and sums round as pairwise sums do.
    """
    run = np.moveaxis(x, axis, 0)
    found, width, covered = run, 1, 0
    while True:
        if count & width:
            rest = run[covered * apart :]
            found = operation(found[: len(rest)], rest) if covered else rest
            covered += width
        if covered == count:
            return np.moveaxis(found, 0, axis)
        run = operation(run[: -width * apart], run[width * apart :])
        width *= 2

"""Windows over a padded map, as convolutions and pools read them."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnncalc.execution.engine.tally import Array

Margins = list[tuple[int, int]]
"""Rows before and after, for every spatial axis."""


class Geometry:
    """Kernel, stride, dilation and margins of a layer's windows per axis, for maps of given extents."""

    def __init__(self, options: SimpleNamespace, spatial: Sequence[int]) -> None:
        self.kernel: tuple[int, ...] = options.kernel_size
        self.stride: tuple[int, ...] = options.kernel_size if options.stride is None else options.stride
        self.dilation: tuple[int, ...] = options.dilation
        self.taps = [range(0, k * d, d) for k, d in zip(self.kernel, self.dilation, strict=True)]
        self.spans = [taps[-1] + 1 for taps in self.taps]
        self.margins = margins_of(options.padding, spatial, self.spans, self.stride)

    def positions(self, spatial: Sequence[int]) -> list[int]:
        """The number of windows along each axis of a padded map."""
        return [
            len(range(0, n - span + 1, step)) for n, span, step in zip(spatial, self.spans, self.stride, strict=True)
        ]

    def windows(self, padded: Array) -> Array:
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
        return as_strided(corners, shape, (*corners.strides[:-1], *taps.strides), writeable=False)


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
    y[tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, around, strict=True))] = x
    for axis, (n, (before, _)) in enumerate(zip(x.shape, around, strict=True)):
        ends = y.swapaxes(0, axis)
        ends[:before] = value
        ends[before + n :] = value
    return y


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

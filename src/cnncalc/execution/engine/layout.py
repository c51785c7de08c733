"""Memory layout of arrays: axes are torch's, (N, C, *spatial), but values are stored channels last.

Transposed views cost nothing: a kernel views its input channels last, computes, and views the result channels first.
"""

from __future__ import annotations

import numpy as np

from cnncalc.execution.engine.tally import Array


def with_channels_last(x: Array) -> Array:
    """(N, C, *spatial) as (N, *spatial, C): a view, for kernels that copy every value anyway."""
    return x.transpose(0, *range(2, x.ndim), 1)


def channels_last(x: Array) -> Array:
    """(N, C, *spatial) as (N, *spatial, C), contiguous; copied only if it is stored otherwise."""
    return np.ascontiguousarray(with_channels_last(x))


def channels_first(y: Array) -> Array:
    """(N, *spatial, C) as (N, C, *spatial): a view."""
    return y.transpose(0, -1, *range(1, y.ndim - 1))


def memory_order(x: Array) -> list[int]:
    """The axes in memory order, the slowest first."""
    return sorted(range(x.ndim), key=lambda axis: x.strides[axis], reverse=True)


RUN = 768
"""Values per row of an element-wise operation; with many more, operands shared by all rows leave the L1 cache."""


def positions_per_run(positions: int, channels: int) -> int:
    """How many positions to process as one row: the smallest equal part of a row with `RUN` values, or all of it."""
    return next(n for n in range(1, positions + 1) if n == positions or (positions % n == 0 and n * channels >= RUN))


def rows(x: Array) -> Array:
    """A contiguous array of any rank as a matrix, whose rows are `positions_per_run` positions of one row of a map."""
    return x.reshape(-1, x.shape[-1] if x.ndim < 3 else positions_per_run(*x.shape[-2:]) * x.shape[-1])


def tiled_row(values: Array, times: int) -> Array:
    """The last axis repeated, to match a row of several positions."""
    return values[..., None, :].repeat(times, axis=-2).reshape(*values.shape[:-1], -1)


def owner(x: Array) -> Array:
    """The array that owns the memory of a view."""
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def compact_array(x: Array) -> Array:
    """The array itself if it is contiguous and owns no more memory than it shows, else a copy."""
    return x if x.flags.c_contiguous and owner(x).size == x.size else x.copy()

"""How arrays lie in memory. Axes are torch's, (N, C, *spatial); values lie channels last, as the kernels read them.

A transposed view costs nothing, so a kernel turns its input channels last, works there, and turns the result back.
"""

from __future__ import annotations

import numpy as np

from cnncalc.execution.engine.tally import Array


def with_channels_last(x: Array) -> Array:
    """(N, C, *spatial) as (N, *spatial, C): a view, for kernels that copy every value anyway."""
    return x.transpose(0, *range(2, x.ndim), 1)


def channels_last(x: Array) -> Array:
    """(N, C, *spatial) as (N, *spatial, C), contiguous; copied only where the values do not lie so yet."""
    return np.ascontiguousarray(with_channels_last(x))


def channels_first(y: Array) -> Array:
    """(N, *spatial, C) as (N, C, *spatial): a view."""
    return y.transpose(0, -1, *range(1, y.ndim - 1))


def memory_order(x: Array) -> list[int]:
    """The axes in the order in which they lie in memory, the slowest first."""
    return sorted(range(x.ndim), key=lambda axis: x.strides[axis], reverse=True)


RUN = 768
"""Values worth running through at once; with many more, those that all rows share leave the nearest cache."""


def together(positions: int, channels: int) -> int:
    """How many neighbours to take as one: the smallest equal part of a row that makes up a run, or all of it."""
    return next(n for n in range(1, positions + 1) if n == positions or (positions % n == 0 and n * channels >= RUN))


def rows(x: Array) -> Array:
    """A contiguous array of any rank as rows of some positions laid end to end, all from one row of a map."""
    return x.reshape(-1, x.shape[-1] if x.ndim < 3 else together(*x.shape[-2:]) * x.shape[-1])


def repeated(values: Array, times: int) -> Array:
    """Values over the last axis, laid end to end so many times: what goes along a row of positions."""
    return values[..., None, :].repeat(times, axis=-2).reshape(*values.shape[:-1], -1)


def owner(x: Array) -> Array:
    """The array whose memory a view shows."""
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def cut_out(x: Array) -> Array:
    """A contiguous array with no memory around it: a copy of what is part of another array."""
    return x if x.flags.c_contiguous and owner(x).size == x.size else x.copy()

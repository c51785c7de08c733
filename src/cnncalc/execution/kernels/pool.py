"""Pooling with a moving window: the taps are gathered one offset at a time, for all windows at once."""

from collections.abc import Callable
from itertools import product

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.kernels.windows import Geometry, padded, up_to_the_end
from cnncalc.execution.layout import channels_first, channels_last
from cnncalc.execution.tally import Array
from cnncalc.execution.task import Task

Fill = Callable[[Array, list[Array], slice], None]
"""Writes part of an output, (rows, N, ..., C), from what lies at each tap of its windows, shaped alike."""


def _pooled(task: Task, x: Array, fill: Fill, around: float = 0.0) -> Array:
    """One value for every window, block by block along the first axis of the map."""
    x = channels_last(x)
    geometry, spatial = Geometry(task, x.shape[1:-1]), x.shape[1:-1]
    windows = geometry.windows(padded(x, _margins(task, geometry, spatial), around))
    whole = (slice(None),) * (len(spatial) + 1)
    taps = [windows[whole + tap].swapaxes(0, 1) for tap in product(*map(range, geometry.kernel))]
    y = np.empty(windows.shape[: len(whole)] + x.shape[-1:], x.dtype)
    rows = y.swapaxes(0, 1)
    task.over(rows, lambda part: fill(rows[part], [tap[part] for tap in taps], part))
    return channels_first(y)


def _margins(task: Task, geometry: Geometry, spatial: tuple[int, ...]) -> list[tuple[int, int]]:
    if not task.options.ceil_mode:
        return geometry.margins
    return up_to_the_end(geometry.margins, spatial, geometry.spans, geometry.stride)


def _reduce(task: Task, op: Op, operation: np.ufunc, y: Array, taps: list[Array]) -> None:
    """Fold the taps into the output: k taps take k − 1 operations."""
    if len(taps) == 1:
        y[...] = taps[0]
        return
    task.tally.each(op, operation, taps[0], taps[1], out=y)
    for tap in taps[2:]:
        task.tally.each(op, operation, y, tap, out=y)


def max_pool(task: Task, x: Array) -> Array:
    """The largest value of each window; margins never win."""
    return _pooled(task, x, lambda y, taps, _: _reduce(task, Op.POOL_COMPARE, np.maximum, y, taps), -np.inf)


def max_unpool(task: Task, x: Array, pooled: Array) -> Array:
    """Values put back where the first of the largest stood in each window of what was pooled."""
    values, source = channels_last(x), channels_last(pooled)
    geometry, spatial = Geometry(task, source.shape[1:-1]), source.shape[1:-1]
    margins = _margins(task, geometry, spatial)
    around = padded(source, margins, -np.inf)
    windows = geometry.windows(around)
    found = windows.shape[: len(spatial) + 1]
    if values.shape[:-1] != found:
        raise ValueError(f"{values.shape[:-1]} values do not fill {found} windows")
    y = np.zeros(around.shape, x.dtype)
    sources, targets = [], []
    for tap in product(*map(range, geometry.kernel)):
        every = tuple(
            slice(place * apart, place * apart + step * (count - 1) + 1, step)
            for place, apart, step, count in zip(tap, geometry.dilation, geometry.stride, found[1:], strict=True)
        )
        sources.append(around[(slice(None), *every)].swapaxes(0, 1))
        targets.append(y[(slice(None), *every)].swapaxes(0, 1))
    rows = values.swapaxes(0, 1)

    def work(part: slice) -> None:
        largest = sources[0][part]
        place = np.zeros(largest.shape, np.intp)
        for number, source in enumerate(sources[1:], start=1):
            larger = task.tally.each(Op.POOL_COMPARE, np.greater, source[part], largest)
            largest, place = np.where(larger, source[part], largest), np.where(larger, number, place)
        for number, target in enumerate(targets):
            target[part] = np.where(place == number, rows[part], 0)

    task.over(rows, work)
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(spatial, margins, strict=True))
    return channels_first(y[(slice(None), *inside)].copy())  # whose memory holds no margins


def sum_pool(task: Task, x: Array) -> Array:
    """The sum of each window."""
    return _pooled(task, x, lambda y, taps, _: _reduce(task, Op.POOL_ADD, np.add, y, taps))


def avg_pool(task: Task, x: Array) -> Array:
    """The mean of each window."""
    counts = _counts(task, x)

    def fill(y: Array, taps: list[Array], part: slice) -> None:
        _reduce(task, Op.POOL_ADD, np.add, y, taps)
        task.tally.each(Op.POOL_DIVIDE, np.divide, y, counts[part], out=y)

    return _pooled(task, x, fill)


def _counts(task: Task, x: Array) -> Array:
    """What the mean of each window divides by: its margins count, if wanted; what lies beyond them never does."""
    spatial = x.shape[2:]
    geometry = Geometry(task, spatial)
    counts_margins = getattr(task.options, "count_include_pad", True)
    inside = padded(np.ones((1, *spatial, 1), x.dtype), geometry.margins, float(counts_margins))
    beyond = [
        (0, after - margin)
        for (_, after), (_, margin) in zip(_margins(task, geometry, spatial), geometry.margins, strict=True)
    ]
    windows = geometry.windows(padded(inside, beyond))
    kernel_axes = tuple(range(len(spatial) + 1, 2 * len(spatial) + 1))
    counts: Array = windows.sum(axis=kernel_axes, dtype=x.dtype).swapaxes(0, 1)
    return counts


def lp_pool(task: Task, x: Array) -> Array:
    """The p-th root of the sum of p-th powers of each window."""
    p = task.options.norm_type

    def fill(y: Array, taps: list[Array], _: slice) -> None:
        powers = [task.tally.each(Op.POOL_POWER, np.power, tap, p) for tap in taps]
        _reduce(task, Op.POOL_ADD, np.add, y, powers)
        task.tally.each(Op.POOL_POWER, np.power, y, 1 / p, out=y)

    return _pooled(task, x, fill)


def stochastic_pool(task: Task, x: Array) -> Array:
    """The mean of each window weighted by its own values; zero where the window is."""

    def fill(y: Array, taps: list[Array], _: slice) -> None:
        squares = [task.tally.each(Op.POOL_MULTIPLY, np.multiply, tap, tap) for tap in taps]
        total = np.empty_like(y)
        _reduce(task, Op.POOL_ADD, np.add, total, taps)
        _reduce(task, Op.POOL_ADD, np.add, y, squares)
        task.tally.each(Op.POOL_DIVIDE, np.divide, y, np.where(total == 0, 1, total), out=y)

    return _pooled(task, x, fill)


def mixed_pool(task: Task, x: Array) -> Array:
    """A learned blend a of the largest value and the mean of each window."""
    mix = task.weight("mix", 1)[0]
    counts = _counts(task, x)

    def fill(y: Array, taps: list[Array], part: slice) -> None:
        largest, mean = np.empty_like(y), np.empty_like(y)
        _reduce(task, Op.POOL_COMPARE, np.maximum, largest, taps)
        _reduce(task, Op.POOL_ADD, np.add, mean, [np.where(tap == -np.inf, 0, tap) for tap in taps])
        task.tally.each(Op.POOL_DIVIDE, np.divide, mean, counts[part], out=mean)
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, largest, mix, out=largest)
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, mean, 1 - mix, out=mean)
        task.tally.each(Op.POOL_ADD, np.add, largest, mean, out=y)

    return _pooled(task, x, fill, -np.inf)


def trainable_pool(task: Task, x: Array) -> Array:
    """The sum of each window, times a learned coefficient, plus a learned bias."""
    weight, bias = task.weight("weight", x.shape[1]), task.weight("bias", x.shape[1])

    def fill(y: Array, taps: list[Array], _: slice) -> None:
        _reduce(task, Op.POOL_ADD, np.add, y, taps)
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, y, weight, out=y)
        task.tally.each(Op.BIAS_ADD, np.add, y, bias, out=y)

    return _pooled(task, x, fill)

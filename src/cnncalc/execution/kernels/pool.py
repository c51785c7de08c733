"""Pooling with a moving window: the values of all windows at one tap after another, or runs of them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from math import prod
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last, cut_out, with_channels_last
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch, turned, with_margins
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.windows import Geometry, padded, running, up_to_the_end

MANY_TAPS = 64
"""With more of them, windows are put together of runs along one axis and then along the next."""


class Fold(NamedTuple):
    """One number of each window: what is made of each of its values, and how these are brought together."""

    op: Op
    operation: np.ufunc
    made: Callable[[Tally, Array], Array] = lambda tally, values: values


Finish = Callable[[Sequence[Array], slice], None]
"""Brings part of the numbers of all windows, (rows, N, ..., C), together in the first of them."""


def _pooled(
    task: Task, x: Array, folds: Sequence[Fold], finish: Finish = lambda numbers, part: None, around: float = 0.0
) -> Array:
    """One value for every window, block by block along the first axis of the map."""
    spatial = x.shape[2:]
    geometry = Geometry(task.options, spatial)
    source = padded(with_channels_last(x), _margins(task.options, geometry, spatial), around)
    windows = geometry.windows(source)
    whole = (slice(None),) * (len(spatial) + 1)
    if prod(geometry.kernel) > MANY_TAPS:
        y, *others = (_by_runs(task, fold, source, geometry, windows) for fold in folds)
        every = [each.swapaxes(0, 1) for each in (y, *others)]
        task.over(every[0], lambda part: finish([each[part] for each in every], part))
        return channels_first(y)
    taps = [windows[whole + tap].swapaxes(0, 1) for tap in product(*map(range, geometry.kernel))]
    y = np.empty(windows.shape[: len(whole)] + x.shape[1:2], x.dtype)
    rows = y.swapaxes(0, 1)

    def work(part: slice) -> None:
        numbers = [rows[part], *(np.empty_like(rows[part]) for _ in folds[1:])]
        for fold, number in zip(folds, numbers, strict=True):
            _tap_by_tap(task, fold, number, (fold.made(task.tally, tap[part]) for tap in taps))
        finish(numbers, part)

    task.over(rows, work)
    return channels_first(y)


def _margins(options: SimpleNamespace, geometry: Geometry, spatial: Sequence[int]) -> list[tuple[int, int]]:
    if not options.ceil_mode:
        return geometry.margins
    return up_to_the_end(geometry.margins, spatial, geometry.spans, geometry.stride)


def _tap_by_tap(task: Task, fold: Fold, y: Array, taps: Iterator[Array]) -> None:
    """Fold the taps into the output: k taps take k − 1 operations."""
    first, second = next(taps), next(taps, None)
    if second is None:
        y[...] = first
        return
    task.tally.each(fold.op, fold.operation, first, second, out=y)
    for tap in taps:
        task.tally.each(fold.op, fold.operation, y, tap, out=y)


def _by_runs(task: Task, fold: Fold, source: Array, geometry: Geometry, windows: Array) -> Array:
    """The same of windows with many taps, which share most of what is worked out.

    It stands for what every window does with its own values, and is counted by the extents of these.
    """
    aside = Tally()
    values = fold.made(aside, source)
    for op, times in aside.counts.items():
        task.tally.stand_in(op, times * windows.size // source.size)
    for axis, (count, apart, stride) in enumerate(
        zip(geometry.kernel, geometry.dilation, geometry.stride, strict=True), start=1
    ):
        values = _along(task, fold.operation, values, axis, count, apart, slice(None, None, stride))
    task.tally.stand_in(fold.op, windows.size - values.size)
    return values


def _along(task: Task, operation: np.ufunc, x: Array, axis: int, count: int, apart: int, strided: slice) -> Array:
    """An operation over the windows of one axis, block by block along the longest other."""
    positions = np.empty(x.shape[axis] - (count - 1) * apart)[strided].size
    y = np.empty((*x.shape[:axis], positions, *x.shape[axis + 1 :]), x.dtype)
    across = max((other for other in range(x.ndim) if other != axis), key=lambda other: x.shape[other])
    sources, targets = (np.moveaxis(each, (across, axis), (0, 1)) for each in (x, y))

    def work(part: slice) -> None:
        targets[part] = running(operation, sources[part], 1, count, apart)[:, strided]

    task.over(sources, work)
    return y


def max_pool(task: Task, x: Array) -> Array:
    """The largest value of each window; margins never win."""
    return _pooled(task, x, [Fold(Op.POOL_COMPARE, np.maximum)], around=-np.inf)


def max_unpool(task: Task, x: Array, pooled: Array) -> Array:
    """Values put back where the first of the largest stood in each window of what was pooled."""
    values, source = channels_last(x), channels_last(pooled)
    geometry, spatial = Geometry(task.options, source.shape[1:-1]), source.shape[1:-1]
    margins = _margins(task.options, geometry, spatial)
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
    return channels_first(cut_out(y[(slice(None), *inside)]))  # whose memory holds no margins


def sum_pool(task: Task, x: Array) -> Array:
    """The sum of each window."""
    return _pooled(task, x, [Fold(Op.POOL_ADD, np.add)])


def avg_pool(task: Task, x: Array) -> Array:
    """The mean of each window."""
    counts = _counts(task, x)

    def finish(numbers: Sequence[Array], part: slice) -> None:
        (y,) = numbers
        task.tally.each(Op.POOL_DIVIDE, np.divide, y, _of_rows(counts, part), out=y)

    return _pooled(task, x, [Fold(Op.POOL_ADD, np.add)], finish)


def _counts(task: Task, x: Array) -> list[Array]:
    """What the mean of each window divides by, as a factor for each axis, to go with (rows, N, ..., C).

    Its margins count, if wanted; what lies beyond them never does.
    """
    spatial = x.shape[2:]
    geometry = Geometry(task.options, spatial)
    counts_margins = float(getattr(task.options, "count_include_pad", True))
    factors = []
    for axis, (whole, own) in enumerate(zip(_margins(task.options, geometry, spatial), geometry.margins, strict=True)):
        inside = padded(np.ones((1, spatial[axis], 1), x.dtype), [own], counts_margins)
        inside = padded(inside, [(0, whole[1] - own[1])])
        taken = running(np.add, inside, 1, geometry.kernel[axis], geometry.dilation[axis])
        place = axis + 1 if axis else 0
        factors.append(taken[0, :: geometry.stride[axis], 0].reshape(-1, *[1] * (x.ndim - place - 1)))
    return factors


def _of_rows(counts: list[Array], part: slice) -> Array:
    """The same of some rows, as one number for each window."""
    first, *others = counts
    return prod(others, start=first[part])


def lp_pool(task: Task, x: Array) -> Array:
    """The p-th root of the sum of p-th powers of each window."""
    p = task.options.norm_type
    powers = Fold(Op.POOL_ADD, np.add, lambda tally, values: tally.each(Op.POOL_POWER, np.power, values, p))

    def finish(numbers: Sequence[Array], part: slice) -> None:
        (y,) = numbers
        task.tally.each(Op.POOL_POWER, np.power, y, 1 / p, out=y)

    return _pooled(task, x, [powers], finish)


def stochastic_pool(task: Task, x: Array) -> Array:
    """The mean of each window weighted by its own values; zero where the window is."""
    squares = Fold(Op.POOL_ADD, np.add, lambda tally, values: tally.each(Op.POOL_MULTIPLY, np.multiply, values, values))

    def finish(numbers: Sequence[Array], part: slice) -> None:
        y, total = numbers
        task.tally.each(Op.POOL_DIVIDE, np.divide, y, np.where(total == 0, 1, total), out=y)

    return _pooled(task, x, [squares, Fold(Op.POOL_ADD, np.add)], finish)


def mixed_pool(task: Task, x: Array) -> Array:
    """A learned blend a of the largest value and the mean of each window."""
    mix = task.weight("mix", 1)[0]
    counts = _counts(task, x)
    folds = [
        Fold(Op.POOL_COMPARE, np.maximum),
        Fold(Op.POOL_ADD, np.add, lambda tally, values: np.where(values == -np.inf, 0, values)),
    ]

    def finish(numbers: Sequence[Array], part: slice) -> None:
        y, mean = numbers
        task.tally.each(Op.POOL_DIVIDE, np.divide, mean, _of_rows(counts, part), out=mean)
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, y, mix, out=y)
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, mean, 1 - mix, out=mean)
        task.tally.each(Op.POOL_ADD, np.add, y, mean, out=y)

    return _pooled(task, x, folds, finish, -np.inf)


def trainable_pool(task: Task, x: Array) -> Array:
    """The sum of each window, times a learned coefficient, plus a learned bias."""
    weight, bias = task.weight("weight", x.shape[1]), task.weight("bias", x.shape[1])

    def finish(numbers: Sequence[Array], part: slice) -> None:
        (y,) = numbers
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, y, weight, out=y)
        task.tally.each(Op.BIAS_ADD, np.add, y, bias, out=y)

    return _pooled(task, x, [Fold(Op.POOL_ADD, np.add)], finish)


OF_OTHER_VALUES, OF_TWO_NUMBERS = ("lp", "stochastic", "mixed"), ("stochastic", "mixed")
"""Pools that make something of each value, and pools of two numbers for each window."""


def pool_scratch(e: Extents) -> Scratch:
    """A padded map; of wide windows also what is made of it, and what the runs of one axis leave for the next."""
    (x,), o = e.inputs, e.options
    geometry = Geometry(o, x.shape[2:])
    margins = _margins(o, geometry, x.shape[2:])
    source = with_margins(x, margins)
    block = 6 * e.rows()
    if prod(geometry.kernel) <= MANY_TAPS:
        return Scratch(source, block)
    spatial = [before + n + after for n, (before, after) in zip(x.shape[2:], margins, strict=True)]
    maps = VALUE_BYTES * x.shape[0] * x.shape[1]
    left = geometry.positions(spatial)
    sizes = [maps * prod(left[:axis] + spatial[axis:]) for axis in range(len(spatial) + 1)]  # when so many are done
    block = 4 * max(block, sizes[0] // max(spatial))
    sizes[0] *= e.type.startswith(OF_OTHER_VALUES)
    others = e.output_bytes * e.type.startswith(OF_TWO_NUMBERS)
    return Scratch(source + max(map(sum, pairwise(sizes))) - e.output_bytes + others, block)


def unpool_scratch(e: Extents) -> Scratch:
    """Both inputs with margins around them."""
    _, pooled = e.inputs
    margins = _margins(e.options, Geometry(e.options, pooled.shape[2:]), pooled.shape[2:])
    around = with_margins(pooled, margins)
    return Scratch(turned(e) + around + (around if any(map(any, margins)) else 0), 8 * e.rows())

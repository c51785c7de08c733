"""Pooling with a sliding window: tap by tap over all windows, or by runs of taps."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from math import prod
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last, compact_array, with_channels_last
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch, channels_last_bytes, padded_bytes
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.windows import (
    Geometry,
    Margins,
    ceil_mode_margins,
    map_rows,
    padded_map,
    sliding_reduction,
)

MANY_TAPS = 64
"""Taps from which windows are reduced by `sliding_reduction`, one axis after the other."""


class Fold(NamedTuple):
    """A reduction of each window: a transform of its values, and the operation that reduces them."""

    op: Op
    operation: np.ufunc
    transform: Callable[[Tally, Array], Array] = lambda tally, values: values


Combine = Callable[[Sequence[Array], slice], None]
"""Combines the reductions of some windows, (rows, N, ..., C), in the first of them."""


def _window_pool(
    task: Task, x: Array, folds: Sequence[Fold], combine: Combine = lambda numbers, part: None, around: float = 0.0
) -> Array:
    """One value for every window, block by block along the first axis of the map."""
    spatial = x.shape[2:]
    geometry, margins = _clipped(task.options, spatial)
    source = padded_map(with_channels_last(x), margins, around)
    windows = geometry.windows(source)
    whole = (slice(None),) * (len(spatial) + 1)
    for fold in folds:
        left_out = prod(task.options.kernel_size) - prod(geometry.kernel)
        _record_padding(task, fold, left_out * (windows.size // prod(geometry.kernel)))
    if prod(geometry.kernel) > MANY_TAPS:
        y, *others = (_fold_in_runs(task, fold, source, geometry, windows) for fold in folds)
        every = [each.swapaxes(0, 1) for each in (y, *others)]
        task.map_blocks(every[0], lambda part: combine([each[part] for each in every], part))
        return channels_first(y)
    taps = [windows[whole + tap].swapaxes(0, 1) for tap in product(*map(range, geometry.kernel))]
    y = np.empty(windows.shape[: len(whole)] + x.shape[1:2], x.dtype)
    rows = y.swapaxes(0, 1)

    def work(part: slice) -> None:
        numbers = [rows[part], *(np.empty_like(rows[part]) for _ in folds[1:])]
        for fold, number in zip(folds, numbers, strict=True):
            _fold_taps(task, fold, number, (fold.transform(task.tally, tap[part]) for tap in taps))
        combine(numbers, part)

    task.map_blocks(rows, work)
    return channels_first(y)


def _clipped(options: SimpleNamespace, spatial: Sequence[int]) -> tuple[Geometry, Margins]:
    """The windows of a pool, without taps that read padding alone, and the margins that they need."""
    geometry = Geometry(options, spatial)
    return geometry.clipped(spatial, _margins(options, geometry, spatial))


def _record_padding(task: Task, fold: Fold, values: int) -> None:
    """Count values of padding that are left out as if they were reduced as well."""
    if values:
        aside = Tally()
        fold.transform(aside, np.zeros(1, np.float32))
        for op, times in aside.counts.items():
            task.tally.record(op, times * values)
        task.tally.record(fold.op, values)


def _margins(options: SimpleNamespace, geometry: Geometry, spatial: Sequence[int]) -> list[tuple[int, int]]:
    if not options.ceil_mode:
        return geometry.margins
    within = options.ceil_mode != "caffe" or options.padding == "same" or any(map(any, geometry.margins))
    return ceil_mode_margins(geometry.margins, spatial, geometry.spans, geometry.stride, within)


def _fold_taps(task: Task, fold: Fold, y: Array, taps: Iterator[Array]) -> None:
    """Reduce the taps into the output: k taps take k − 1 operations."""
    first, second = next(taps), next(taps, None)
    if second is None:
        y[...] = first
        return
    task.tally.each(fold.op, fold.operation, first, second, out=y)
    for tap in taps:
        task.tally.each(fold.op, fold.operation, y, tap, out=y)


def _fold_in_runs(task: Task, fold: Fold, source: Array, geometry: Geometry, windows: Array) -> Array:
    """A reduction of windows with many taps, which share partial results.

    It is counted as if every window were reduced on its own.
    """
    aside = Tally()
    values = fold.transform(aside, source)
    for op, times in aside.counts.items():
        task.tally.record(op, times * windows.size // source.size)
    for axis, (count, apart, stride) in enumerate(
        zip(geometry.kernel, geometry.dilation, geometry.stride, strict=True), start=1
    ):
        values = _fold_along(task, fold.operation, values, axis, count, apart, slice(None, None, stride))
    task.tally.record(fold.op, windows.size - values.size)
    return values


def _fold_along(task: Task, operation: np.ufunc, x: Array, axis: int, count: int, apart: int, strided: slice) -> Array:
    """A reduction over the windows of one axis, block by block along the longest other axis."""
    positions = np.empty(x.shape[axis] - (count - 1) * apart)[strided].size
    y = np.empty((*x.shape[:axis], positions, *x.shape[axis + 1 :]), x.dtype)
    across = max((other for other in range(x.ndim) if other != axis), key=lambda other: x.shape[other])
    sources, targets = (np.moveaxis(each, (across, axis), (0, 1)) for each in (x, y))

    def work(part: slice) -> None:
        targets[part] = sliding_reduction(operation, sources[part], 1, count, apart)[:, strided]

    task.map_blocks(sources, work)
    return y


def max_pool(task: Task, x: Array) -> Array:
    """The largest value of each window; padding never wins. Of a window of padding alone, Caffe makes -FLT_MAX."""
    least = float(np.finfo(np.float32).min) if task.options.ceil_mode == "caffe" else -np.inf
    return _window_pool(task, x, [Fold(Op.POOL_COMPARE, np.maximum)], around=least)


def max_unpool(task: Task, x: Array, pooled: Array) -> Array:
    """Values put back at the first maximum of each window of the pooled map."""
    values, source = channels_last(x), channels_last(pooled)
    spatial = source.shape[1:-1]
    geometry, margins = _clipped(task.options, spatial)
    around = padded_map(source, margins, -np.inf)
    windows = geometry.windows(around)
    found = windows.shape[: len(spatial) + 1]
    if values.shape[:-1] != found:
        raise ValueError(f"{values.shape[:-1]} values do not fill {found} windows")
    y = np.zeros(around.shape, x.dtype)
    left_out = prod(task.options.kernel_size) - prod(geometry.kernel)
    task.tally.record(Op.POOL_COMPARE, left_out * values.size)
    put = _put_in_windows if prod(geometry.kernel) > MANY_TAPS else _put_tap_by_tap
    put(task, geometry, values, around, y)
    parts = [map_rows(n, before, end) for n, (before, _), end in zip(spatial, margins, around.shape[1:-1], strict=True)]
    inside = y[(slice(None), *(there for _, there in parts))]
    if inside.shape == source.shape:
        return channels_first(compact_array(inside))  # without the memory of the margins
    whole = np.zeros(source.shape, x.dtype)  # no window reaches the other rows
    whole[(slice(None), *(here for here, _ in parts))] = inside
    return channels_first(whole)


def _put_in_windows(task: Task, geometry: Geometry, values: Array, around: Array, y: Array) -> None:
    """Put values at the first maximum of each window, all taps of a window at once."""
    axes = len(geometry.kernel)
    order = (1, 0, *range(2, axes + 1), 2 * axes + 1, *range(axes + 1, 2 * axes + 1))  # rows, N, ..., C, *kernel
    windows = geometry.windows(around).transpose(order)
    targets = geometry.windows(y, writeable=True).transpose(order)
    rows = values.swapaxes(0, 1)

    def work(part: slice) -> None:
        each = windows[part].reshape(*rows[part].shape, -1)
        task.tally.record(Op.POOL_COMPARE, each.size - rows[part].size)
        place = each.argmax(-1)
        found = np.zeros_like(each)
        np.put_along_axis(found, place[..., None], rows[part][..., None], -1)
        targets[part] = found.reshape(windows[part].shape)

    task.map_blocks(windows, work)


def _put_tap_by_tap(task: Task, geometry: Geometry, values: Array, around: Array, y: Array) -> None:
    """The same, tap by tap over all windows."""
    found = values.shape[:-1]
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

    task.map_blocks(rows, work)


def sum_pool(task: Task, x: Array) -> Array:
    """The sum of each window."""
    return _window_pool(task, x, [Fold(Op.POOL_ADD, np.add)])


def avg_pool(task: Task, x: Array) -> Array:
    """The mean of each window."""
    counts = _divisors(task, x)

    def combine(numbers: Sequence[Array], part: slice) -> None:
        (y,) = numbers
        task.tally.each(Op.POOL_DIVIDE, np.divide, y, _divisors_of_rows(counts, part), out=y)

    return _window_pool(task, x, [Fold(Op.POOL_ADD, np.add)], combine)


def _divisors(task: Task, x: Array) -> list[Array]:
    """The divisor of each window's mean, as a factor for each axis, broadcast to (rows, N, ..., C).

    Padding counts with `count_include_pad`; rows beyond it never count.
    """
    spatial = x.shape[2:]
    geometry = Geometry(task.options, spatial)
    counts_margins = getattr(task.options, "count_include_pad", True)
    factors = []
    for axis, (whole, own) in enumerate(zip(_margins(task.options, geometry, spatial), geometry.margins, strict=True)):
        size, step, apart = spatial[axis], geometry.stride[axis], geometry.dilation[axis]
        padded = sum(whole) + size
        start = step * np.arange((padded - geometry.spans[axis]) // step + 1)
        low, high = (0, sum(own) + size) if counts_margins else (own[0], own[0] + size)
        first = np.maximum(0, -((start - low) // apart))
        taken = np.minimum(geometry.kernel[axis], (high - 1 - start) // apart + 1) - first
        taken = np.maximum(taken, 0).astype(x.dtype)
        left = sum(own) + size - start.astype(x.dtype)
        taken = np.minimum(taken, left)  # zero or less for Caffe's windows beyond the end
        place = axis + 1 if axis else 0
        factors.append(taken.reshape(-1, *[1] * (x.ndim - place - 1)))
    return factors


def _divisors_of_rows(counts: list[Array], part: slice) -> Array:
    """The divisor of each window in some rows."""
    first, *others = counts
    return prod(others, start=first[part])


def lp_pool(task: Task, x: Array) -> Array:
    """The p-th root of the sum of p-th powers of each window."""
    p = task.options.norm_type
    powers = Fold(Op.POOL_ADD, np.add, lambda tally, values: tally.each(Op.POOL_POWER, np.power, values, p))

    def combine(numbers: Sequence[Array], part: slice) -> None:
        (y,) = numbers
        task.tally.each(Op.POOL_POWER, np.power, y, 1 / p, out=y)

    return _window_pool(task, x, [powers], combine)


def stochastic_pool(task: Task, x: Array) -> Array:
    """The mean of each window weighted by its own values; zero for a window of zeros."""
    squares = Fold(Op.POOL_ADD, np.add, lambda tally, values: tally.each(Op.POOL_MULTIPLY, np.multiply, values, values))

    def combine(numbers: Sequence[Array], part: slice) -> None:
        y, total = numbers
        task.tally.each(Op.POOL_DIVIDE, np.divide, y, np.where(total == 0, 1, total), out=y)

    return _window_pool(task, x, [squares, Fold(Op.POOL_ADD, np.add)], combine)


def mixed_pool(task: Task, x: Array) -> Array:
    """A learned blend of the largest value and the mean of each window."""
    mix = task.weight("mix", 1)[0]
    counts = _divisors(task, x)
    folds = [
        Fold(Op.POOL_COMPARE, np.maximum),
        Fold(Op.POOL_ADD, np.add, lambda tally, values: np.where(values == -np.inf, 0, values)),
    ]

    def combine(numbers: Sequence[Array], part: slice) -> None:
        y, mean = numbers
        task.tally.each(Op.POOL_DIVIDE, np.divide, mean, _divisors_of_rows(counts, part), out=mean)
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, y, mix, out=y)
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, mean, 1 - mix, out=mean)
        task.tally.each(Op.POOL_ADD, np.add, y, mean, out=y)

    return _window_pool(task, x, folds, combine, -np.inf)


def trainable_pool(task: Task, x: Array) -> Array:
    """The sum of each window, times a learned coefficient, plus a learned bias."""
    weight, bias = task.weight("weight", x.shape[1]), task.weight("bias", x.shape[1])

    def combine(numbers: Sequence[Array], part: slice) -> None:
        (y,) = numbers
        task.tally.each(Op.POOL_MULTIPLY, np.multiply, y, weight, out=y)
        task.tally.each(Op.BIAS_ADD, np.add, y, bias, out=y)

    return _window_pool(task, x, [Fold(Op.POOL_ADD, np.add)], combine)


OF_OTHER_VALUES, OF_TWO_NUMBERS = ("lp", "stochastic", "mixed"), ("stochastic", "mixed")
"""Pools that transform each value, and pools with two reductions."""


def pool_scratch(e: Extents) -> Scratch:
    """A padded map; for wide windows also its transform, and the results between the axes."""
    (x,), o = e.inputs, e.options
    geometry, margins = _clipped(o, x.shape[2:])
    source = padded_bytes(x, margins)
    block = 6 * e.row_bytes()
    if prod(geometry.kernel) <= MANY_TAPS:
        return Scratch(source, block)
    spatial = [before + n + after for n, (before, after) in zip(x.shape[2:], margins, strict=True)]
    maps = VALUE_BYTES * x.shape[0] * x.shape[1]
    left = geometry.positions(spatial)
    sizes = [
        maps * prod(left[:axis] + spatial[axis:]) for axis in range(len(spatial) + 1)
    ]  # by the number of axes reduced so far
    block = 4 * max(block, sizes[0] // max(spatial))
    sizes[0] *= e.type.startswith(OF_OTHER_VALUES)
    others = e.output_bytes * e.type.startswith(OF_TWO_NUMBERS)
    return Scratch(source + max(map(sum, pairwise(sizes))) - e.output_bytes + others, block)


def unpool_scratch(e: Extents) -> Scratch:
    """Both inputs, padded."""
    _, pooled = e.inputs
    geometry, margins = _clipped(e.options, pooled.shape[2:])
    around = padded_bytes(pooled, margins)
    whole = channels_last_bytes(e) + around + (around if any(map(any, margins)) else 0)
    if prod(geometry.kernel) <= MANY_TAPS:
        return Scratch(whole, 8 * e.row_bytes())
    values = e.inputs[0]
    windows = prod(geometry.kernel) * values.nbytes // values.shape[2]  # of a row; their copy, and what is put back
    return Scratch(whole, 3 * max(e.row_bytes(), windows))

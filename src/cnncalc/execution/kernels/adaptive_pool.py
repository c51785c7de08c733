"""Pooling to a given output size: the map is cut into bins, and every bin is reduced."""

from collections.abc import Iterable, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last
from cnncalc.execution.engine.scratch import Extents, Scratch, channels_last_bytes
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def adaptive_avg_pool(task: Task, x: Array) -> Array:
    """Mean of every bin."""
    return channels_first(bin_pool(task, channels_last(x), _targets(task, x), "avg"))


def adaptive_max_pool(task: Task, x: Array) -> Array:
    """Largest value of every bin."""
    return channels_first(bin_pool(task, channels_last(x), _targets(task, x), "max"))


def global_avg_pool(task: Task, x: Array) -> Array:
    """Mean of the whole map."""
    return _global_pool(task, x, "avg")


def global_max_pool(task: Task, x: Array) -> Array:
    """Largest value of the whole map."""
    return _global_pool(task, x, "max")


def spatial_pyramid_pool(task: Task, x: Array) -> Array:
    """The bins of every level, concatenated."""
    last = channels_last(x)
    levels = [bin_pool(task, last, (level, level), task.options.mode) for level in task.options.levels]
    return np.concatenate([channels_first(level).reshape(len(x), -1) for level in levels], axis=1)


def _targets(task: Task, x: Array) -> list[int]:
    """The number of bins per axis; None stands for one per position."""
    return [n if m is None else m for n, m in zip(x.shape[2:], task.options.output_size, strict=True)]


def _bins(size: int, count: int) -> list[range]:
    """The positions [p, p + 1) that overlap each piece [i·n/m, (i + 1)·n/m) of an even cut of the axis."""
    begins, ends = np.arange(size) * count, np.arange(1, size + 1) * count
    pieces = np.arange(count + 1) * size
    first = np.searchsorted(ends, pieces[:-1], side="right")
    beyond = np.searchsorted(begins, pieces[1:], side="left")
    return [range(*each) for each in zip(first.tolist(), beyond.tolist(), strict=True)]


def bin_pool(task: Task, x: Array, targets: Sequence[int], reduction: str) -> Array:
    """(N, *spatial, C) pooled to (N, *bins, C)."""
    cuts = [_bins(n, m) for n, m in zip(x.shape[1:-1], targets, strict=True)]
    y = np.empty((len(x), *map(len, cuts), x.shape[-1]), x.dtype)
    blocks = y.swapaxes(0, 1)  # along the first spatial axis

    def fill(part: slice) -> None:
        inside = [cuts[0][part], *cuts[1:]]
        taps = prod(max(map(len, cut)) for cut in inside)
        way = _reduce_bin_by_bin if prod(map(len, inside)) <= taps else _reduce_tap_by_tap
        way(task, x, blocks[part].swapaxes(0, 1), inside, reduction)

    task.map_blocks(blocks, fill)
    return y


def _reduce_bin_by_bin(task: Task, x: Array, y: Array, cuts: list[list[range]], reduction: str) -> None:
    """Reduce each of a few bins on its own."""
    axes = tuple(range(1, x.ndim - 1))
    for place in product(*(enumerate(cut) for cut in cuts)):
        at, inside = zip(*place, strict=True)
        bin_of = tuple(slice(each.start, each.stop) for each in inside)
        y[(slice(None), *at)] = _reduction(task, x[(slice(None), *bin_of)], axes, reduction)


def _reduce_tap_by_tap(task: Task, x: Array, y: Array, cuts: list[list[range]], reduction: str) -> None:
    """Reduce many small bins, those of one size at once: the first value of each, the next of each, ..."""
    sizes = [sorted(set(map(len, cut))) for cut in cuts]
    for size in product(*sizes):
        places = [np.flatnonzero([len(each) == extent for each in cut]) for cut, extent in zip(cuts, size, strict=True)]
        begins = [np.array([each.start for each in cut])[place] for cut, place in zip(cuts, places, strict=True)]
        op, operation = (Op.POOL_COMPARE, np.maximum) if reduction == "max" else (Op.POOL_ADD, np.add)
        found = None
        for tap in product(*map(range, size)):
            at = (begin + offset for begin, offset in zip(begins, tap, strict=True))
            values = x[_index(at)]
            found = values if found is None else task.tally.each(op, operation, found, values, out=found)
        if reduction != "max":
            task.tally.each(Op.POOL_DIVIDE, np.divide, found, prod(size), out=found)
        y[_index(places)] = found


def _index(places: Iterable[Array]) -> tuple[Any, ...]:
    """An index of (N, *spatial, C) at these places of every spatial axis."""
    return (slice(None), *np.ix_(*places))


def _global_pool(task: Task, x: Array, reduction: str) -> Array:
    """The whole map of every channel as one bin."""
    axes = tuple(range(2, x.ndim))
    y = _reduction(task, x, axes, reduction)
    return np.expand_dims(y, axes) if task.options.keepdim else y


def _reduction(task: Task, x: Array, axes: tuple[int, ...], reduction: str) -> Array:
    if reduction == "max":
        return task.tally.reduce(Op.POOL_COMPARE, np.maximum, x, axes)
    total = task.tally.reduce(Op.POOL_ADD, np.add, x, axes)
    return task.tally.each(Op.POOL_DIVIDE, np.divide, total, x.size // total.size, out=total)


def pyramid_scratch(e: Extents) -> Scratch:
    """Every level, and their concatenation."""
    return Scratch(channels_last_bytes(e) + 2 * e.output_bytes, 4 * e.row_bytes())

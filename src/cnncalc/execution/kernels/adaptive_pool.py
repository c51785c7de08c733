"""Pooling to a given size: the map cut into bins, and every bin reduced."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.layout import channels_first, channels_last
from cnncalc.execution.tally import Array
from cnncalc.execution.task import Task


def adaptive_avg_pool(task: Task, x: Array) -> Array:
    """Mean of every bin."""
    return channels_first(in_bins(task, channels_last(x), _targets(task, x), "avg"))


def adaptive_max_pool(task: Task, x: Array) -> Array:
    """Largest value of every bin."""
    return channels_first(in_bins(task, channels_last(x), _targets(task, x), "max"))


def global_avg_pool(task: Task, x: Array) -> Array:
    """Mean of the whole map."""
    return _over_the_map(task, x, "avg")


def global_max_pool(task: Task, x: Array) -> Array:
    """Largest value of the whole map."""
    return _over_the_map(task, x, "max")


def spatial_pyramid_pool(task: Task, x: Array) -> Array:
    """The bins of every level, laid end to end."""
    last = channels_last(x)
    levels = [in_bins(task, last, (level, level), task.options.mode) for level in task.options.levels]
    return np.concatenate([channels_first(level).reshape(len(x), -1) for level in levels], axis=1)


def _targets(task: Task, x: Array) -> list[int]:
    """Bins per axis; None is one for every position."""
    return [n if m is None else m for n, m in zip(x.shape[2:], task.options.output_size, strict=True)]


def _bins(size: int, count: int) -> list[slice]:
    """The positions [p, p + 1) that overlap each piece [i·n/m, (i + 1)·n/m) of an even cut of the axis."""
    positions = np.arange(size)
    bins = []
    for i in range(count):
        inside = np.nonzero(((positions + 1) * count > i * size) & (positions * count < (i + 1) * size))[0]
        bins.append(slice(int(inside[0]), int(inside[-1]) + 1))
    return bins


def in_bins(task: Task, x: Array, targets: Sequence[int], reduction: str) -> Array:
    """(N, *spatial, C) as (N, *bins, C)."""
    cuts = [_bins(n, m) for n, m in zip(x.shape[1:-1], targets, strict=True)]
    y = np.empty((len(x), *map(len, cuts), x.shape[-1]), x.dtype)
    axes = tuple(range(1, x.ndim - 1))
    blocks = y.swapaxes(0, 1)  # along the first spatial axis

    def fill(part: slice) -> None:
        target = blocks[part].swapaxes(0, 1)
        places = product(*(enumerate(cut) for cut in (cuts[0][part], *cuts[1:])))
        for place in places:
            at, inside = zip(*place, strict=True)
            target[(slice(None), *at)] = _reduced(task, x[(slice(None), *inside)], axes, reduction)

    task.over(blocks, fill)
    return y


def _over_the_map(task: Task, x: Array, reduction: str) -> Array:
    """The whole map of every channel as one bin."""
    axes = tuple(range(2, x.ndim))
    y = _reduced(task, x, axes, reduction)
    return np.expand_dims(y, axes) if task.options.keepdim else y


def _reduced(task: Task, x: Array, axes: tuple[int, ...], reduction: str) -> Array:
    if reduction == "max":
        return task.tally.reduced(Op.POOL_COMPARE, np.maximum, x, axes)
    total = task.tally.reduced(Op.POOL_ADD, np.add, x, axes)
    return task.tally.each(Op.POOL_DIVIDE, np.divide, total, x.size // total.size, out=total)

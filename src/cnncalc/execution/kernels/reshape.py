"""Layers that move, cut or relabel values; views where torch has views."""

from collections.abc import Sequence

import numpy as np

from cnncalc.execution.engine.layout import channels_first, channels_last
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task

NUMPY_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def identity(task: Task, x: Array) -> Array:
    """The input itself."""
    return x


def flatten(task: Task, x: Array) -> Array:
    """Some axes flattened into one."""
    first, last = _after_batch(task.options.start_dim), _after_batch(task.options.end_dim) % x.ndim
    return x.reshape(*x.shape[:first], -1, *x.shape[last + 1 :])


def reshape(task: Task, x: Array) -> Array:
    """The same values under another shape."""
    return x.reshape(len(x), *task.options.shape)


def permute(task: Task, x: Array) -> Array:
    """The axes in another order."""
    return x.transpose(0, *map(_after_batch, task.options.dims))


def part(task: Task, x: Array) -> Array:
    """Part of one axis."""
    options = task.options
    axis = _after_batch(options.dim) % x.ndim
    return x[(*[slice(None)] * axis, slice(options.start, options.end, options.step))]


def pad(task: Task, x: Array) -> Array:
    """The map padded with one value, or with values of the map."""
    options = task.options
    axes = range(1, x.ndim - 1) if options.dims is None else [dim % (x.ndim - 1) for dim in options.dims]
    around = [(0, 0)] * x.ndim  # of the channels last
    for axis, rows in zip(axes, _margin_pairs(options.padding, len(axes)), strict=True):
        around[axis or -1] = rows
    last = channels_last(x)
    if options.mode == "constant":
        return channels_first(np.pad(last, around, constant_values=options.value))
    mode = NUMPY_MODES[options.mode]
    return channels_first(np.pad(last, around, mode=mode))  # type: ignore[call-overload,unused-ignore]


def crop(task: Task, x: Array) -> Array:
    """The map without its borders."""
    spatial = x.shape[2:]
    if task.options.margin is not None:
        cut = _margin_pairs(task.options.margin, len(spatial))
    else:
        wanted = [left for left, _ in _margin_pairs(task.options.size, len(spatial))]
        missing = [n - left for n, left in zip(spatial, wanted, strict=True)]
        cut = [(rows // 2, rows - rows // 2) for rows in missing]
    inside = (slice(before, n - after) for n, (before, after) in zip(spatial, cut, strict=True))
    return x[(slice(None), slice(None), *inside)]


def crop_like(task: Task, x: Array, like: Array) -> Array:
    """Part of a map with the extents of another, at its centre or at an offset."""
    inside = []
    for axis, (n, left) in enumerate(zip(x.shape[2:], like.shape[2:], strict=True)):
        before = (n - left) // 2
        if task.options.offset is not None:
            before = task.options.offset[axis if len(task.options.offset) > 1 else 0]
        inside.append(slice(before, before + left))
    return x[(slice(None), slice(None), *inside)]


def roll(task: Task, x: Array) -> Array:
    """The values moved on along some axes."""
    return np.roll(x, task.options.shifts, tuple(map(_after_batch, task.options.dims)))


def channel_shuffle(task: Task, x: Array) -> Array:
    """Channels interleaved over the groups."""
    last = channels_last(x)
    y = np.empty_like(last)
    groups = task.options.groups
    width = x.shape[1] // groups
    sources, targets = last.reshape(-1, groups, width), y.reshape(-1, width, groups)

    def fill(rows: slice) -> None:
        targets[rows] = sources[rows].swapaxes(1, 2)

    task.map_blocks(targets, fill)
    return channels_first(y)


def pixel_shuffle(task: Task, x: Array) -> Array:
    """Channels rearranged as pixels."""
    r = task.options.upscale_factor
    last = channels_last(x)
    pixels = last.reshape(*last.shape[:3], -1, r, r)
    y = pixels.transpose(0, 1, 4, 2, 5, 3).copy()
    n, h, down, w, across, channels = y.shape
    return channels_first(y.reshape(n, h * down, w * across, channels))


def _after_batch(dim: int) -> int:
    """An axis counted with the batch axis; axes counted from the end stay."""
    return dim + 1 if dim >= 0 else dim


def _margin_pairs(given: Sequence[int | tuple[int, int]], axes: int) -> list[tuple[int, int]]:
    """(before, after) for every axis."""
    pairs = [rows if isinstance(rows, tuple) else (rows, rows) for rows in given]
    return pairs * axes if len(pairs) == 1 else pairs

"""Transposed convolution: every input value times the kernel, summed at its place on a larger map."""

from collections.abc import Sequence
from itertools import product
from math import prod
from types import SimpleNamespace
from typing import Any

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last, compact_array
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch, channels_last_bytes
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import PRODUCT, Task
from cnncalc.execution.kernels.windows import margins_of

BLOCK_BYTES = 1 << 21
"""Bytes of values or of a kernel, with their products, that are computed at once."""


def transposed_convolution(task: Task, x: Array) -> Array:
    """A map spread by the stride, each value times the kernel, with overlaps summed and margins cropped."""
    o = task.options
    x = channels_last(x)
    places = [range(0, n * s, s) for n, s in zip(x.shape[1:-1], o.stride, strict=True)]
    taps = [range(0, k * d, d) for k, d in zip(o.kernel_size, o.dilation, strict=True)]
    reached = [place[-1] + tap[-1] + 1 for place, tap in zip(places, taps, strict=True)]
    frame = _frame(o, reached, x.shape[1:-1])
    grown = [(max(0, before), max(0, after)) for before, after in frame]
    extents = [before + n + after for n, (before, after) in zip(reached, grown, strict=True)]
    canvas = np.zeros((len(x), *extents, o.out_channels), x.dtype)
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(reached, grown, strict=True))
    _scatter(task, x, canvas[(slice(None), *inside)], taps)
    kept = tuple(slice(max(0, -before), n - max(0, -after)) for n, (before, after) in zip(extents, frame, strict=True))
    y = compact_array(canvas[(slice(None), *kept)])
    if o.bias:
        task.tally.each(Op.BIAS_ADD, np.add, y, task.weight("bias", o.out_channels), out=y)
    return channels_first(y)


def _scatter(task: Task, x: Array, canvas: Array, taps: Sequence[range]) -> None:
    """Add every value times the kernel to the canvas."""
    o = task.options
    width = canvas.shape[-1] // o.groups
    weight = task.weight("weight", x.shape[-1], width, *o.kernel_size)
    way = _scatter_by_position if prod(x.shape[1:-1]) < prod(o.kernel_size) else _scatter_by_tap
    for part, out, kernels in zip(
        np.split(x, o.groups, axis=-1), np.split(canvas, o.groups, axis=-1), np.split(weight, o.groups), strict=True
    ):
        way(task, part, out, kernels, taps)


def _scatter_by_tap(task: Task, x: Array, canvas: Array, kernels: Array, taps: Sequence[range]) -> None:
    """Add the products of one tap after another, for all positions at once: they lie a stride apart."""
    sources = x.swapaxes(0, 1)  # along the first spatial axis
    for tap in product(*map(range, task.options.kernel_size)):
        start = [offsets[t] for offsets, t in zip(taps, tap, strict=True)]
        strided = tuple(
            slice(at, at + (n - 1) * s + 1, s)
            for at, n, s in zip(start, x.shape[1:-1], task.options.stride, strict=True)
        )
        targets = canvas[(slice(None), *strided)].swapaxes(0, 1)
        at: Any = (slice(None), slice(None), *tap)
        through = kernels[at]

        def work(part: slice, targets: Array = targets, through: Array = through) -> None:
            columns = sources[part].reshape(-1, len(through))
            grown = task.tally.matmul(columns, through)
            targets[part] += grown.reshape(targets[part].shape)  # the add of these multiply-adds

        task.workers.map_blocks(len(sources), sources[0].nbytes + targets[0].nbytes, work, BLOCK_BYTES, PRODUCT)


def _scatter_by_position(task: Task, x: Array, canvas: Array, kernels: Array, taps: Sequence[range]) -> None:
    """Add the products of one position after another, for the whole kernel at once."""
    by_tap = kernels.transpose(*range(2, kernels.ndim), 1, 0)  # its memory order
    for place in np.ndindex(x.shape[1:-1]):
        start = [at * s for at, s in zip(place, task.options.stride, strict=True)]
        every = tuple(
            slice(at + offsets.start, at + offsets.stop, offsets.step) for at, offsets in zip(start, taps, strict=True)
        )
        targets, values = canvas[(slice(None), *every)].swapaxes(0, 1), x[(slice(None), *place)].T

        def work(part: slice, targets: Array = targets, values: Array = values) -> None:
            grown = task.tally.matmul(by_tap[part].reshape(-1, len(values)), values)
            grown = grown.reshape(-1, *targets.shape[2:], len(x))
            targets[part] += np.moveaxis(grown, -1, 1)

        task.workers.map_blocks(len(by_tap), by_tap[0].nbytes + targets[0].nbytes, work, BLOCK_BYTES, PRODUCT)


def _frame(o: SimpleNamespace, reached: Sequence[int], spatial: Sequence[int]) -> list[tuple[int, int]]:
    """Rows to add before and after the canvas, for every axis; negative ones are cropped."""
    if o.padding == "same":  # one stride of output for every input position
        over = [size - n * s for size, n, s in zip(reached, spatial, o.stride, strict=True)]
        cut = [(extra // 2, extra - extra // 2) if extra > 0 else (0, extra) for extra in over]
    else:
        cut = margins_of(o.padding, spatial, reached, o.stride)
    return [(-before, extra - after) for (before, after), extra in zip(cut, o.output_padding, strict=True)]


def transposed_convolution_scratch(e: Extents) -> Scratch:
    """The canvas, where the output is cropped from it."""
    (x,), o = e.inputs, e.options
    reached = [
        (n - 1) * s + (k - 1) * d + 1
        for n, s, k, d in zip(x.shape[2:], o.stride, o.kernel_size, o.dilation, strict=True)
    ]
    frame = _frame(o, reached, x.shape[2:])
    grown = [n + max(0, before) + max(0, after) for n, (before, after) in zip(reached, frame, strict=True)]
    canvas = VALUE_BYTES * e.output[0] * e.output[1] * prod(grown)
    return Scratch(
        channels_last_bytes(e) + (canvas if min(map(min, frame)) < 0 else 0), 2 * max(BLOCK_BYTES, e.row_bytes())
    )

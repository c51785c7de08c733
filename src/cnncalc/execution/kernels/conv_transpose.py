"""Transposed convolution: every input value laid down, times its kernel, at its place on a larger map."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.kernels.windows import margins_of
from cnncalc.execution.layout import channels_first, channels_last
from cnncalc.execution.tally import Array
from cnncalc.execution.task import Task


def transposed_convolution(task: Task, x: Array) -> Array:
    """A map spread out by the stride, each value through its kernel, overlaps summed, and the margins cut off."""
    o = task.options
    x = channels_last(x)
    places = [range(0, n * s, s) for n, s in zip(x.shape[1:-1], o.stride, strict=True)]
    taps = [range(0, k * d, d) for k, d in zip(o.kernel_size, o.dilation, strict=True)]
    reached = [place[-1] + tap[-1] + 1 for place, tap in zip(places, taps, strict=True)]
    canvas = np.zeros((len(x), *reached, o.out_channels), x.dtype)
    _lay_down(task, x, canvas, taps)
    y = _framed(canvas, _frame(task, reached, x.shape[1:-1]))
    if o.bias:
        task.tally.each(Op.BIAS_ADD, np.add, y, task.weight("bias", o.out_channels), out=y)
    return channels_first(y)


def _lay_down(task: Task, x: Array, canvas: Array, taps: Sequence[range]) -> None:
    o = task.options
    inputs = np.split(x, o.groups, axis=-1)
    outputs = np.split(canvas, o.groups, axis=-1)
    width = outputs[0].shape[-1]
    weight = task.weight("weight", x.shape[-1], width, *o.kernel_size)
    for part, out, kernels in zip(inputs, outputs, np.split(weight, o.groups), strict=True):
        columns = np.ascontiguousarray(part).reshape(-1, part.shape[-1])
        for tap in product(*map(range, o.kernel_size)):
            start = [offsets[t] for offsets, t in zip(taps, tap, strict=True)]
            strided = tuple(
                slice(at, at + (n - 1) * s + 1, s) for at, n, s in zip(start, x.shape[1:-1], o.stride, strict=True)
            )
            through: Any = (slice(None), slice(None), *tap)
            grown = task.tally.matmul(columns, kernels[through])
            out[(slice(None), *strided)] += grown.reshape(*x.shape[:-1], width)  # the add of these multiply-adds


def _frame(task: Task, reached: Sequence[int], spatial: Sequence[int]) -> list[tuple[int, int]]:
    """Rows that the output has before and after what was reached, for every axis; fewer than none are cut off."""
    o = task.options
    if o.padding == "same":  # one stride of output for every input position
        over = [size - n * s for size, n, s in zip(reached, spatial, o.stride, strict=True)]
        cut = [(extra // 2, extra - extra // 2) if extra > 0 else (0, extra) for extra in over]
    else:
        cut = margins_of(o.padding, spatial, reached, o.stride)
    return [(-before, extra - after) for (before, after), extra in zip(cut, o.output_padding, strict=True)]


def _framed(canvas: Array, frame: list[tuple[int, int]]) -> Array:
    """The canvas with rows of zeros added or rows cut off, in memory of its own."""
    if not any(map(any, frame)):
        return canvas
    grown = np.pad(canvas, [(0, 0), *((max(0, before), max(0, after)) for before, after in frame), (0, 0)])
    kept = tuple(
        slice(max(0, -before), n - max(0, -after)) for n, (before, after) in zip(grown.shape[1:-1], frame, strict=True)
    )
    kept_rows: Array = grown[(slice(None), *kept)].copy()
    return kept_rows

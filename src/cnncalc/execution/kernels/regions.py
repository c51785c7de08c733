"""Regions of interest, at fixed places: a network takes them as data, which a description does not have."""

from fractions import Fraction

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch, channels_last_bytes
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.adaptive_pool import bin_pool
from cnncalc.execution.kernels.upsample import Sampling, interpolate, sampling

STEPS = (Fraction(34, 55), Fraction(12, 29))
"""Steps between regions, down and across, as parts of the room that they have: spread out and never repeated."""

POINTS_BYTES = 1 << 20
"""Bytes of sampled values that are computed at once."""


def span(region: int, size: int, step: Fraction) -> tuple[Fraction, Fraction]:
    """Start and length of a region along an axis: half the axis, but at least one pixel."""
    length = max(Fraction(size, 2), Fraction(1))
    return region * step % 1 * (size - length), length


def roi_align(task: Task, *maps: Array) -> Array:
    """The mean of sampled points in every bin of every region; regions read the maps in turn."""
    options, sources = task.options, [channels_last(x) for x in maps]
    ratio, (height, width) = options.sampling_ratio, options.output_size
    images, channels = len(sources[0]), sources[0].shape[-1]
    y = np.empty((images, options.regions, height, width, channels), sources[0].dtype)
    by_region = y.swapaxes(0, 1)
    at_once = max(1, POINTS_BYTES // (images * ratio * width * ratio * channels * y.itemsize))  # rows of bins

    def fill(part: slice) -> None:
        for region in range(options.regions)[part]:
            x = sources[region % len(sources)]
            down, across = (
                _points(*span(region, size, step), bins * ratio, size)
                for size, bins, step in zip(x.shape[1:3], options.output_size, STEPS, strict=True)
            )
            for first in range(0, height, at_once):
                out = by_region[region, :, first : first + at_once]
                rows = down.part(slice(first * ratio, (first + at_once) * ratio))
                values = np.empty((images, len(rows.low), len(across.low), channels), x.dtype)
                interpolate(task, values, x, (rows, across))
                binned = values.reshape(images, -1, ratio, width, ratio, channels)
                total = task.tally.reduce(Op.POOL_ADD, np.add, binned, (2, 4))
                task.tally.each(Op.POOL_DIVIDE, np.divide, total, ratio * ratio, out=out)

    task.map_blocks(by_region, fill)
    return channels_first(y.reshape(-1, height, width, channels))


def _points(start: Fraction, length: Fraction, points: int, size: int) -> Sampling:
    """Points at the centres of equal pieces of a length."""
    return sampling(start + length / (2 * points), length / points, points, size)


def roi_pool(task: Task, x: Array) -> Array:
    """The largest value of every bin of every region; each region is the whole map."""
    last = channels_last(x)
    targets = [n if m is None else m for n, m in zip(x.shape[2:], task.options.output_size, strict=True)]
    y = np.empty((len(x), task.options.regions, *targets, x.shape[1]), x.dtype)
    for region in range(task.options.regions):
        y[:, region] = bin_pool(task, last, targets, "max")
    return channels_first(y.reshape(-1, *y.shape[2:]))


def align_scratch(e: Extents) -> Scratch:
    """The values at some points of a region, and their neighbours."""
    o = e.options
    row = VALUE_BYTES * e.inputs[0].shape[0] * o.sampling_ratio**2 * e.output[1] * e.output[3]
    return Scratch(channels_last_bytes(e), 4 * max(POINTS_BYTES, row))


def pool_scratch(e: Extents) -> Scratch:
    """The bins of one region."""
    return Scratch(channels_last_bytes(e) + e.output_bytes // e.options.regions, 4 * e.row_bytes())

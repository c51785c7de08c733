"""Regions cut out of maps, at places that are fixed here: where they lie is data, and there is none."""

from fractions import Fraction

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch, turned
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.adaptive_pool import in_bins
from cnncalc.execution.kernels.upsample import Axis, along, between

STEPS = (Fraction(34, 55), Fraction(12, 29))
"""How far regions lie from each other, down and across, in parts of the room they have: spread, and none twice."""

POINTS_BYTES = 1 << 20
"""Values at the points of a region that are worked out at once."""


def span(region: int, size: int, step: Fraction) -> tuple[Fraction, Fraction]:
    """Where a region begins on an axis, and how long it is: half the axis, but no less than a pixel."""
    length = max(Fraction(size, 2), Fraction(1))
    return region * step % 1 * (size - length), length


def roi_align(task: Task, *maps: Array) -> Array:
    """Means of points in the bins of regions, which read the maps in turn."""
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
                rows = down.of(slice(first * ratio, (first + at_once) * ratio))
                values = np.empty((images, len(rows.low), len(across.low), channels), x.dtype)
                between(task, values, x, (rows, across))
                binned = values.reshape(images, -1, ratio, width, ratio, channels)
                total = task.tally.reduced(Op.POOL_ADD, np.add, binned, (2, 4))
                task.tally.each(Op.POOL_DIVIDE, np.divide, total, ratio * ratio, out=out)

    task.over(by_region, fill)
    return channels_first(y.reshape(-1, height, width, channels))


def _points(start: Fraction, length: Fraction, points: int, size: int) -> Axis:
    """Points in the middle of equal pieces of a length."""
    return along(start + length / (2 * points), length / points, points, size)


def roi_pool(task: Task, x: Array) -> Array:
    """The largest value of every bin of regions, each as large as the map."""
    last = channels_last(x)
    targets = [n if m is None else m for n, m in zip(x.shape[2:], task.options.output_size, strict=True)]
    y = np.empty((len(x), task.options.regions, *targets, x.shape[1]), x.dtype)
    for region in range(task.options.regions):
        y[:, region] = in_bins(task, last, targets, "max")
    return channels_first(y.reshape(-1, *y.shape[2:]))


def align_scratch(e: Extents) -> Scratch:
    """The values at some points of a region, and those of their neighbours."""
    o = e.options
    row = VALUE_BYTES * e.inputs[0].shape[0] * o.sampling_ratio**2 * e.output[1] * e.output[3]
    return Scratch(turned(e), 4 * max(POINTS_BYTES, row))


def pool_scratch(e: Extents) -> Scratch:
    """The bins of one region."""
    return Scratch(turned(e) + e.output_bytes // e.options.regions, 4 * e.rows())

"""Regions cut out of maps, at places that are fixed here: where they lie is data, and there is none."""

from fractions import Fraction

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.kernels.adaptive_pool import in_bins
from cnncalc.execution.kernels.upsample import along, between
from cnncalc.execution.layout import channels_first, channels_last
from cnncalc.execution.tally import Array
from cnncalc.execution.task import Task

STEPS = (Fraction(34, 55), Fraction(12, 29))
"""How far regions lie from each other, down and across, in parts of the room they have: spread, and none twice."""


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

    def fill(part: slice) -> None:
        for region in range(options.regions)[part]:
            x = sources[region % len(sources)]
            axes = []
            for size, bins, step in zip(x.shape[1:3], options.output_size, STEPS, strict=True):
                start, length = span(region, size, step)
                points = bins * ratio
                axes.append(along([start + (2 * i + 1) * length / (2 * points) for i in range(points)], size))
            values = np.empty((images, height * ratio, width * ratio, channels), x.dtype)
            between(task, values, x, tuple(axes))
            binned = values.reshape(images, height, ratio, width, ratio, channels)
            total = task.tally.reduced(Op.POOL_ADD, np.add, binned, (2, 4))
            task.tally.each(Op.POOL_DIVIDE, np.divide, total, ratio * ratio, out=by_region[region])

    task.over(by_region, fill)
    return channels_first(y.reshape(-1, height, width, channels))


def roi_pool(task: Task, x: Array) -> Array:
    """The largest value of every bin of regions, each as large as the map."""
    last = channels_last(x)
    targets = [n if m is None else m for n, m in zip(x.shape[2:], task.options.output_size, strict=True)]
    y = np.empty((len(x), task.options.regions, *targets, x.shape[1]), x.dtype)
    for region in range(task.options.regions):
        y[:, region] = in_bins(task, last, targets, "max")
    return channels_first(y.reshape(-1, *y.shape[2:]))

"""Windows laid out as columns, and columns added up to a map."""

from itertools import product

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import compact_array, with_channels_last
from cnncalc.execution.engine.scratch import Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.windows import Geometry, padded_map


def unfold(task: Task, x: Array) -> Array:
    """Every window as a column."""
    geometry = Geometry(task.options, ())
    windows = geometry.windows(padded_map(with_channels_last(x), geometry.margins))  # (N, rows, columns, *kernel, C)
    ordered = np.array(windows.transpose(0, 5, 3, 4, 1, 2), order="C")
    return ordered.reshape(len(x), -1, windows.shape[1] * windows.shape[2])


def fold(task: Task, x: Array) -> Array:
    """Columns added up to a map, tap by tap."""
    o = task.options
    geometry = Geometry(o, ())
    extents = [n + 2 * rows for n, rows in zip(o.output_size, o.padding, strict=True)]
    columns = x.reshape(len(x), -1, *o.kernel_size, *geometry.positions(extents))
    y = np.zeros((*columns.shape[:2], *extents), x.dtype)
    for tap in product(*map(range, o.kernel_size)):
        places = [
            slice(at * d, at * d + (n - 1) * s + 1, s)
            for at, d, n, s in zip(tap, o.dilation, columns.shape[4:], o.stride, strict=True)
        ]
        target = y[:, :, places[0], places[1]]
        task.tally.each(Op.ELEMENTWISE_ADD, np.add, target, columns[:, :, tap[0], tap[1]], out=target)
    top, left = o.padding
    return compact_array(y[:, :, top : top + o.output_size[0], left : left + o.output_size[1]])


def unfold_scratch(e: Extents) -> Scratch:
    """A padded map, and the columns in another order."""
    return Scratch(3 * sum(x.nbytes for x in e.inputs) + e.output_bytes)


def fold_scratch(e: Extents) -> Scratch:
    """A padded map, and columns in order."""
    padded = [n + 2 * rows for n, rows in zip(e.output[2:], e.options.padding, strict=True)]
    around = e.output_bytes * padded[0] * padded[1] // (e.output[2] * e.output[3])
    return Scratch(sum(x.nbytes for x in e.inputs) + around)

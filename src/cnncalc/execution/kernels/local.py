"""Locally connected layers: every window has weights of its own."""

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, with_channels_last
from cnncalc.execution.engine.scratch import Extents, Scratch, padded_bytes
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.windows import Geometry, padded_map

SUBSCRIPTS = {1: "inkc,iock->ino", 2: "injklc,ijockl->injo"}
"""By number of axes: windows along i (and j) with taps k (and l), and a kernel for each of them."""


def locally_connected(task: Task, x: Array) -> Array:
    """Every window times its own kernels."""
    geometry = Geometry(task.options, x.shape[2:])
    axes = len(geometry.kernel)
    windows = geometry.windows(padded_map(with_channels_last(x), geometry.margins)).swapaxes(
        0, 1
    )  # along the first spatial axis
    positions = (windows.shape[0], *windows.shape[2 : axes + 1])
    outputs, kind = task.options.out_channels, task.options.bias
    weight = task.weight("weight", *positions, outputs, x.shape[1], *geometry.kernel)
    y = np.empty((len(x), *positions, outputs), x.dtype)
    blocks = y.swapaxes(0, 1)
    bias = None
    if kind is not False:
        shape = (outputs,) if kind == "per_channel" else (outputs, *positions)
        along = np.moveaxis(task.weight("bias", *shape), 0, -1)
        bias = np.broadcast_to(along, y.shape).swapaxes(0, 1)

    def fill(part: slice) -> None:
        task.tally.contract(SUBSCRIPTS[axes], windows[part], weight[part], out=blocks[part])
        if bias is not None:
            task.tally.each(Op.BIAS_ADD, np.add, blocks[part], bias[part], out=blocks[part])

    task.map_blocks(blocks, fill)
    return channels_first(y)


def locally_connected_scratch(e: Extents) -> Scratch:
    """A padded map."""
    (x,) = e.inputs
    return Scratch(padded_bytes(x, Geometry(e.options, x.shape[2:]).margins), e.row_bytes())

"""Fully connected layers."""

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.scratch import Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import PRODUCT, Task

BLOCK_BYTES = 1 << 25
"""Weights of one block: narrower blocks of a matrix that is stored input by input are half as fast to read."""

MOST_ROWS = 4096
"""Rows that are multiplied at once: BLAS packs them for each thread, some hundred features at a time."""


def linear(task: Task, x: Array) -> Array:
    """Every row of features times the weight matrix."""
    outputs = task.options.out_features
    weight = task.weight("weight", outputs, x.shape[-1])
    return projection(task, x, weight, task.weight("bias", outputs) if task.options.bias else None)


def projection(task: Task, x: Array, weight: Array, bias: Array | None) -> Array:
    """The last axis times a matrix (out, in), plus a bias if there is one."""
    outputs, features = weight.shape
    y = np.empty((*x.shape[:-1], outputs), x.dtype)
    sources, targets = x.reshape(-1, features), y.reshape(-1, outputs)

    def fill(part: slice) -> None:
        for first in range(0, len(sources), MOST_ROWS):
            rows = slice(first, first + MOST_ROWS)
            target = targets[rows, part]
            task.tally.matmul(sources[rows], weight[part].T, out=target)
            if bias is not None:
                task.tally.each(Op.BIAS_ADD, np.add, target, bias[part], out=target)

    task.workers.map_blocks(outputs, features * weight.itemsize, fill, BLOCK_BYTES, PRODUCT)
    return y


def linear_scratch(e: Extents) -> Scratch:
    """A contiguous copy of the input."""
    (x,) = e.inputs
    return Scratch(0 if x.is_in_order(tuple(range(len(x.shape)))) else x.nbytes)

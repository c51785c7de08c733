"""Products of two activations."""

import numpy as np

from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def matmul(task: Task, x: Array, other: Array) -> Array:
    """The matrix product over the last two axes."""
    leading = np.broadcast_shapes(x.shape[:-2], other.shape[:-2])
    y = np.empty((*leading, x.shape[-2], other.shape[-1]), x.dtype)
    return task.tally.matmul(x, other, out=y)

"""Stored tensors as sources."""

import numpy as np

from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def parameter(task: Task, x: Array) -> Array:
    """A learned tensor, for each image."""
    read = task.weight if task.options.trainable else task.statistic
    return _for_each_image(read("", *task.options.shape), x)


def constant(task: Task, x: Array) -> Array:
    """A stored tensor, for each image."""
    return _for_each_image(task.statistic("", *task.options.shape), x)


def _for_each_image(stored: Array, x: Array) -> Array:
    y = np.empty((len(x), *stored.shape), x.dtype)
    y[...] = stored
    return y

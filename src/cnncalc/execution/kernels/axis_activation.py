"""Activations along an axis."""

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.scratch import Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.activation import ADD, COMPARE, DIVIDE, MULTIPLY, one_plus_exp


def softmax(task: Task, x: Array) -> Array:
    """Exponentials that sum to one along an axis."""
    axis = task.options.dim + 1 if task.options.dim >= 0 else task.options.dim
    largest = task.tally.reduce(COMPARE, np.maximum, x, axis)
    y = task.tally.each(ADD, np.subtract, x, np.expand_dims(largest, axis))
    task.tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, y, out=y)
    total = task.tally.reduce(ADD, np.add, y, axis)
    return task.tally.each(DIVIDE, np.divide, y, np.expand_dims(total, axis), out=y)


def softmin(task: Task, x: Array) -> Array:
    """The softmax of −x."""
    return softmax(task, -x)


def softmin_scratch(e: Extents) -> Scratch:
    """The input with other signs, the largest value and the sum along the axis."""
    return Scratch(e.output_bytes + softmax_scratch(e).whole)


def softmax_scratch(e: Extents) -> Scratch:
    """The largest value and the sum along the axis."""
    return Scratch(2 * e.output_bytes // e.output[e.options.dim + 1 if e.options.dim >= 0 else e.options.dim])


def log_softmax(task: Task, x: Array) -> Array:
    """The logarithm of softmax along an axis."""
    axis = task.options.dim + 1 if task.options.dim >= 0 else task.options.dim
    largest = task.tally.reduce(COMPARE, np.maximum, x, axis)
    y = task.tally.each(ADD, np.subtract, x, np.expand_dims(largest, axis))
    total = task.tally.reduce(ADD, np.add, task.tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, y), axis)
    task.tally.each(Op.ACTIVATION_LOGARITHM, np.log, total, out=total)
    return task.tally.each(ADD, np.subtract, y, np.expand_dims(total, axis), out=y)


def log_softmax_scratch(e: Extents) -> Scratch:
    """The exponentials, the largest value and the sum along the axis."""
    return Scratch(e.output_bytes + softmax_scratch(e).whole)


def glu(task: Task, x: Array) -> Array:
    """The first half of an axis times the sigmoid of its second half."""
    axis = task.options.dim + 1 if task.options.dim >= 0 else task.options.dim
    values, gates = np.split(np.ascontiguousarray(x), 2, axis)
    y = task.tally.each(DIVIDE, np.divide, 1, one_plus_exp(task, gates))
    return task.tally.each(MULTIPLY, np.multiply, values, y, out=y)


def glu_scratch(e: Extents) -> Scratch:
    """A copy in order, and the exponentials."""
    (x,) = e.inputs
    copied = 0 if x.is_in_order(tuple(range(len(x.shape)))) else x.nbytes
    return Scratch(copied + 2 * e.output_bytes)

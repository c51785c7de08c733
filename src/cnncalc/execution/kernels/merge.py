"""Layers that merge several inputs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, with_channels_last
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def add(task: Task, x: Array, *others: Array) -> Array:
    """The sum of inputs; in the layout of the first, if they have equal shapes."""

    def fill(y: Array, first: Array, second: Array, *rest: Array) -> None:
        task.tally.each(Op.ELEMENTWISE_ADD, np.add, first, second, out=y)
        for other in rest:
            task.tally.each(Op.ELEMENTWISE_ADD, np.add, y, other, out=y)

    if task.overwrite:  # an input that shares the memory of the first would be overwritten
        others = tuple(np.copy(other) if np.may_share_memory(x, other) else other for other in others)
    if any(other.shape != x.shape for other in others):
        return _broadcast(task, Op.ELEMENTWISE_ADD, np.add, (x, *others))
    return task.map_values(fill, x, *others)


def multiply(task: Task, *inputs: Array) -> Array:
    """The product of inputs, which are broadcast."""
    return _broadcast(task, Op.ELEMENTWISE_MULTIPLY, np.multiply, inputs)


def subtract(task: Task, *inputs: Array) -> Array:
    """The first input minus the second, which are broadcast."""
    return _broadcast(task, Op.ELEMENTWISE_ADD, np.subtract, inputs)


def divide(task: Task, *inputs: Array) -> Array:
    """The first input divided by the second, which are broadcast."""
    return _broadcast(task, Op.ELEMENTWISE_DIVIDE, np.divide, inputs)


def _broadcast(task: Task, op: Op, operation: Any, inputs: Sequence[Array]) -> Array:
    """An operation on inputs that are broadcast; a vector is one value per channel."""
    axes = max(x.ndim for x in inputs)
    aligned = [x if x.ndim == axes else x.reshape(*x.shape[:2], *[1] * (axes - 2)) for x in inputs]
    repeated = [with_channels_last(x) for x in np.broadcast_arrays(*aligned)]
    y = with_channels_last(inputs[0]) if task.overwrite else np.empty(repeated[0].shape, inputs[0].dtype)
    along = 1 if axes > 2 else 0  # the first spatial axis
    blocks, *sources = (np.moveaxis(array, along, 0) for array in (y, *repeated))

    def fill(part: slice) -> None:
        task.tally.each(op, operation, sources[0][part], sources[1][part], out=blocks[part])
        for other in sources[2:]:
            task.tally.each(op, operation, blocks[part], other[part], out=blocks[part])

    task.map_blocks(blocks, fill)
    return channels_first(y)


def concat(task: Task, *inputs: Array) -> Array:
    """The inputs concatenated along one axis."""
    dim = task.options.dim
    sources = [with_channels_last(x) for x in inputs]
    axis = dim % (inputs[0].ndim - 1)  # among the axes after the batch; channels are last here
    axis = axis if axis > 0 else sources[0].ndim - 1
    ends = np.cumsum([source.shape[axis] for source in sources]).tolist()
    y = np.empty((*sources[0].shape[:axis], ends[-1], *sources[0].shape[axis + 1 :]), inputs[0].dtype)
    for source, target in zip(sources, np.split(y, ends[:-1], axis), strict=True):
        along = 1 if y.ndim > 2 else 0  # the first spatial axis
        _copy(task, np.moveaxis(target, along, 0), np.moveaxis(source, along, 0))
    return channels_first(y)


def _copy(task: Task, target: Array, source: Array) -> None:
    def fill(part: slice) -> None:
        target[part] = source[part]

    task.map_blocks(target, fill)

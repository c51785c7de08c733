"""Layers that merge several inputs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, with_channels_last
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def add(task: Task, x: Array, *others: Array) -> Array:
    """The sum of inputs of equal shapes."""

    def fill(y: Array, first: Array, second: Array, *rest: Array) -> None:
        task.tally.each(Op.ELEMENTWISE_ADD, np.add, first, second, out=y)
        for other in rest:
            task.tally.each(Op.ELEMENTWISE_ADD, np.add, y, other, out=y)

    if task.overwrite:  # an input that shares the memory of the first would be overwritten
        others = tuple(np.copy(other) if np.may_share_memory(x, other) else other for other in others)
    return task.map_values(fill, x, *others)


def multiply(task: Task, *inputs: Array) -> Array:
    """The product of inputs of equal shapes, or with one value per channel, which is broadcast over the map."""
    return _broadcast(task, Op.ELEMENTWISE_MULTIPLY, np.multiply, inputs)


def subtract(task: Task, *inputs: Array) -> Array:
    """The first input minus the second, of equal shapes, or with one value per channel, broadcast over the map."""
    return _broadcast(task, Op.ELEMENTWISE_ADD, np.subtract, inputs)


def _broadcast(task: Task, op: Op, operation: Any, inputs: Sequence[Array]) -> Array:
    """An operation on inputs of equal shapes, or with one value per channel, which is broadcast over the map."""
    largest = max(inputs, key=lambda x: (x.size, x.ndim))
    y = np.empty(with_channels_last(largest).shape, largest.dtype)
    blocks, *sources = (
        np.moveaxis(array, 1 if y.ndim > 2 else 0, 0)  # along the first spatial axis
        for array in (y, *(np.broadcast_to(with_channels_last(_broadcastable(x, largest)), y.shape) for x in inputs))
    )

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


def _broadcastable(x: Array, largest: Array) -> Array:
    """One value per channel, (N, C) or (N, C, 1, 1), with the number of axes of the map."""
    return x if x.shape == largest.shape else x.reshape(*x.shape[:2], *[1] * (largest.ndim - 2))

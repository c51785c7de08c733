"""Reductions along some axes."""

from __future__ import annotations

from math import prod

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.scratch import Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task

ADD, MULTIPLY, DIVIDE = Op.POOL_ADD, Op.POOL_MULTIPLY, Op.POOL_DIVIDE


def reduce(task: Task, x: Array) -> Array:
    """One value of all along some axes."""
    tally, options = task.tally, task.options
    axes = tuple(dim + 1 if dim >= 0 else dim for dim in options.dim)
    kept = tuple(1 if axis in {dim % x.ndim for dim in axes} else n for axis, n in enumerate(x.shape))
    count = x.size // prod(kept)
    match options.operation:
        case "max":
            y = tally.reduce(Op.POOL_COMPARE, np.maximum, x, axes)
        case "norm":
            y = tally.reduce(ADD, np.add, tally.each(MULTIPLY, np.square, x), axes)
            y = tally.each(Op.POOL_POWER, np.sqrt, y)
        case "var":
            mean = tally.each(DIVIDE, np.divide, tally.reduce(ADD, np.add, x, axes), count)
            spread = tally.each(ADD, np.subtract, x, mean.reshape(kept))
            tally.each(MULTIPLY, np.square, spread, out=spread)
            y = tally.reduce(ADD, np.add, spread, axes)
            y = tally.each(DIVIDE, np.divide, y, count - options.correction)
        case _:
            y = tally.reduce(ADD, np.add, x, axes)
            if options.operation == "mean":
                tally.each(DIVIDE, np.divide, y, count, out=y)
    return np.ascontiguousarray(y.reshape(kept) if options.keepdim else y)


def reduce_scratch(e: Extents) -> Scratch:
    """Squares or differences, and results that are not in order yet."""
    (x,) = e.inputs
    return Scratch(2 * e.output_bytes + (x.nbytes if e.options.operation in ("norm", "var") else 0))

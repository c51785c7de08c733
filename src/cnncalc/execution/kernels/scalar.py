"""Operations on every value alone, with numbers that are fixed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def absolute(task: Task, x: Array) -> Array:
    """The value without its sign."""
    return task.map_values(lambda y, part: task.tally.each(Op.ELEMENTWISE_COMPARE, np.absolute, part, out=y), x)


WITH_VALUE: dict[str, tuple[Op, Callable[..., Any]]] = {
    "add": (Op.ELEMENTWISE_ADD, np.add),
    "subtract": (Op.ELEMENTWISE_ADD, np.subtract),
    "multiply": (Op.ELEMENTWISE_MULTIPLY, np.multiply),
    "divide": (Op.ELEMENTWISE_DIVIDE, np.divide),
    "power": (Op.ELEMENTWISE_POWER, np.power),
}
"""Operations of a value and a number."""

FUNCTIONS: dict[str, tuple[Op, Callable[..., Any]]] = {
    "square": (Op.ELEMENTWISE_MULTIPLY, np.square),
    "sqrt": (Op.ELEMENTWISE_POWER, np.sqrt),
    "exp": (Op.ELEMENTWISE_EXPONENTIAL, np.exp),
    "log": (Op.ELEMENTWISE_LOGARITHM, np.log),
}
"""Functions of a value."""


def scalar(task: Task, x: Array) -> Array:
    """An operation with a number, or a function."""
    tally, options = task.tally, task.options

    def fill(y: Array, part: Array) -> None:
        for name, (kind, function) in WITH_VALUE.items():
            number = getattr(options, name)
            if number is not None:
                tally.each(kind, function, part, number, out=y)
        if options.rsub is not None:
            tally.each(Op.ELEMENTWISE_ADD, np.subtract, options.rsub, part, out=y)
        if options.clamp is not None:
            y[...] = part
            for bound, function in zip(options.clamp, (np.maximum, np.minimum), strict=True):
                if bound is not None:
                    tally.each(Op.ELEMENTWISE_COMPARE, function, y, x.dtype.type(bound), out=y)
        match options.function:
            case "neg":
                np.negative(part, out=y)
            case "rsqrt":
                tally.each(Op.ELEMENTWISE_POWER, np.power, part, -0.5, out=y)
            case "reciprocal":
                tally.each(Op.ELEMENTWISE_DIVIDE, np.divide, 1, part, out=y)
            case str(name):
                kind, function = FUNCTIONS[name]
                tally.each(kind, function, part, out=y)

    return task.map_values(fill, x)

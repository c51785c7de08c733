"""Activations, value by value."""

import math

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import with_channels_last
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Fill, Task

COMPARE, ADD, MULTIPLY, DIVIDE = (
    Op.ACTIVATION_COMPARE,
    Op.ACTIVATION_ADD,
    Op.ACTIVATION_MULTIPLY,
    Op.ACTIVATION_DIVIDE,
)


def relu(task: Task, x: Array) -> Array:
    """max(x, 0)."""
    return task.map_values(fused_relu(task), x)


def fused_relu(task: Task) -> Fill:
    """The fused form of `relu`."""

    def fill(y: Array, part: Array) -> None:
        zeros = np.zeros_like(part[:1])  # a row, as NumPy takes twice as long with a scalar
        task.tally.each(COMPARE, np.maximum, part, zeros, out=y)

    return fill


def relu6(task: Task, x: Array) -> Array:
    """min(max(x, 0), 6)."""
    return task.map_values(fused_relu6(task), x)


def fused_relu6(task: Task) -> Fill:
    """The fused form of `relu6`."""

    def fill(y: Array, part: Array) -> None:
        task.tally.clip(COMPARE, part, 0, 6, out=y)

    return fill


def hardtanh(task: Task, x: Array) -> Array:
    """min(max(x, min_val), max_val)."""
    least, greatest = task.options.min_val, task.options.max_val
    return task.map_values(lambda y, part: task.tally.clip(COMPARE, part, least, greatest, out=y), x)


def leaky_relu(task: Task, x: Array) -> Array:
    """X where positive, a fixed multiple elsewhere."""

    def fill(y: Array, part: Array) -> None:
        y[...] = task.tally.select(COMPARE, part, task.tally.each(MULTIPLY, np.multiply, part, x.dtype.type(slope)))

    slope = task.options.negative_slope
    return task.map_values(fill, x)


def prelu(task: Task, x: Array) -> Array:
    """X where positive, a learned multiple elsewhere."""
    count = task.options.num_parameters
    slopes = task.weight("weight", count if count == 1 else x.shape[1])
    y = task.room(x)
    sources, targets = (np.moveaxis(with_channels_last(each), 1 if x.ndim > 2 else 0, 0) for each in (x, y))

    def fill(part: slice) -> None:
        sloping = task.tally.each(MULTIPLY, np.multiply, sources[part], slopes)
        targets[part] = task.tally.select(COMPARE, sources[part], sloping)

    task.map_blocks(sources, fill)
    return y


def elu(task: Task, x: Array) -> Array:
    """X where positive, alpha·(eˣ − 1) elsewhere."""

    def fill(y: Array, part: Array) -> None:
        grown = task.tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, part)
        task.tally.each(ADD, np.subtract, grown, 1, out=grown)
        task.tally.each(MULTIPLY, np.multiply, grown, alpha, out=grown)
        y[...] = task.tally.select(COMPARE, part, grown)

    alpha = task.options.alpha
    return task.map_values(fill, x)


def celu(task: Task, x: Array) -> Array:
    """X where positive, alpha·(e^(x / alpha) − 1) elsewhere."""

    def fill(y: Array, part: Array) -> None:
        grown = task.tally.each(DIVIDE, np.divide, part, alpha)
        task.tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, grown, out=grown)
        task.tally.each(ADD, np.subtract, grown, 1, out=grown)
        task.tally.each(MULTIPLY, np.multiply, grown, alpha, out=grown)
        y[...] = task.tally.select(COMPARE, part, grown)

    alpha = task.options.alpha
    return task.map_values(fill, x)


SELU_SCALE, SELU_ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
"""Source:  Klambauer et al., Self-normalizing neural networks (2017), section 2."""


def selu(task: Task, x: Array) -> Array:
    """X where positive, alpha·(eˣ − 1) elsewhere, and all of it scaled."""

    def fill(y: Array, part: Array) -> None:
        grown = task.tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, part)
        task.tally.each(ADD, np.subtract, grown, 1, out=grown)
        task.tally.each(MULTIPLY, np.multiply, grown, SELU_ALPHA, out=grown)
        task.tally.each(MULTIPLY, np.multiply, task.tally.select(COMPARE, part, grown), SELU_SCALE, out=y)

    return task.map_values(fill, x)


def one_plus_exp(task: Task, x: Array) -> Array:
    """1 + e⁻ˣ."""
    grown = task.tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, -x)
    return task.tally.each(ADD, np.add, grown, 1, out=grown)


def sigmoid(task: Task, x: Array) -> Array:
    """1 / (1 + e⁻ˣ)."""
    return task.map_values(lambda y, part: task.tally.each(DIVIDE, np.divide, 1, one_plus_exp(task, part), out=y), x)


def silu(task: Task, x: Array) -> Array:
    """X / (1 + e⁻ˣ)."""
    return task.map_values(lambda y, part: task.tally.each(DIVIDE, np.divide, part, one_plus_exp(task, part), out=y), x)


def softplus(task: Task, x: Array) -> Array:
    """log(1 + e^(beta·x)) / beta; X itself where beta·x is above the threshold."""

    def fill(y: Array, part: Array) -> None:
        scaled = task.tally.each(MULTIPLY, np.multiply, part, beta)
        bent = log_one_plus_exp(task, scaled)
        task.tally.each(DIVIDE, np.divide, bent, beta, out=bent)
        y[...] = np.where(task.tally.each(COMPARE, np.greater, scaled, threshold), part, bent)

    beta, threshold = task.options.beta, task.options.threshold
    return task.map_values(fill, x)


def log_one_plus_exp(task: Task, x: Array) -> Array:
    """log(1 + eˣ); infinite where eˣ overflows."""
    grown = task.tally.each(Op.ACTIVATION_EXPONENTIAL, np.exp, x)
    task.tally.record(ADD, grown.size)  # log1p adds the 1, and keeps the precision of a small eˣ
    return task.tally.each(Op.ACTIVATION_LOGARITHM, np.log1p, grown, out=grown)


def log_sigmoid(task: Task, x: Array) -> Array:
    """min(x, 0) − log(1 + e^−|x|)."""

    def fill(y: Array, part: Array) -> None:
        grown = log_one_plus_exp(task, task.tally.each(COMPARE, np.minimum, part, -part))
        least = task.tally.each(COMPARE, np.minimum, part, np.zeros_like(part[:1]))
        task.tally.each(ADD, np.subtract, least, grown, out=y)

    return task.map_values(fill, x)


def mish(task: Task, x: Array) -> Array:
    """x·tanh(log(1 + eˣ)); x where eˣ overflows."""

    def fill(y: Array, part: Array) -> None:
        share = log_one_plus_exp(task, part)
        task.tally.each(Op.ACTIVATION_TANH, np.tanh, share, out=share)
        task.tally.each(MULTIPLY, np.multiply, part, share, out=y)

    return task.map_values(fill, x)


def tanh(task: Task, x: Array) -> Array:
    """Hyperbolic tangent."""
    return task.map_values(lambda y, part: task.tally.each(Op.ACTIVATION_TANH, np.tanh, part, out=y), x)


def gelu(task: Task, x: Array) -> Array:
    """x·Φ(x), by the error function or by its tanh approximation."""
    tally = task.tally

    def curved(part: Array) -> Array:
        """Erf(x / √2), or its approximation."""
        if task.options.approximate == "none":
            return tally.each(Op.ACTIVATION_ERF, erf, tally.each(MULTIPLY, np.multiply, part, math.sqrt(0.5)))
        cube = tally.each(MULTIPLY, np.multiply, part, 0.044715)
        for _ in range(2):
            tally.each(MULTIPLY, np.multiply, cube, part, out=cube)
        inner = tally.each(ADD, np.add, part, cube, out=cube)
        tally.each(MULTIPLY, np.multiply, inner, math.sqrt(2 / math.pi), out=inner)
        return tally.each(Op.ACTIVATION_TANH, np.tanh, inner, out=inner)

    def fill(y: Array, part: Array) -> None:
        share = tally.each(ADD, np.add, curved(part), 1)
        half = tally.each(MULTIPLY, np.multiply, part, 0.5)
        tally.each(MULTIPLY, np.multiply, half, share, out=y)

    return task.map_values(fill, x)


def erf(x: Array, out: Array | None = None) -> Array:
    """The error function, to within 1.5e-7.

    Source:  Abramowitz & Stegun, Handbook of mathematical functions (1964), formula 7.1.26
    """
    size = np.abs(x)
    t = 1 / (1 + 0.3275911 * size)
    polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    result: Array = np.multiply(np.sign(x), 1 - polynomial * np.exp(-size * size), out=out)
    return result


def hardsigmoid(task: Task, x: Array) -> Array:
    """min(max(x + 3, 0), 6) / 6."""

    def fill(y: Array, part: Array) -> None:
        task.tally.each(ADD, np.add, part, 3, out=y)
        task.tally.clip(COMPARE, y, 0, 6, out=y)
        task.tally.each(DIVIDE, np.divide, y, 6, out=y)

    return task.map_values(fill, x)


def hardswish(task: Task, x: Array) -> Array:
    """x·min(max(x + 3, 0), 6) / 6."""

    def fill(y: Array, part: Array) -> None:
        gate = task.tally.each(ADD, np.add, part, 3)
        task.tally.clip(COMPARE, gate, 0, 6, out=gate)
        task.tally.each(MULTIPLY, np.multiply, part, gate, out=y)
        task.tally.each(DIVIDE, np.divide, y, 6, out=y)

    return task.map_values(fill, x)

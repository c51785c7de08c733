"""Random weights and inputs, drawn from a seed and laid out as the kernels read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod, sqrt

import numpy as np
from numpy.typing import DTypeLike

from cnncalc.core.tensor import Shape, WeightSpec
from cnncalc.execution.engine.program import Program
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.inputs.tokens import token_counts

AllWeights = Mapping[str, Mapping[str, Array]]
"""Weights by the path of the layer that holds them and by name, in torch's shapes."""


def empty_weight(shape: Shape, dtype: DTypeLike = np.float32) -> Array:
    """A weight to be filled; a kernel (out, in, *kernel) is stored in the memory order (*kernel, in, out)."""
    if len(shape) < 3:
        return np.empty(shape, dtype)
    axes = (*range(2, len(shape)), 1, 0)
    return np.empty([shape[axis] for axis in axes], dtype).transpose(np.argsort(axes))


def random_weights(program: Program, seed: int) -> dict[str, dict[str, Array]]:
    """Random weights for every layer that holds some, float32.

    Kernels and matrices are scaled by their fan-in, so that values neither explode nor vanish through many layers;
    scales and variances lie around one.
    """
    generator = np.random.default_rng(seed)
    return {
        step.path: {spec.name: _random_weight(generator, spec) for spec in step.weights}
        for step in program.steps
        if step.weights and step.weights_from is None
    }


def _random_weight(generator: np.random.Generator, spec: WeightSpec) -> Array:
    if len(spec.shape) == 1:
        values = generator.random(spec.shape, np.float32)
        return values + np.float32(0.5) if spec.name in ("weight", "running_var") else values - np.float32(0.5)
    order = spec.shape if len(spec.shape) == 2 else (*spec.shape[2:], *reversed(spec.shape[:2]))  # in memory
    values = np.empty(order, np.float32)
    line = values.reshape(-1)
    for first in range(0, line.size, DRAWN_AT_ONCE):  # so that a large matrix can be interrupted
        generator.random(out=line[first : first + DRAWN_AT_ONCE], dtype=np.float32)
    values -= np.float32(0.5)
    values *= np.float32(sqrt(12 / prod(spec.shape[1:])))  # variance 1 / fan-in
    return values if len(spec.shape) == 2 else np.moveaxis(values, (-1, -2), (0, 1))


DRAWN_AT_ONCE = 1 << 22
"""Values per call of the generator."""

MOST_TOKENS = 1 << 24
"""float32 represents every integer below it."""


def random_inputs(program: Program, seed: int, batch: int = 1, given: Collection[str] = ()) -> dict[str, Array]:
    """A random batch for every input that is not given, float32.

    Values lie between 0 and 1, as in an image; inputs of embeddings are token numbers.
    """
    generator = np.random.default_rng(seed)
    tokens = token_counts(program)
    drawn = {}
    for name, shape in program.inputs.items():
        if name in given:
            continue
        if name in tokens:
            drawn[name] = generator.integers(min(tokens[name], MOST_TOKENS), size=(batch, *shape)).astype(np.float32)
        else:
            drawn[name] = generator.random((batch, *shape), np.float32)
    return drawn

"""Kernels as probes run them: on one channel, and with all weights one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnncalc.core.tensor import TensorSpec, WeightSpec
from cnncalc.execution import kernels
from cnncalc.execution.program import Step
from cnncalc.execution.tally import Array, Tally
from cnncalc.execution.task import Task, options_of
from cnncalc.execution.workers import Workers

ONE_CHANNEL = {
    "out_channels": 1,
    "out_features": 1,
    "groups": 1,
    "num_groups": 1,
    "num_heads": 1,
    "num_parameters": 1,
    "connections": None,
}
"""Options that depend on the number of channels, as one channel has them."""

ALONE = Workers()
"""No other thread: what is run here is small."""

SATURATES = frozenset({"rnn", "lstm", "gru"})
"""Types that make one number of all large ones, and so would of sums with weights of one."""


class _Ones:
    """Every weight one, in whatever shape a kernel needs it."""

    def read(self, spec: WeightSpec) -> Array:
        """An array of ones."""
        return np.ones(spec.shape, np.float32)


class _Means:
    """Weights that take means of what they read."""

    def read(self, spec: WeightSpec) -> Array:
        """An array of equal values."""
        return np.full(spec.shape, 1 / spec.shape[-1], np.float32)


def is_depthwise(step: Step, x: TensorSpec) -> bool:
    """Whether a step has one kernel for every channel."""
    return bool(1 < step.options.get("groups", 1) == x.shape[0] == step.options.get("out_channels"))


def keeps_to_channels(step: Step, x: TensorSpec) -> bool:
    """Whether the one axis that a step names is that of the channels."""
    dim = step.options.get("dim")
    return dim is not None and dim % len(x.shape) == (len(x.shape) - 1 if x.channels_last else 0)


def ran(how: Callable[..., Array], step: Step, *given: Any, **changed: Any) -> Array | None:
    """What comes out of a run; None where it cannot be done."""
    try:
        return how(step, *given, **changed)
    except (ValueError, IndexError, ZeroDivisionError):
        return None


def run_thin(step: Step, inputs: Sequence[TensorSpec], arrays: list[Array], **changed: Any) -> Array:
    """The kernel on one channel. One that keeps its channels apart gets the batch as channels: it is made for many."""
    changed |= {name: value for name, value in ONE_CHANNEL.items() if name in step.options}
    depthwise = is_depthwise(step, inputs[0])
    if depthwise:
        arrays = [array.swapaxes(0, 1) for array in arrays]
        changed |= {"groups": arrays[0].shape[1], "out_channels": arrays[0].shape[1]}
    if step.type == "slice" and keeps_to_channels(step, inputs[0]):
        changed |= {"start": 0, "end": None, "step": 1}  # part of the channels sees what all of them see
    y = run(step, arrays, **changed)
    return y.swapaxes(0, 1) if depthwise else y


def run(step: Step, arrays: list[Array], /, **changed: Any) -> Array:  # `slice` has an option called step
    """The kernel of a step, with other options."""
    weights = _Means() if step.type in SATURATES else _Ones()
    task = Task(options_of(step.options, **changed), weights, Tally(), ALONE)
    return kernels.resolve(step.type)(task, *arrays)

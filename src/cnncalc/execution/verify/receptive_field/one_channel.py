"""Runs kernels for probes: on one channel, and with all weights one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import TensorSpec, WeightSpec
from cnncalc.execution import kernels
from cnncalc.execution.engine.program import Step
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import Task, options_of
from cnncalc.execution.engine.workers import Workers

ONE_CHANNEL = {
    "out_channels": 1,
    "out_features": 1,
    "groups": 1,
    "num_groups": 1,
    "num_heads": 1,
    "num_parameters": 1,
    "connections": None,
}
"""Options that depend on the number of channels, set for one channel."""

ONE_THREAD = Workers()
"""A single thread, as runs are small here."""

MODERATE = {
    "norm_type": (0.5, 8.0),
    "eps": (0.0, 1.0),
    "alpha": (1e-4, 1.0),
    "beta": (0.5, 2.0),
    "k": (0.5, 2.0),
    "min_val": (-9.0, 0.0),
    "max_val": (8.0, 9.0),
    **dict.fromkeys(("add", "subtract", "rsub", "multiply", "divide", "power"), (0.5, 2.0)),
}
"""Options that scale changes, but do not decide which values change: bounds within which float32 resolves them."""


class _Ones:
    """Weights of ones, in any shape that a kernel needs."""

    def read(self, spec: WeightSpec) -> Array:
        """An array of ones."""
        return np.ones(spec.shape, np.float32)


def is_depthwise(step: Step, x: TensorSpec) -> bool:
    """Whether a step has one kernel for every channel."""
    return bool(1 < step.options.get("groups", 1) == x.shape[0] == step.options.get("out_channels"))


def names_channel_axis(step: Step, x: TensorSpec) -> bool:
    """Whether a step names the channel axis, and no other."""
    dim = step.options.get("dim")
    if dim is None:
        return False
    axes = {axis % len(x.shape) for axis in (dim if type(dim) is tuple else (dim,))}
    return axes == {len(x.shape) - 1 if x.channels_last else 0}


def output_or_none(how: Callable[..., Array], step: Step, *given: Any, **changed: Any) -> Array | None:
    """The output of a run; None where it fails."""
    try:
        return how(step, *given, **changed)
    except (ValueError, IndexError, ZeroDivisionError):
        return None


def run_one_channel(step: Step, inputs: Sequence[TensorSpec], arrays: list[Array], **changed: Any) -> Array:
    """Run a kernel on one channel. A depthwise one gets the batch as channels, as it is fast on many."""
    changed |= {name: value for name, value in ONE_CHANNEL.items() if name in step.options}
    depthwise = is_depthwise(step, inputs[0])
    if depthwise:
        arrays = [array.swapaxes(0, 1) for array in arrays]
        changed |= {"groups": arrays[0].shape[1], "out_channels": arrays[0].shape[1]}
    if step.type == "slice" and names_channel_axis(step, inputs[0]):
        changed |= {"start": 0, "end": None, "step": 1}  # some channels see what all see
    y = run(step, arrays, **changed)
    return y.swapaxes(0, 1) if depthwise else y


def run(step: Step, arrays: list[Array], /, **changed: Any) -> Array:  # `slice` has an option called step
    """Run the kernel of a step with changed options."""
    if step.options.get("standardized"):  # equal weights would be zero
        changed["standardized"] = False
    if step.options.get("clamp"):
        changed["clamp"] = (0.0, 9.0)
    for name in MODERATE.keys() & step.options.keys():
        if step.options[name] is not None:
            changed[name] = min(max(step.options[name], MODERATE[name][0]), MODERATE[name][1])
    task = Task(options_of(step.options, **changed), _Ones(), Tally(), ONE_THREAD)
    return kernels.resolve(step.type)(task, *arrays)


def perturb(step: Step, array: Array, mask: Array, by: Array | None = None, number: int = 0) -> None:
    """Add one, or `by`, to the masked values; in recurrent layers, where changes fade, make them NaN.

    The input of this `number` is perturbed more than those before it, so that a difference of two changes.
    """
    if step.traits.kind is Kind.RECURRENT:
        np.copyto(array, np.nan, where=mask.astype(bool))
    else:
        array += (number + 1) * (mask if by is None else mask * by)


def changes(y: Array) -> Array:
    """Which values differ from those of the last image of the batch, which is unperturbed."""
    still = np.isnan(y[-1:])
    found: Array = y[:-1] != y[-1:]
    if still.any():
        found &= ~(still & np.isnan(y[:-1]))
    return found

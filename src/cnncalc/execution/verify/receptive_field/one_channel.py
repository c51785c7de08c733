"""Kernels as probes run them: on one channel, and with all weights one."""

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
"""Options that depend on the number of channels, as one channel has them."""

ALONE = Workers()
"""No other thread: what is run here is small."""

MODERATE = {"norm_type": (0.5, 8.0), "eps": (0.0, 1.0), "alpha": (1e-4, 1.0), "beta": (0.0, 2.0), "k": (0.5, 2.0)}
"""Options that decide how far values are moved, but not which: within these bounds float32 shows that they are."""


class _Ones:
    """Every weight one, in whatever shape a kernel needs it."""

    def read(self, spec: WeightSpec) -> Array:
        """An array of ones."""
        return np.ones(spec.shape, np.float32)


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
    for name in MODERATE.keys() & step.options.keys():
        changed[name] = min(max(step.options[name], MODERATE[name][0]), MODERATE[name][1])
    task = Task(options_of(step.options, **changed), _Ones(), Tally(), ALONE)
    return kernels.resolve(step.type)(task, *arrays)


def disturb(step: Step, array: Array, marks: Array, by: Array | None = None) -> None:
    """Add one, or so much, to what is marked; what would fade becomes NaN, as does whatever is computed from it."""
    if step.traits.kind is Kind.RECURRENT:
        np.copyto(array, np.nan, where=marks.astype(bool))
    else:
        array += marks if by is None else marks * by


def moved(y: Array) -> Array:
    """Which values differ from those of the batch's last, which was left alone."""
    still = np.isnan(y[-1:])
    found: Array = y[:-1] != y[-1:]
    if still.any():
        found &= ~(still & np.isnan(y[:-1]))
    return found

"""The forward pass: runs the steps in order and frees every array after its last reader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from cnncalc.execution import kernels
from cnncalc.execution.engine.layout import owner
from cnncalc.execution.engine.program import Program, Step
from cnncalc.execution.engine.schedule import Schedule
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import Fill, StoredWeights, Task, options_of
from cnncalc.execution.engine.workers import Workers
from cnncalc.execution.inputs.random_arrays import AllWeights


class StepResult(NamedTuple):
    """A step that has run, with its output and what was counted."""

    step: Step
    output: Array
    tally: Tally
    weights: StoredWeights
    alive_bytes: int  # of all values between layers, this output included


Watch = Callable[[StepResult], None]

Progress = Callable[[str, Tally], None]
"""Called when a layer begins to run, with its path and the tally of its operations."""

BeforeStep = Callable[[int], None]
"""Called before each step, with its number."""


def is_in_place(step: Step) -> bool:
    """Whether a step writes its output over its input."""
    return bool(step.options.get("inplace"))


def forward(
    program: Program,
    inputs: Mapping[str, Array],
    weights: AllWeights,
    *,
    workers: Workers | None = None,
    watch: Watch | None = None,
    may_fuse: Callable[[Step], bool] | None = None,
    keep: Collection[str] = (),
    progress: Progress = lambda path, tally: None,
    before_step: BeforeStep = lambda step: None,
) -> dict[str, Array]:
    """The values of the program's outputs, and of the steps to `keep`, by path.

    `inputs` have a leading batch axis; layers that work in place overwrite them. A convolution, its normalisation and
    its activation run fused, block by block in the cache, where `may_fuse` allows it. By default every step that can be
    fused is; with `watch` none is, so that `watch` gets every layer's values.

    Errors:  whatever a kernel raises, with a note that names the step
    """
    values = _Values(program, inputs, keep)
    workers = workers or Workers()
    if may_fuse is None:
        may_fuse = (lambda step: True) if watch is None else (lambda step: False)
    with np.errstate(all="ignore"):  # overflows and 0 / 0 show in the values
        number = 0
        while number < len(program.steps):
            before_step(number)
            steps = values.schedule.fused_steps(number, may_fuse)
            step, *others = steps
            stored = [StoredWeights(weights.get(each.holder, {})) for each in steps]
            task, *tasks = (
                Task(options_of(each.options), own, Tally(), workers) for each, own in zip(steps, stored, strict=True)
            )
            task.overwrite = values.may_overwrite(number, step)
            task.fused = [_fused_layer(*each) for each in zip(others, tasks, strict=True)]
            if kernels.KERNELS[step.type].reads_in_order:
                values.put_in_order(step.inputs[0])
            progress(step.path, task.tally)
            try:
                output = kernels.resolve(step.type)(task, *(values.arrays[wire] for wire in step.inputs))
            except Exception as error:
                error.add_note("in " + ", ".join(f"{each.path} ({each.type})" for each in steps))
                raise
            values.arrays[steps[-1].path] = output
            if watch is not None:
                alive = values.alive_bytes()
                for each, own, done in zip(steps, stored, (task, *tasks), strict=True):
                    watch(StepResult(each, output, done.tally, own, alive))
            del output
            for _ in steps:
                values.free_after(number)
                number += 1
    return {path: values.arrays[path] for path in (*program.outputs, *keep)}


def _fused_layer(step: Step, task: Task) -> Callable[[Array, int], Fill]:
    """A step that is fused to another: run on parts of its output, with its own weights and tally."""
    layer = kernels.fused_layer(step.type, step.options)
    assert layer is not None
    return partial(layer, task)


class _Values:
    """The arrays that are alive, by wire."""

    def __init__(self, program: Program, inputs: Mapping[str, Array], keep: Collection[str]) -> None:
        self.arrays: dict[str, Array] = dict(inputs)
        self.schedule = Schedule(program, keep)

    def may_overwrite(self, number: int, step: Step) -> bool:
        """Whether a step works in place and no later step reads its first input or a view of it."""
        if not step.options.get("inplace"):
            return False
        memory = owner(self.arrays[step.inputs[0]])
        return all(
            owner(array) is not memory or self.schedule.last_read[wire] <= number for wire, array in self.arrays.items()
        )

    def put_in_order(self, wire: str) -> None:
        """Make the values of a wire contiguous, in the memory that they already have."""
        array = self.arrays[wire]
        if array.flags.c_contiguous:
            return
        memory = owner(array)
        sharing = [name for name, other in self.arrays.items() if owner(other) is memory]
        alike = all(
            (self.arrays[name].shape, self.arrays[name].strides) == (array.shape, array.strides) for name in sharing
        )
        ordered = array.copy(order="C")
        if alike and memory.size == array.size:
            run = memory.ravel(order="K")
            run[:] = ordered.ravel()
            ordered = run.reshape(array.shape)
        for name in sharing if alike else (wire,):
            self.arrays[name] = ordered

    def alive_bytes(self) -> int:
        """Bytes of all memory that wires show, shared memory counted once."""
        return sum({id(memory): memory.nbytes for memory in map(owner, self.arrays.values())}.values())

    def free_after(self, number: int) -> None:
        """Drop the arrays that no step after this one reads."""
        for wire in self.schedule.freed_wires(number):
            self.arrays.pop(wire, None)

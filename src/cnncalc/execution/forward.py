"""The forward pass: every step in order, every array let go of when nobody reads it any more."""

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
from cnncalc.execution.inputs.drawn import AllWeights


class Ran(NamedTuple):
    """One step that has run."""

    step: Step
    output: Array
    tally: Tally
    weights: StoredWeights
    alive_bytes: int  # of all arrays that carry values between layers, this output among them


Watch = Callable[[Ran], None]

Progress = Callable[[str, Tally], None]
"""Is told of the layer that begins to run, and of the counter of what it has carried out by then."""

Before = Callable[[int], None]
"""Is called before each step, with its number."""


def in_place(step: Step) -> bool:
    """Whether a step keeps to the memory that it reads."""
    return bool(step.options.get("inplace"))


def forward(
    program: Program,
    inputs: Mapping[str, Array],
    weights: AllWeights,
    *,
    workers: Workers | None = None,
    watch: Watch | None = None,
    joins: Callable[[Step], bool] | None = None,
    keep: Collection[str] = (),
    progress: Progress = lambda path, tally: None,
    before: Before = lambda step: None,
) -> dict[str, Array]:
    """The values of the program's outputs, and of the steps to `keep`, by path.

    `inputs` have a batch axis before their shape, and are written over where a layer works in place. A convolution, its
    normalisation and its activation are one pass over blocks that stay in the cache, where these `joins` the layer
    before them: unless told otherwise any that can, but none where somebody watches, who then sees each layer's values.

    Errors:  whatever a kernel raises, with a note that names the step
    """
    values = _Values(program, inputs, keep)
    workers = workers or Workers()
    if joins is None:
        joins = (lambda step: True) if watch is None else (lambda step: False)
    with np.errstate(all="ignore"):  # a kernel's overflow or 0 / 0 shows in its values
        number = 0
        while number < len(program.steps):
            before(number)
            steps = values.schedule.chain(number, joins)
            step, *others = steps
            stored = [StoredWeights(weights.get(each.holder, {})) for each in steps]
            task, *tasks = (
                Task(options_of(each.options), own, Tally(), workers) for each, own in zip(steps, stored, strict=True)
            )
            task.overwrite = values.may_overwrite(number, step)
            task.behind = [_behind(*each) for each in zip(others, tasks, strict=True)]
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
                    watch(Ran(each, output, done.tally, own, alive))
            del output
            for _ in steps:
                values.let_go(number)
                number += 1
    return {path: values.arrays[path] for path in (*program.outputs, *keep)}


def _behind(step: Step, task: Task) -> Callable[[Array, int], Fill]:
    """A step that is done with the parts of another's output: by its own kernel, weights and count."""
    layer = kernels.behind(step.type, step.options)
    assert layer is not None
    return partial(layer, task)


class _Values:
    """The arrays that are alive, by wire."""

    def __init__(self, program: Program, inputs: Mapping[str, Array], keep: Collection[str]) -> None:
        self.arrays: dict[str, Array] = dict(inputs)
        self.schedule = Schedule(program, keep)

    def may_overwrite(self, number: int, step: Step) -> bool:
        """Whether the step works in place, and nobody reads its first input, or a view of it, afterwards."""
        if not step.options.get("inplace"):
            return False
        memory = owner(self.arrays[step.inputs[0]])
        return all(
            owner(array) is not memory or self.schedule.last_read[wire] <= number for wire, array in self.arrays.items()
        )

    def put_in_order(self, wire: str) -> None:
        """Let the values of a wire lie in the order of its axes, in the memory that they have."""
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
        """Bytes of all memory that some wire shows, counted once."""
        return sum({id(memory): memory.nbytes for memory in map(owner, self.arrays.values())}.values())

    def let_go(self, number: int) -> None:
        """Forget what nobody reads after this step."""
        for wire in self.schedule.done(number):
            self.arrays.pop(wire, None)

"""The forward pass: every step in order, every array let go of when nobody reads it any more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from cnncalc.execution import kernels
from cnncalc.execution.layout import owner
from cnncalc.execution.program import Program, Step
from cnncalc.execution.tally import Array, Tally
from cnncalc.execution.task import Fill, StoredWeights, Task, options_of
from cnncalc.execution.weights import AllWeights
from cnncalc.execution.workers import Workers

READ_IN_ORDER = frozenset({"flatten", "reshape"})
"""Types that relabel one run of values, so that their input has to lie in the order of its axes."""


class Ran(NamedTuple):
    """One step that has run."""

    step: Step
    output: Array
    tally: Tally
    weights: StoredWeights
    alive_bytes: int  # of all arrays that carry values between layers, this output among them


Watch = Callable[[Ran], None]


def forward(
    program: Program,
    inputs: Mapping[str, Array],
    weights: AllWeights,
    *,
    workers: Workers | None = None,
    watch: Watch | None = None,
    keep: Collection[str] = (),
) -> dict[str, Array]:
    """The values of the program's outputs, and of the steps to `keep`, by path.

    `inputs` have a batch axis before their shape, and are written over where a layer works in place. Where nobody
    watches, a convolution, its normalisation and its activation are one pass over blocks that stay in the cache; so
    what is measured is always one whole layer after another.

    Errors:  whatever a kernel raises, with a note that names the step
    """
    values = _Values(program, inputs, keep)
    workers = workers or Workers()
    with np.errstate(all="ignore"):  # a kernel's overflow or 0 / 0 shows in its values
        number = 0
        while number < len(program.steps):
            step, *others = values.chain(number) if watch is None else (program.steps[number],)
            tally, stored = Tally(), StoredWeights(weights.get(step.holder, {}))
            task = Task(
                options_of(step.options),
                stored,
                tally,
                workers,
                values.may_overwrite(number, step),
                [_behind(other, weights, workers) for other in others],
            )
            if step.type in READ_IN_ORDER:
                values.put_in_order(step.inputs[0])
            try:
                output = kernels.resolve(step.type)(task, *(values.arrays[wire] for wire in step.inputs))
            except Exception as error:
                error.add_note("in " + ", ".join(f"{each.path} ({each.type})" for each in (step, *others)))
                raise
            values.arrays[others[-1].path if others else step.path] = output
            if watch is not None:
                watch(Ran(step, output, tally, stored, values.alive_bytes()))
            del output
            for _ in (step, *others):
                values.let_go(number)
                number += 1
    return {path: values.arrays[path] for path in (*program.outputs, *keep)}


def _behind(step: Step, weights: AllWeights, workers: Workers) -> Callable[[Array, int], Fill]:
    """A step that is done with the parts of another's output: by its own kernel, weights and count."""
    layer = kernels.behind(step.type, step.options)
    assert layer is not None
    task = Task(options_of(step.options), StoredWeights(weights.get(step.holder, {})), Tally(), workers)
    return partial(layer, task)


class _Values:
    """The arrays that are alive, by wire."""

    def __init__(self, program: Program, inputs: Mapping[str, Array], keep: Collection[str]) -> None:
        self.arrays: dict[str, Array] = dict(inputs)
        self._steps = program.steps
        self._last_read = dict.fromkeys(program.inputs, -1)
        for number, step in enumerate(program.steps):
            self._last_read.update(dict.fromkeys((step.path, *step.inputs), number))
        end = len(program.steps)
        self._last_read.update(dict.fromkeys((*program.outputs, *keep), end))
        self._done: list[list[str]] = [[] for _ in range(end + 1)]
        for wire, number in self._last_read.items():
            if number >= 0:
                self._done[number].append(wire)

    def chain(self, number: int) -> list[Step]:
        """A step, and those behind it that may be done with every part of its output as soon as that is there.

        Each of these is the only one to read what the one before puts out.
        """
        steps = [self._steps[number]]
        if kernels.finishes(steps[0].type, steps[0].options):
            for at, step in enumerate(self._steps[number + 1 :], number + 1):
                alone = step.inputs == (steps[-1].path,) and self._last_read[steps[-1].path] == at
                if not alone or kernels.behind(step.type, step.options) is None:
                    break
                steps.append(step)
        return steps

    def may_overwrite(self, number: int, step: Step) -> bool:
        """Whether the step works in place, and nobody reads its first input, or a view of it, afterwards."""
        if not step.options.get("inplace"):
            return False
        memory = owner(self.arrays[step.inputs[0]])
        return all(owner(array) is not memory or self._last_read[wire] <= number for wire, array in self.arrays.items())

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
        for wire in self._done[number]:
            self.arrays.pop(wire, None)

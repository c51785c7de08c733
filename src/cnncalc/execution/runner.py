"""The forward pass: every step in order, every array let go of when nobody reads it any more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import numpy as np

from cnncalc.execution import kernels
from cnncalc.execution.layout import owner
from cnncalc.execution.program import Program, Step
from cnncalc.execution.tally import Array, Tally
from cnncalc.execution.task import StoredWeights, Task, options_of
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

    `inputs` have a batch axis before their shape, and are written over where a layer works in place.

    Errors:  whatever a kernel raises, with a note that names the step
    """
    values = _Values(program, inputs, keep)
    workers = workers or Workers()
    with np.errstate(all="ignore"):  # a kernel's overflow or 0 / 0 shows in its values
        for number, step in enumerate(program.steps):
            tally, stored = Tally(), StoredWeights(weights.get(step.holder, {}))
            task = Task(options_of(step.options), stored, tally, workers, values.may_overwrite(number, step))
            if step.type in READ_IN_ORDER:
                values.put_in_order(step.inputs[0])
            try:
                output = kernels.resolve(step.type)(task, *(values.arrays[wire] for wire in step.inputs))
            except Exception as error:
                error.add_note(f"in {step.path} ({step.type})")
                raise
            values.arrays[step.path] = output
            if watch is not None:
                watch(Ran(step, output, tally, stored, values.alive_bytes()))
            del output
            values.let_go(number)
    return {path: values.arrays[path] for path in (*program.outputs, *keep)}


class _Values:
    """The arrays that are alive, by wire."""

    def __init__(self, program: Program, inputs: Mapping[str, Array], keep: Collection[str]) -> None:
        self.arrays: dict[str, Array] = dict(inputs)
        self._last_read = dict.fromkeys(program.inputs, -1)
        for number, step in enumerate(program.steps):
            self._last_read.update(dict.fromkeys((step.path, *step.inputs), number))
        end = len(program.steps)
        self._last_read.update(dict.fromkeys((*program.outputs, *keep), end))
        self._done: list[list[str]] = [[] for _ in range(end + 1)]
        for wire, number in self._last_read.items():
            if number >= 0:
                self._done[number].append(wire)

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

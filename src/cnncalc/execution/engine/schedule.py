"""Which layers run fused, and after which step a value is no longer read."""

from __future__ import annotations

from collections.abc import Callable, Collection

from cnncalc.execution import kernels
from cnncalc.execution.engine.program import Program, Step


class Schedule:
    """The lifetimes of a program's wires; outputs and the wires to `keep` are read at the end."""

    def __init__(self, program: Program, keep: Collection[str]) -> None:
        self._steps = program.steps
        self.last_read = dict.fromkeys(program.inputs, -1)
        for number, step in enumerate(program.steps):
            self.last_read.update(dict.fromkeys((step.path, *step.inputs), number))
        end = len(program.steps)
        self.last_read.update(dict.fromkeys((*program.outputs, *keep), end))
        self._freed_wires: list[list[str]] = [[] for _ in range(end + 1)]
        for wire, number in self.last_read.items():
            if number >= 0:
                self._freed_wires[number].append(wire)

    def freed_wires(self, number: int) -> list[str]:
        """The wires that no step after this one reads."""
        return self._freed_wires[number]

    def fused_steps(self, number: int, may_fuse: Callable[[Step], bool]) -> list[Step]:
        """A step and the following ones that are fused to it, which are run on each block of its output.

        Each of these is the only reader of the one before, and `may_fuse` allows it.
        """
        steps = [self._steps[number]]
        if kernels.can_fuse(steps[0].type, steps[0].options):
            for at in range(number + 1, len(self._steps)):
                step = self._steps[at]
                alone = step.inputs == (steps[-1].path,) and self.last_read[steps[-1].path] == at
                if not alone or not may_fuse(step) or kernels.fused_layer(step.type, step.options) is None:
                    break
                steps.append(step)
        return steps

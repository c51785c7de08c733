"""When each layer runs, with which others, and when nobody reads a value any more."""

from __future__ import annotations

from collections.abc import Callable, Collection

from cnncalc.execution import kernels
from cnncalc.execution.engine.program import Program, Step


class Schedule:
    """The steps of a program, where the outputs and the wires to `keep` are read at the end."""

    def __init__(self, program: Program, keep: Collection[str]) -> None:
        self._steps = program.steps
        self.last_read = dict.fromkeys(program.inputs, -1)
        for number, step in enumerate(program.steps):
            self.last_read.update(dict.fromkeys((step.path, *step.inputs), number))
        end = len(program.steps)
        self.last_read.update(dict.fromkeys((*program.outputs, *keep), end))
        self._done: list[list[str]] = [[] for _ in range(end + 1)]
        for wire, number in self.last_read.items():
            if number >= 0:
                self._done[number].append(wire)

    def done(self, number: int) -> list[str]:
        """The wires that nobody reads after this step."""
        return self._done[number]

    def chain(self, number: int, joins: Callable[[Step], bool]) -> list[Step]:
        """A step, and those behind it that may be done with every part of its output as soon as that is there.

        Each of these is the only one to read what the one before puts out, and joins it.
        """
        steps = [self._steps[number]]
        if kernels.finishes(steps[0].type, steps[0].options):
            for at in range(number + 1, len(self._steps)):
                step = self._steps[at]
                alone = step.inputs == (steps[-1].path,) and self.last_read[steps[-1].path] == at
                if not alone or not joins(step) or kernels.behind(step.type, step.options) is None:
                    break
                steps.append(step)
        return steps

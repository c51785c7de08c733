"""What a run keeps at once: the values between layers, and what each kernel needs beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from cnncalc.core.tensor import TensorSpec
from cnncalc.execution import kernels
from cnncalc.execution.engine.program import Program, Step
from cnncalc.execution.engine.schedule import Schedule
from cnncalc.execution.engine.scratch import Extents, Order, Wire, last
from cnncalc.execution.engine.task import options_of
from cnncalc.execution.kernels import Lies
from cnncalc.execution.memory.heap import Heap, Place


class Peak(NamedTuple):
    """Most bytes at once: of arrays as large as a layer, and of the blocks that one thread works on.

    `asks` is what each step asks for, by its number: arrays, and a block for each thread.
    """

    arrays: int
    block: int
    asks: Mapping[int, tuple[int, int]]


def peak(
    program: Program,
    outputs: Mapping[str, TensorSpec],
    images: int,
    *,
    keep: Collection[str],
    joins: Callable[[Step], bool],
    own_memory: int,
    handed_out: bool,
) -> Peak:
    """What `forward` keeps at once, with the inputs it is given; `outputs` are what each layer puts out, by path.

    What is `handed_out` is copied at the end, in the order of its axes.
    """
    schedule, alive = Schedule(program, keep), _Alive(own_memory)
    for name, shape in program.inputs.items():
        alive.add(name, Wire((images, *shape), tuple(range(len(shape) + 1)), name))
    alive.hold([*program.inputs])
    block = number = 0
    asks = {}
    while number < len(program.steps):
        steps = schedule.chain(number, joins)
        step, end = steps[0], steps[-1]
        inputs = tuple(alive.wires[wire] for wire in step.inputs)
        made, spec = outputs[end.path], kernels.KERNELS[step.type]
        shape = (images * made.regions, *made.shape)
        copied = 0
        if spec.reads_in_order and not inputs[0].lies(tuple(range(len(inputs[0].shape)))):
            copied = inputs[0].nbytes
        owner = end.path
        if spec.shows_input or (step.options.get("inplace") and alive.only_until(schedule, number, inputs[0].owner)):
            owner = inputs[0].owner
        scratch = kernels.scratch(step.type)(Extents(step.type, options_of(step.options), inputs, shape))
        beside = alive.heap.take(copied + scratch.whole)
        alive.add(end.path, Wire(shape, _order(step, inputs[0], len(shape)), owner))
        for place in (alive.heap.take(scratch.block), beside):
            alive.heap.give_back(place)
        block = max(block, scratch.block)
        written = 0 if owner == inputs[0].owner else alive.wires[end.path].nbytes
        asks[number] = (copied + scratch.whole + written, scratch.block)
        for _ in steps:
            for wire in schedule.done(number):
                alive.drop(wire)
            number += 1
    if handed_out:
        alive.heap.trim()
        for path in (*program.outputs, *keep):
            alive.heap.take(alive.wires[path].nbytes)
            alive.drop(path)
    return Peak(alive.heap.most, block, asks)


class _Alive:
    """The wires that somebody will still read, and the memory that they show."""

    def __init__(self, own_memory: int) -> None:
        self.wires: dict[str, Wire] = {}
        self.heap = Heap(own_memory)
        self._places: dict[str, Place] = {}
        self._shown: Counter[str] = Counter()

    def add(self, name: str, wire: Wire) -> None:
        self.wires[name] = wire
        if not self._shown[wire.owner]:
            self._places[wire.owner] = self.heap.take(wire.nbytes)
        self._shown[wire.owner] += 1

    def hold(self, owners: Collection[str]) -> None:
        """Memory that stays, whoever reads it."""
        self._shown.update(owners)

    def drop(self, name: str) -> None:
        wire = self.wires.pop(name, None)
        if wire is not None:
            self._shown[wire.owner] -= 1
            if not self._shown[wire.owner]:
                self.heap.give_back(self._places.pop(wire.owner))

    def only_until(self, schedule: Schedule, number: int, owner: str) -> bool:
        """Whether nobody reads this memory after a step."""
        return all(wire.owner != owner or schedule.last_read[name] <= number for name, wire in self.wires.items())


def _order(step: Step, x: Wire, axes: int) -> Order | None:
    """How the output of a step lies."""
    spec = kernels.KERNELS[step.type]
    match spec.lies:
        case Lies.IN_ORDER:
            return tuple(range(axes))
        case Lies.APART:
            return None
        case Lies.AS_THE_INPUT:
            return x.order if spec.shows_input else x.order or last(axes)
        case Lies.TURNED if x.order is not None:
            moved = (0, *(dim + 1 if dim >= 0 else dim % axes for dim in step.options["dims"]))
            return tuple(moved.index(axis) for axis in x.order)
        case Lies.TURNED:
            return None
    return last(axes)

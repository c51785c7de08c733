"""Peak memory of a run: the values between layers, and the scratch memory of each kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.execution import kernels
from cnncalc.execution.engine.program import Program, Step
from cnncalc.execution.engine.schedule import Schedule
from cnncalc.execution.engine.scratch import Extents, Order, Wire, channels_last_order
from cnncalc.execution.engine.task import options_of
from cnncalc.execution.kernels import Layout
from cnncalc.execution.memory.heap import Allocation, Heap


class Peak(NamedTuple):
    """Peak bytes: of whole arrays, and of the blocks that one thread works on.

    `step_bytes` are the bytes that each step allocates, by its number: of whole arrays, and of a thread's block.
    """

    arrays: int
    block: int
    step_bytes: Mapping[int, tuple[int, int]]


def peak(
    program: Program,
    outputs: Mapping[str, TensorSpec],
    images: int,
    *,
    keep: Collection[str],
    may_fuse: Callable[[Step], bool],
    mmap_threshold: int,
    copies_outputs: bool,
) -> Peak:
    """Peak memory of `forward`, its inputs included; `outputs` are the outputs of the layers, by path.

    With `copies_outputs`, the values that are asked for are copied at the end.
    """
    schedule, alive = Schedule(program, keep), _LiveWires(mmap_threshold)
    for name, shape in program.inputs.items():
        alive.add(name, Wire((images, *shape), tuple(range(len(shape) + 1)), name))
    alive.hold([*program.inputs])
    block = number = 0
    step_bytes = {}
    while number < len(program.steps):
        steps = schedule.fused_steps(number, may_fuse)
        step, end = steps[0], steps[-1]
        inputs = tuple(alive.wires[wire] for wire in step.inputs)
        made, spec = outputs[end.path], kernels.KERNELS[step.type]
        shape = (images * made.regions, *made.shape)
        copied = 0
        if spec.reads_in_order and not inputs[0].is_in_order(tuple(range(len(inputs[0].shape)))):
            copied = inputs[0].nbytes
        owner = end.path
        if spec.shows_input or (step.options.get("inplace") and alive.is_free_after(schedule, number, inputs[0].owner)):
            owner = inputs[0].owner
        scratch = kernels.scratch(step.type)(Extents(step.type, options_of(step.options), inputs, shape))
        beside = alive.heap.allocate(copied + scratch.whole)
        alive.add(end.path, Wire(shape, _order(step, inputs[0], shape), owner))
        for place in (alive.heap.allocate(scratch.block), beside):
            alive.heap.free(place)
        block = max(block, scratch.block)
        written = 0 if owner == inputs[0].owner else alive.wires[end.path].nbytes
        step_bytes[number] = (copied + scratch.whole + written, scratch.block)
        for _ in steps:
            for wire in schedule.freed_wires(number):
                alive.drop(wire)
            number += 1
    if copies_outputs:
        alive.heap.trim()
        for path in (*program.outputs, *keep):
            alive.heap.allocate(alive.wires[path].nbytes)
            alive.drop(path)
    return Peak(alive.heap.peak_bytes, block, step_bytes)


class _LiveWires:
    """The wires that will still be read, and their memory."""

    def __init__(self, mmap_threshold: int) -> None:
        self.wires: dict[str, Wire] = {}
        self.heap = Heap(mmap_threshold)
        self._places: dict[str, Allocation] = {}
        self._shown: Counter[str] = Counter()

    def add(self, name: str, wire: Wire) -> None:
        self.wires[name] = wire
        if not self._shown[wire.owner]:
            self._places[wire.owner] = self.heap.allocate(wire.nbytes)
        self._shown[wire.owner] += 1

    def hold(self, owners: Collection[str]) -> None:
        """Keep memory until the end."""
        self._shown.update(owners)

    def drop(self, name: str) -> None:
        wire = self.wires.pop(name, None)
        if wire is not None:
            self._shown[wire.owner] -= 1
            if not self._shown[wire.owner]:
                self.heap.free(self._places.pop(wire.owner))

    def is_free_after(self, schedule: Schedule, number: int, owner: str) -> bool:
        """Whether no wire of this memory is read after a step."""
        return all(wire.owner != owner or schedule.last_read[name] <= number for name, wire in self.wires.items())


def _order(step: Step, x: Wire, shape: Shape) -> Order | None:
    """The memory order of a step's output of this shape."""
    spec, axes = kernels.KERNELS[step.type], len(shape)
    match spec.layout:
        case Layout.IN_ORDER:
            return tuple(range(axes))
        case Layout.STRIDED:
            return None
        case Layout.AS_INPUT if x.shape == shape:
            return x.order if spec.shows_input else x.order or channels_last_order(axes)
        case Layout.PERMUTED if x.order is not None:
            moved = (0, *(dim + 1 if dim >= 0 else dim % axes for dim in step.options["dims"]))
            return tuple(moved.index(axis) for axis in x.order)
        case Layout.PERMUTED:
            return None
    return channels_last_order(axes)

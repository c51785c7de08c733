"""What kernels need besides their inputs and outputs, worked out from extents before anything runs.

A kernel states it in a function of its own, next to it: `(Extents) -> Scratch`.
"""

from __future__ import annotations

from math import prod
from types import SimpleNamespace
from typing import NamedTuple

from cnncalc.core.tensor import Shape
from cnncalc.execution.engine.workers import BLOCK_BYTES

VALUE_BYTES = 4
"""Of float32, in which networks are run."""

Order = tuple[int, ...]
"""The axes of an array as they lie in memory, the slowest first."""


class Wire(NamedTuple):
    """An array that carries values between layers."""

    shape: Shape  # with the batch axis
    order: Order | None  # None where its values do not lie together
    owner: str  # the wire whose memory it shows

    @property
    def nbytes(self) -> int:
        """Bytes of its values."""
        return VALUE_BYTES * prod(self.shape)

    def lies(self, order: Order) -> bool:
        """Whether its values lie in the order of these axes."""
        extended = [axis for axis in order if self.shape[axis] > 1]
        return self.order is not None and extended == [axis for axis in self.order if self.shape[axis] > 1]


class Extents(NamedTuple):
    """One step, as far as it matters to what it takes."""

    type: str
    options: SimpleNamespace
    inputs: tuple[Wire, ...]
    output: Shape  # with the batch axis

    @property
    def output_bytes(self) -> int:
        """Bytes of the output."""
        return VALUE_BYTES * prod(self.output)

    def rows(self, axis: int = 2) -> int:
        """Bytes of a block of the output that is cut along an axis: that of the map's rows, where there is a map."""
        along = axis if len(self.output) > axis else 0
        return max(BLOCK_BYTES, self.output_bytes // self.output[along])


class Scratch(NamedTuple):
    """Bytes besides inputs and outputs: once for the whole of a layer, and for the block that each thread works on."""

    whole: int = 0
    block: int = 0


def of_values(extents: Extents) -> Scratch:
    """What a kernel needs that works on blocks of values: those, and what it makes of them on the way."""
    return Scratch(0, 8 * BLOCK_BYTES)


def last(axes: int) -> Order:
    """Channels last."""
    return (0, *range(2, axes), 1)


def turned(extents: Extents) -> int:
    """Copies of the inputs that do not lie with their channels last."""
    return sum(x.nbytes for x in extents.inputs if not x.lies(last(len(x.shape))))


def in_positions(extents: Extents) -> Scratch:
    """What a kernel needs that works on blocks of positions: the input with its channels last, and those."""
    return Scratch(turned(extents), 8 * BLOCK_BYTES)


def in_rows(extents: Extents) -> Scratch:
    """The same of one that works on blocks of whole rows of the map."""
    return Scratch(turned(extents), 4 * extents.rows())


def with_margins(x: Wire, margins: list[tuple[int, int]]) -> int:
    """A copy with rows around it, or with its channels last; nothing where it is all that already."""
    if not any(map(any, margins)):
        return 0 if x.lies(last(len(x.shape))) else x.nbytes
    spatial = [before + n + after for n, (before, after) in zip(x.shape[2:], margins, strict=True)]
    return VALUE_BYTES * x.shape[0] * x.shape[1] * prod(spatial)

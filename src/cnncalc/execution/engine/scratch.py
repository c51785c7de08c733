"""Scratch memory of kernels, besides inputs and outputs, computed from extents before anything runs.

Every kernel has a function for it in its own module: `(Extents) -> Scratch`.
"""

from __future__ import annotations

from math import prod
from types import SimpleNamespace
from typing import NamedTuple

from cnncalc.core.tensor import Shape
from cnncalc.execution.engine.workers import BLOCK_BYTES

VALUE_BYTES = 4
"""Bytes of a float32; networks run in this type."""

Order = tuple[int, ...]
"""The axes of an array in memory order, the slowest first."""


class Wire(NamedTuple):
    """An array that carries values between layers."""

    shape: Shape  # with the batch axis
    order: Order | None  # None if not contiguous in any order of axes
    owner: str  # the wire whose memory it shows

    @property
    def nbytes(self) -> int:
        """Bytes of its values."""
        return VALUE_BYTES * prod(self.shape)

    def is_in_order(self, order: Order) -> bool:
        """Whether its values are stored in this order of axes."""
        extended = [axis for axis in order if self.shape[axis] > 1]
        return self.order is not None and extended == [axis for axis in self.order if self.shape[axis] > 1]


class Extents(NamedTuple):
    """One step, as far as its memory depends on it."""

    type: str
    options: SimpleNamespace
    inputs: tuple[Wire, ...]
    output: Shape  # with the batch axis

    @property
    def output_bytes(self) -> int:
        """Bytes of the output."""
        return VALUE_BYTES * prod(self.output)

    def row_bytes(self, axis: int = 2) -> int:
        """Bytes of a block of the output that is cut along an axis: by default into rows of the map."""
        along = axis if len(self.output) > axis else 0
        return max(BLOCK_BYTES, self.output_bytes // self.output[along])


class Scratch(NamedTuple):
    """Bytes besides inputs and outputs: of the whole layer, and of the block that each thread works on."""

    whole: int = 0
    block: int = 0


def value_scratch(extents: Extents) -> Scratch:
    """Scratch memory of a kernel that works on blocks of values: a block and its intermediate results."""
    return Scratch(0, 8 * BLOCK_BYTES)


def channels_last_order(axes: int) -> Order:
    """The memory order of channels last."""
    return (0, *range(2, axes), 1)


def channels_last_bytes(extents: Extents) -> int:
    """Bytes of copies of the inputs that are not stored channels last."""
    return sum(x.nbytes for x in extents.inputs if not x.is_in_order(channels_last_order(len(x.shape))))


def position_scratch(extents: Extents) -> Scratch:
    """Scratch memory of a kernel that works on blocks of positions of a channels-last input."""
    return Scratch(channels_last_bytes(extents), 8 * BLOCK_BYTES)


def row_scratch(extents: Extents) -> Scratch:
    """Scratch memory of a kernel that works on blocks of whole rows of a channels-last input."""
    return Scratch(channels_last_bytes(extents), 4 * extents.row_bytes())


def padded_bytes(x: Wire, margins: list[tuple[int, int]]) -> int:
    """Bytes of a padded channels-last copy; 0 if the input needs neither padding nor a copy."""
    if not any(map(any, margins)):
        return 0 if x.is_in_order(channels_last_order(len(x.shape))) else x.nbytes
    spatial = [before + n + after for n, (before, after) in zip(x.shape[2:], margins, strict=True)]
    return VALUE_BYTES * x.shape[0] * x.shape[1] * prod(spatial)

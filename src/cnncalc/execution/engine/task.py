"""What a kernel gets besides its inputs: options, weights, counted arithmetic and threads, but no rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np

from cnncalc.core.tensor import Shape, WeightSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.layout import memory_order, rows
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.workers import Work, Workers


class WrongWeights(Exception):
    """A kernel needs a weight that is missing or has another shape."""

    def __init__(self, name: str, needed: Shape, found: Shape | None) -> None:
        self.name, self.needed, self.found = name, needed, found
        self.reason = (
            Phrase("needs {name} of shape {needed}, but there is none", name=name, needed=spell(needed))
            if found is None
            else Phrase(
                "needs {name} of shape {needed}, but it has {found}",
                name=name,
                needed=spell(needed),
                found=spell(found),
            )
        )
        super().__init__(str(self.reason))


class Weights(Protocol):
    """The weights of a kernel."""

    def read(self, spec: WeightSpec) -> Array:
        """The array of this name and shape.

        Errors:  WrongWeights
        """


class StoredWeights:
    """The weights of one layer; records which of them were read."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays
        self.reads: dict[str, WeightSpec] = {}

    def read(self, spec: WeightSpec) -> Array:
        """The array of this name and shape.

        Errors:  WrongWeights
        """
        self.reads[spec.name] = spec
        array = self._arrays.get(spec.name)
        if array is None or array.shape != spec.shape:
            raise WrongWeights(spec.name, spec.shape, None if array is None else array.shape)
        return array


Fill = Callable[[Array, Array], None]
"""Computes `(out, x)` for any part of an input; both may be the same memory."""

Epilogue = Callable[[Array], None]
"""Applies the fused layers to a part of an output, in place."""


class Task:
    """One layer that is run.

    `fused` are the layers that are applied to every block of the output while it is in the cache. Each is a function
    of rows of the output and the number of channels, and returns what fills in such rows.
    """

    def __init__(
        self,
        options: SimpleNamespace,
        weights: Weights,
        tally: Tally,
        workers: Workers,
        overwrite: bool = False,
        fused: Sequence[Callable[[Array, int], Fill]] = (),
    ) -> None:
        self.options = options
        self.weights = weights
        self.tally = tally
        self.workers = workers
        self.overwrite = overwrite
        self.fused = fused

    def weight(self, name: str, *shape: int) -> Array:
        """A learned array, in the shape that the kernel needs for its inputs."""
        return self.weights.read(WeightSpec(name, shape))

    def statistic(self, name: str, *shape: int) -> Array:
        """A stored array that is not learned, such as a running mean."""
        return self.weights.read(WeightSpec(name, shape, trainable=False))

    def room(self, x: Array) -> Array:
        """Memory for an output in the layout of the input: the input's own if the layer may overwrite it."""
        return x if self.overwrite else np.empty_like(x)

    def epilogue(self, y: Array) -> Epilogue:
        """What applies the fused layers to contiguous parts of an output, (N, *spatial, C), made of whole rows."""
        if not self.fused:
            return lambda part: None
        lines = rows(y) if y.ndim > 3 else y.reshape(-1, y.shape[-1])
        fills = [layer(lines, y.shape[-1]) for layer in self.fused]

        def apply(part: Array) -> None:
            part = part.reshape(-1, lines.shape[1], copy=False)
            for fill in fills:
                fill(part, part)

        return apply

    def apply_fused(self, y: Array) -> None:
        """Apply the fused layers to a whole output, (N, *spatial, C)."""
        if self.fused:
            epilogue, lines = self.epilogue(y), y.reshape(-1, *y.shape[-2:], copy=False)
            self.map_blocks(lines, lambda part: epilogue(lines[part]))

    def map_blocks(self, x: Array, work: Work) -> None:
        """Call `work` for slices along the first axis of an array, block by block, on all threads."""
        self.workers.map_blocks(len(x), x.nbytes // max(len(x), 1), work)

    def map_columns(self, matrix: Array, work: Work) -> None:
        """Call `work` for slices of a matrix's columns, one for each thread."""
        self.workers.map_blocks(matrix.shape[1], matrix.nbytes // max(matrix.shape[1], 1), work, matrix.nbytes, PRODUCT)

    def map_values(self, work: Callable[..., Any], x: Array, *others: Array) -> Array:
        """An output that `work(out, part of x, ...)` fills in block by block, from arrays of equal shape."""
        y = self.room(x)
        order = memory_order(x)
        arrays = [array.transpose(order) for array in (y, x, *others)]
        if all(array.flags.c_contiguous for array in arrays):
            arrays = [rows(array) for array in arrays]
        self.map_blocks(arrays[0], lambda part: work(*(array[part] for array in arrays)))
        return y


PRODUCT = 16
"""Effort of a matrix product per byte of its operands, relative to one pass over them."""


def options_of(values: Mapping[str, Any], **changed: Any) -> SimpleNamespace:
    """Options as attributes."""
    return SimpleNamespace(**{**values, **changed})

"""What a kernel is handed besides its inputs: options, weights, counted arithmetic and threads. No rule among them."""

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
    """A kernel needs a weight that is not there, or is there in another shape."""

    def __init__(self, name: str, needed: Shape, found: Shape | None) -> None:
        self.name, self.needed, self.found = name, needed, found
        self.said = (
            Phrase("needs {name} of shape {needed}, but there is none", name=name, needed=spell(needed))
            if found is None
            else Phrase(
                "needs {name} of shape {needed}, but it has {found}",
                name=name,
                needed=spell(needed),
                found=spell(found),
            )
        )
        super().__init__(str(self.said))


class Weights(Protocol):
    """Where a kernel's weights come from."""

    def read(self, spec: WeightSpec) -> Array:
        """The array of this name and shape.

        Errors:  WrongWeights
        """


class StoredWeights:
    """The weights of one layer; remembers which were read, and in which shape."""

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
"""Works `(out, x)` out for any part of an input; the two may be the same memory."""

Finish = Callable[[Array], None]
"""What the layers behind a layer do to a part of its output, in place."""


class Task:
    """One layer at work.

    `behind` are layers to be done with every part of the output as soon as it is there, while it is still in the cache:
    each says what it does to rows like some, of so many channels.
    """

    def __init__(
        self,
        options: SimpleNamespace,
        weights: Weights,
        tally: Tally,
        workers: Workers,
        overwrite: bool = False,
        behind: Sequence[Callable[[Array, int], Fill]] = (),
    ) -> None:
        self.options = options
        self.weights = weights
        self.tally = tally
        self.workers = workers
        self.overwrite = overwrite
        self.behind = behind

    def weight(self, name: str, *shape: int) -> Array:
        """A learned array. The kernel says which shape it needs, going by the arrays at hand."""
        return self.weights.read(WeightSpec(name, shape))

    def statistic(self, name: str, *shape: int) -> Array:
        """A stored array that is not learned."""
        return self.weights.read(WeightSpec(name, shape, trainable=False))

    def room(self, x: Array) -> Array:
        """Memory for an output that is laid out as the input: the input's own, where the layer may write over it."""
        return x if self.overwrite else np.empty_like(x)

    def finish(self, y: Array) -> Finish:
        """What to do to contiguous parts of an output, (N, *spatial, C), that are whole rows of it."""
        if not self.behind:
            return lambda part: None
        lines = rows(y) if y.ndim > 3 else y.reshape(-1, y.shape[-1])
        fills = [layer(lines, y.shape[-1]) for layer in self.behind]

        def finished(part: Array) -> None:
            part = part.reshape(-1, lines.shape[1], copy=False)
            for fill in fills:
                fill(part, part)

        return finished

    def finish_all(self, y: Array) -> None:
        """Do what the layers behind this one do to a whole output, (N, *spatial, C)."""
        if self.behind:
            finish, lines = self.finish(y), y.reshape(-1, *y.shape[-2:], copy=False)
            self.over(lines, lambda part: finish(lines[part]))

    def over(self, x: Array, work: Work) -> None:
        """Call `work` for slices along the first axis of an array, block by block, on all threads."""
        self.workers.over(len(x), x.nbytes // max(len(x), 1), work)

    def over_columns(self, matrix: Array, work: Work) -> None:
        """Call `work` for slices of a matrix's columns, one for each thread."""
        self.workers.over(matrix.shape[1], matrix.nbytes // max(matrix.shape[1], 1), work, matrix.nbytes, PRODUCT)

    def each_value(self, work: Callable[..., Any], x: Array, *others: Array) -> Array:
        """What `work(out, part of x, ...)` fills in, block by block, from arrays of equal shape."""
        y = self.room(x)
        order = memory_order(x)
        arrays = [array.transpose(order) for array in (y, x, *others)]
        if all(array.flags.c_contiguous for array in arrays):
            arrays = [rows(array) for array in arrays]
        self.over(arrays[0], lambda part: work(*(array[part] for array in arrays)))
        return y


PRODUCT = 16
"""Effort of a matrix product, per byte of what is multiplied."""


def options_of(values: Mapping[str, Any], **changed: Any) -> SimpleNamespace:
    """Options as attributes."""
    return SimpleNamespace(**{**values, **changed})

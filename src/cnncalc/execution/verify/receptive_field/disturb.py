"""What moves behind a layer when the rows that it reads are disturbed, along one spatial axis.

The kernels of the network really run, but on one channel instead of hundreds, with all weights one, and along the other
axes on a single row with windows of one: which outputs move depends on none of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from cnncalc.core.tensor import TensorSpec
from cnncalc.execution.engine.program import Step
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.verify.receptive_field.one_channel import disturb, moved, ran, run, run_thin
from cnncalc.execution.verify.receptive_field.spans import MOST_MARKS, Marks, Reading, Seen, by_span

ONE_ROW = {
    "kernel_size": 1,
    "window_size": 1,
    "shift_size": 0,
    "stride": 1,
    "padding": 0,
    "dilation": 1,
    "output_padding": 0,
    "output_size": 1,
    "size": 1,
    "scale_factor": 1,
    "margin": 0,
    "offset": 0,
}
"""Options that hold a number for every axis, and what leaves an axis of one row alone."""

AT_ONCE = 1 << 20
"""Values that are disturbed at a time."""

PATTERN = 251
"""After so many numbers `_unlike` begins anew."""


class Axis:
    """One spatial axis of a number of them."""

    def __init__(self, number: int, axes: int) -> None:
        self.number, self._axes = number, axes

    # On the grid

    def reading(
        self, step: Step, marks: Sequence[Marks], inputs: Sequence[TensorSpec], output: TensorSpec
    ) -> Reading | None:
        """What moves with which disturbance, by the kernel on the narrowest map that it takes."""
        widest = max([n for x in inputs for n in x.spatial], default=1)
        found, width = None, 1
        while True:
            # Whether it takes a map shows on a single image of it.
            if width == 1 or self._moved(step, [each[:1] for each in marks], inputs, output, width, False) is not None:
                for apart in (False, True):
                    values = self._moved(step, marks, inputs, output, width, apart)
                    found = found if values is None else values
                    if found is not None and found.any():
                        return Reading(found, len(output.shape) > 1)
            if width >= widest or (found is not None and width > 1):  # wider maps of what it takes move no more
                return None if found is None else Reading(found, len(output.shape) > 1)
            width = min(widest, width + (width + 1) // 2)

    def _moved(
        self,
        step: Step,
        marks: Sequence[Marks],
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
        width: int,
        apart: bool,
    ) -> Array | None:
        """(disturbances, units): what moves with some disturbances after the other, so that memory is bounded."""
        along = [[n if axis == self.number else min(n, width) for axis, n in enumerate(x.spatial)] for x in inputs]
        read = sum(map(prod, along))
        written = output.spatial[self.number] if len(output.spatial) == self._axes else 0
        values = max(read, written)  # many more come out of a transposed convolution than go in
        if (len(marks[0]) + 1) * values > MOST_MARKS:
            return None
        found: list[Array] = []
        for part in _in_turn(len(marks[0]), values):
            some = self._moved_at_once(step, [each[part] for each in marks], inputs, output, width, apart)
            if some is None:
                return None
            found.append(some)
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _moved_at_once(
        self,
        step: Step,
        marks: list[Array],
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
        width: int,
        apart: bool,
    ) -> Array | None:
        """(disturbances, units): whether any value of a unit differs from the batch's last, which was left alone.

        None where the disturbance cannot be followed, or no window fits. What does not move because everything does
        that it is set against, as in a softmax, is set `apart`: from a channel and a row that keep still.
        """
        channels = self._turns(step) if step.traits.selects else step.options.get("upscale_factor", 1) ** 2
        arrays = []
        for each, x in zip(marks, inputs, strict=True):
            array = self._disturbed(step, each, x, 2 * channels if apart else channels, width, apart)
            if array is None:
                return None
            arrays.append(array)
        y = ran(run_thin, step, inputs, arrays, **self._one_row(step))
        if y is None or y.ndim != len(output.shape) + 1:
            return None
        values: Any = moved(y)
        if values.ndim == 2:  # a vector, of a unit for each channel or of several
            several: Array = values if values.shape[1] > arrays[0].shape[1] else values.any(axis=1, keepdims=True)
            return several
        if len(output.spatial) != self._axes:
            return None
        values = np.moveaxis(values, 1 + self._position(output), 1)
        values = values.reshape(*values.shape[:2], -1)  # of each unit
        by_unit: Array = values[..., 0] if values.shape[2] == 1 else values.any(axis=2)
        return by_unit

    def _disturbed(
        self, step: Step, marks: Array, x: TensorSpec, channels: int, width: int, apart: bool
    ) -> Array | None:
        """Ones, with a two wherever a disturbance has arrived; the last of the batch keeps still.

        What is set apart is disturbed unlike from row to row, where one unit stands for all of them.
        """
        spatial = x.spatial
        if spatial and (len(spatial) != self._axes or marks.shape[1] not in (spatial[self.number], 1)):
            return None
        width = max(2, width) if apart else width
        extents = [n if axis == self.number else min(n, width) for axis, n in enumerate(spatial)]
        disturbed = [n if axis == self.number or not apart else 1 for axis, n in enumerate(extents)]
        along = [marks.shape[1] if axis == self.number else 1 for axis in range(len(spatial))]
        at = len(spatial) if x.channels_last else 0
        for each, own in ((extents, channels), (disturbed, channels // 2 if apart else channels), (along, 1)):
            each.insert(at, own)
        array = np.ones((len(marks) + 1, *extents), np.float32)
        if step.traits.selects:  # in every channel another of the rows that a window spans is the largest
            channel = np.arange(channels).reshape(-1, *[1] * (array.ndim - 2))
            array += (self._numbered(array, x) - channel) % channels / channels
        by = 1 + _unlike(self._numbered(array, x)) if apart and marks.shape[1] == 1 and spatial else None
        disturb(step, array[(slice(-1), *map(slice, disturbed))], marks.reshape(len(marks), *along), by)
        return array

    def _numbered(self, array: Array, x: TensorSpec) -> Array:
        """The number of each row along the axis, to be combined with a batch of maps."""
        own = 1 + self._position(x)
        return np.arange(array.shape[own]).reshape(-1, *[1] * (array.ndim - 1 - own))

    def _turns(self, step: Step) -> int:
        """Channels that it takes for every row under a window to be the largest in one of them."""
        kernel, dilation = step.options["kernel_size"][self.number], step.options["dilation"][self.number]
        return int(dilation * (kernel - 1) + 1)

    def is_constant(self, step: Step, inputs: Sequence[TensorSpec]) -> bool:
        """Whether nothing moves behind a step because there is too little to move: on a larger map, something does.

        The softmax of one value is 1 and its norm 0, and windows far apart miss a small map.
        """
        for more in (2, 8, 32, 128, 512, 2048):
            arrays = []
            for x in inputs:
                at = len(x.spatial) if x.channels_last else 0
                extents = [n + (more if axis == self._position(x) else 2) for axis, n in enumerate(x.shape)]
                extents[at] = 3
                number = np.arange(prod(extents)).reshape(extents)
                array = np.tile((1 + number % 7 / 8).astype(np.float32), (2, *[1] * number.ndim))
                disturb(step, array[:1], np.ones_like(array[:1]), 1 + _unlike(number))
                arrays.append(array)
            y = ran(run_thin, step, inputs, arrays, **self._one_row(step))
            if y is not None and moved(y).any():
                return True
        return False

    def _one_row(self, step: Step) -> dict[str, Any]:
        """Options with which a step leaves the other axes alone."""
        return {
            name: tuple([n if axis == self.number else ONE_ROW[name] for axis, n in enumerate(value)])
            for name, value in step.options.items()
            if name in ONE_ROW and type(value) is tuple and len(value) == self._axes > 1
        }

    def _position(self, x: TensorSpec) -> int:
        """Where the axis lies among those of a map."""
        return self.number if x.channels_last else self.number + 1

    # Off the grid

    def relabelled(self, step: Step, seen: Seen, x: TensorSpec, output: TensorSpec) -> Seen | None:
        """Which unit stands where, by moving the numbers of the units about."""
        if seen.units == 1:
            return seen
        numbers = self._laid_out(np.arange(seen.units), seen, x)
        moved = None if numbers is None else ran(run, step, [numbers[None]])
        if moved is None:
            return None
        units, on_grid = moved[0], False
        if len(output.spatial) == self._axes and units.shape == output.shape:
            own = self._position(output)
            line = units[tuple([slice(None) if axis == own else slice(1) for axis in range(units.ndim)])]
            on_grid = bool((units == line).all())
            units = line.ravel() if on_grid else units
        return Seen(seen.first.ravel()[units], seen.last.ravel()[units], on_grid)

    def off_grid(self, step: Step, seen: list[Seen], inputs: Sequence[TensorSpec]) -> Seen | None:
        """What moves with the units of each span, where the units that see the same are disturbed together."""
        spans = []
        for one, x in zip(seen, inputs, strict=True):
            laid_out = [self._laid_out(ends, one, x) for ends in (one.first, one.last)]
            spans.append([ends for ends in laid_out if ends is not None] or [one.first, one.last])
        marks, ends = by_span(spans, [one.distinct for one in seen])
        if not marks:
            return None
        found: list[Array] = []
        for part in _in_turn(len(ends[0]), sum(low.size for low, _ in spans)):
            arrays = []
            for each in marks:
                some = each[part]
                # unlike each other, for layers that set values against each other; in eighths, so that sums are exact
                own = some.shape[1:]
                array = np.empty((len(some) + 1, *own), np.float32)
                array[:] = np.resize(np.arange(8, 15, dtype=np.float32) / 8, own)
                by = np.resize(1 + _unlike(np.arange(PATTERN)).astype(np.float32), own)
                disturb(step, array[:-1], some, by)  # no multiple of them, which a norm takes away
                arrays.append(array)
            y = ran(run, step, arrays, **{name: 1 for name in ("out_features",) if name in step.options})
            if y is None:
                return None
            found.append(moved(y).reshape(len(y) - 1, -1))
            shape = y.shape[1:]
        return Reading(found[0] if len(found) == 1 else np.concatenate(found), False).seen(*ends, shape)

    def _laid_out(self, values: Array, seen: Seen, x: TensorSpec) -> Array | None:
        """What there is of each unit, at every value of the tensor that belongs to it; None where that is not known."""
        if seen.on_grid and seen.units > 1:
            values = values.reshape([-1 if axis == self._position(x) else 1 for axis in range(len(x.shape))])
        try:
            return np.broadcast_to(values.reshape(values.shape if seen.on_grid else seen.first.shape), x.shape)
        except ValueError:
            return None


def _unlike(number: Array) -> Array:
    """Eighths that follow no pattern, neither along an axis nor across it: sums of them are exact."""
    eighths: Array = number**2 % PATTERN % 5 / 8
    return eighths


def _in_turn(disturbances: int, values: int) -> Iterator[slice]:
    """As many disturbances at a time as come to so many values, of each of which there are some."""
    step = max(1, AT_ONCE // values)
    return (slice(first, first + step) for first in range(0, disturbances, step))

"""Receptive fields, found by disturbing what a layer reads and watching which of its outputs move.

Every row that a layer reads is disturbed in turn, one spatial axis at a time; an output that moves sees what that row
sees of the network's input. The kernels of the network really run, but on one channel instead of hundreds, with all
weights one, and along the other axes on a single row with windows of one: which outputs move depends on none of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.execution.program import Program, Step
from cnncalc.execution.seen import NEVER, Reading, Seen, Spans, by_span, one_by_one
from cnncalc.execution.tally import Array
from cnncalc.execution.thin import ONE_CHANNEL, is_depthwise, ran, run, run_thin

MOST_ROWS = 640
"""Rows of the input that are watched; of a longer axis those in the middle."""

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

NAMES_AN_AXIS = frozenset({"dim", "dims", "start_dim", "normalized_shape"})
"""Options of layers that treat one axis unlike another, though their options say the same of all."""

SELECTS = frozenset({"max_unpool2d"})
"""Types whose values go where another's largest stands: of values that are all alike, only the first would show."""

DRAWS = 32
"""Channels of random values that such a type is shown instead of ones."""

SEQUENCES = frozenset({"scaled_dot_product_attention", "multi_head_attention", "class_token"})
"""Types whose input is positions by features, so that a single channel would be a single position."""

RELABELS = frozenset({"flatten", "reshape", "permute"})
"""Types that only say anew which value stands where."""


class _Options(NamedTuple):
    """Names of options: of those with a number for every axis, and of the rest that does not depend on channels."""

    per_axis: tuple[str, ...]
    rest: tuple[str, ...]
    name_an_axis: bool


class Probe:
    """The network under disturbance along one axis of its inputs of one size."""

    def __init__(self, program: Program, frame: Shape, axis: int, cache: dict[Any, Any]) -> None:
        size = frame[axis]
        first = max(0, (size - MOST_ROWS) // 2)
        self.rows = range(first, first + min(size, MOST_ROWS))
        self._axis, self._axes, self._cache = axis, len(frame), cache
        row = np.arange(size)
        watched = (self.rows.start <= row) & (row < self.rows.stop)
        own = self._one((np.where(watched, row, NEVER), np.where(watched, row, -NEVER)), True)
        self._seen: dict[str, Seen | None] = {
            name: own if shape[1:] == frame else self._still(shape) for name, shape in program.inputs.items()
        }

    def _still(self, shape: Shape) -> Seen | None:
        """An input of another size, which is not disturbed; None of one with other axes."""
        if len(shape) != self._axes + 1:
            return None
        return self._one((np.full(shape[1 + self._axis], NEVER), np.full(shape[1 + self._axis], -NEVER)), True)

    def of(self, wires: Sequence[str]) -> list[Seen] | None:
        """What is seen on some wires; None where that is not known of every one."""
        found = [seen for wire in wires if (seen := self._seen.get(wire)) is not None]
        return found if len(found) == len(wires) else None

    def hull(self, wires: Sequence[str]) -> tuple[int, int]:
        """The first and the last row that is seen on any of some wires."""
        hulls = [seen.hull for seen in self.of(wires) or ()]
        return min([low for low, _ in hulls], default=NEVER), max([high for _, high in hulls], default=-NEVER)

    def through(
        self, step: Step, inputs: Sequence[TensorSpec], output: TensorSpec, other: Probe | None = None
    ) -> Seen | None:
        """What is seen behind one more step; None where the disturbance cannot be followed.

        Where all is the same as along another axis, so is what is seen.
        """
        seen = None if "regions" in step.options else self.of(step.inputs)  # a region may lie anywhere
        found = None
        if seen is not None:
            options = self._options(step)
            if other is not None and seen == other.of(step.inputs) and self._is_like(other, options, step, inputs):
                found = other._seen[step.path]
            else:
                key = self._signature(options, step, seen, inputs, output)
                known = (key, *map(id, seen))
                found = self._cache.get(known, self)
                if found is self:
                    found = self._cache[known] = self._behind(step, key, seen, inputs, output)
        self._seen[step.path] = found
        return found

    def _behind(
        self, step: Step, key: Any, seen: list[Seen], inputs: Sequence[TensorSpec], output: TensorSpec
    ) -> Seen | None:
        if step.type in RELABELS:
            return self._relabelled(step, seen[0], inputs[0], output)
        if any(self._has_left(step, one, x) for one, x in zip(seen, inputs, strict=True)):
            return self._off_grid(step, seen, inputs)
        if any(one.units > MOST_ROWS for one in seen):
            marks, ends = by_span([(one.first, one.last) for one in seen], [one.distinct for one in seen])
            reading = self._reading(step, marks, inputs, output) if marks else None
            return None if reading is None else self._one(reading.spans(*ends), reading.on_grid)
        if key not in self._cache:
            self._cache[key] = self._reading(step, one_by_one(seen), inputs, output)
        reading = self._cache[key]
        if reading is None or (reading.is_identity and len(seen) == 1):
            return None if reading is None else seen[0]
        first, last = [one.first for one in seen], [one.last for one in seen]
        return self._one(reading.spans(np.concatenate(first), np.concatenate(last)), reading.on_grid)

    def _one(self, spans: Spans, on_grid: bool) -> Seen:
        """One object for equal spans, so that what has been run on them is not run again."""
        first, last = spans
        if not on_grid and (first == first.flat[0]).all() and (last == last.flat[0]).all():
            first, last = first.ravel()[:1], last.ravel()[:1]
        key = (first.shape, on_grid, first.tobytes(), last.tobytes())
        found: Seen = self._cache.setdefault(key, Seen(first, last, on_grid))
        return found

    def _options(self, step: Step) -> _Options:
        """Which options of a type say something of every axis, of one, or of none."""
        found: _Options | None = self._cache.get(step.type)
        if found is None:
            names = step.options.keys()
            per_axis = tuple([name for name in names if name in ONE_ROW])
            rest = tuple([name for name in names if name not in ONE_ROW and name not in ONE_CHANNEL])
            names_axis = step.type in RELABELS or not NAMES_AN_AXIS.isdisjoint(names)
            found = self._cache[step.type] = _Options(per_axis, rest, names_axis)
        return found

    def _signature(
        self, options: _Options, step: Step, seen: list[Seen], inputs: Sequence[TensorSpec], output: TensorSpec
    ) -> tuple[Any, ...]:
        """What decides on this axis which outputs move with which rows."""
        axis, axes, given = self._axis, self._axes, step.options
        if step.type in RELABELS:
            return (step.type, *given.values(), inputs[0], axis)
        key: list[Any] = [step.type, axis if options.name_an_axis else None, len(output.shape), output.channels_last]
        key += [given[name] for name in options.rest]
        for name in options.per_axis:
            value = given[name]
            key.append(value[axis] if type(value) is tuple and len(value) == axes else value)
        for one, x in zip(seen, inputs, strict=True):
            if self._has_left(step, one, x):
                key.append(x)
            else:
                others = [n > 1 for n in x.spatial].count(True)
                key += (one.units, x.spatial[axis] if x.spatial else None, x.channels_last, others)
        key.append(is_depthwise(step, inputs[0]))
        return tuple(key)

    def _is_like(self, other: Probe, options: _Options, step: Step, inputs: Sequence[TensorSpec]) -> bool:
        """Whether a step does along another axis as it does along this one."""
        if options.name_an_axis:
            return False
        one, two, axes = self._axis, other._axis, self._axes
        for value in [x.spatial for x in inputs] + [step.options[name] for name in options.per_axis]:
            if type(value) is tuple and len(value) == axes and value[one] != value[two]:
                return False
        return True

    # On the grid

    def _reading(
        self, step: Step, marks: list[Array], inputs: Sequence[TensorSpec], output: TensorSpec
    ) -> Reading | None:
        """What moves with which disturbance, by the kernel on the narrowest map that it takes."""
        widest = max([n for x in inputs for n in x.spatial], default=1)
        found, width = None, 1
        while True:
            # Whether it takes a map shows on a single image of it.
            if width == 1 or self._moved(step, [each[:1] for each in marks], inputs, output, width, False) is not None:
                for apart in (False, True):
                    moved = self._moved(step, marks, inputs, output, width, apart)
                    found = found if moved is None else moved
                    if found is not None and found.any():
                        return Reading(found, len(output.shape) > 1)
            if width >= widest:
                return None if found is None else Reading(found, len(output.shape) > 1)
            width = min(widest, width + (width + 1) // 2)

    def _moved(
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
        channels = DRAWS if step.type in SELECTS else step.options.get("upscale_factor", 1) ** 2
        arrays = []
        for each, x in zip(marks, inputs, strict=True):
            array = self._disturbed(each, x, 2 * channels if apart else channels, width, apart)
            if array is None:
                return None
            arrays.append(_drawn(array) if step.type in SELECTS else array)
        y = ran(run_thin, step, inputs, arrays, **self._one_row(step))
        if y is None or y.ndim != len(output.shape) + 1:
            return None
        moved = y[:-1] != y[-1:]
        if moved.ndim == 2:  # a vector, of a unit for each channel or of several
            several: Array = moved if moved.shape[1] > arrays[0].shape[1] else moved.any(axis=1, keepdims=True)
            return several
        if len(output.spatial) != self._axes:
            return None
        own = 1 + self._position(output)
        by_unit: Array = moved.any(axis=tuple([axis for axis in range(1, moved.ndim) if axis != own]))
        return by_unit

    def _disturbed(self, marks: Array, x: TensorSpec, channels: int, width: int, apart: bool) -> Array | None:
        """Ones, with a two wherever a disturbance has arrived; the last of the batch keeps still."""
        spatial = x.spatial
        if spatial and (len(spatial) != self._axes or marks.shape[1] not in (spatial[self._axis], 1)):
            return None
        width = max(2, width) if apart else width
        extents = [n if axis == self._axis else min(n, width) for axis, n in enumerate(spatial)]
        disturbed = [n if axis == self._axis or not apart else 1 for axis, n in enumerate(extents)]
        along = [marks.shape[1] if axis == self._axis else 1 for axis in range(len(spatial))]
        at = len(spatial) if x.channels_last else 0
        for each, own in ((extents, channels), (disturbed, channels // 2 if apart else channels), (along, 1)):
            each.insert(at, own)
        array = np.ones((len(marks) + 1, *extents), np.float32)
        array[(slice(-1), *map(slice, disturbed))] += marks.reshape(len(marks), *along)
        return array

    def _one_row(self, step: Step) -> dict[str, Any]:
        """Options with which a step leaves the other axes alone."""
        return {
            name: tuple([n if axis == self._axis else ONE_ROW[name] for axis, n in enumerate(value)])
            for name, value in step.options.items()
            if name in ONE_ROW and type(value) is tuple and len(value) == self._axes > 1
        }

    def _position(self, x: TensorSpec) -> int:
        """Where the axis lies among those of a map."""
        return self._axis if x.channels_last else self._axis + 1

    # Off the grid

    def _has_left(self, step: Step, seen: Seen, x: TensorSpec) -> bool:
        """Whether a tensor does not stand on the axes of the input any more, nor is a unit for each channel."""
        elsewhere = len(x.shape) > 1 and len(x.spatial) != self._axes
        return elsewhere or (seen.units > 1 and not seen.on_grid) or step.type in SEQUENCES

    def _relabelled(self, step: Step, seen: Seen, x: TensorSpec, output: TensorSpec) -> Seen | None:
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
        return self._one((seen.first.ravel()[units], seen.last.ravel()[units]), on_grid)

    def _off_grid(self, step: Step, seen: list[Seen], inputs: Sequence[TensorSpec]) -> Seen | None:
        """What moves with the units of each span, where the units that see the same are disturbed together."""
        spans = []
        for one, x in zip(seen, inputs, strict=True):
            laid_out = [self._laid_out(ends, one, x) for ends in (one.first, one.last)]
            spans.append([ends for ends in laid_out if ends is not None] or [one.first, one.last])
        marks, ends = by_span(spans, [one.distinct for one in seen])
        if not marks:
            return None
        arrays = []
        for each in marks:
            # unlike each other, for layers that set values against each other; in eighths, so that sums are exact
            number = np.arange(each[0].size).reshape(each.shape[1:])
            array = np.tile((1 + number % 7 / 8).astype(np.float32), (len(each) + 1, *[1] * number.ndim))
            array[:-1] += each * (1 + number % 5 / 8)
            arrays.append(array)
        y = ran(run, step, arrays, **{name: 1 for name in ("out_features",) if name in step.options})
        if y is None:
            return None
        reading = Reading((y[:-1] != y[-1:]).reshape(len(y) - 1, -1), False)
        first, last = reading.spans(*ends)
        return self._one((first.reshape(y.shape[1:]), last.reshape(y.shape[1:])), False)

    def _laid_out(self, values: Array, seen: Seen, x: TensorSpec) -> Array | None:
        """What there is of each unit, at every value of the tensor that belongs to it; None where that is not known."""
        if seen.on_grid and seen.units > 1:
            values = values.reshape([-1 if axis == self._position(x) else 1 for axis in range(len(x.shape))])
        try:
            return np.broadcast_to(values.reshape(values.shape if seen.on_grid else seen.first.shape), x.shape)
        except ValueError:
            return None


def _drawn(array: Array) -> Array:
    """Random values instead of ones; what is disturbed grows in half of the channels, and shrinks in the others."""
    channels = np.arange(array.shape[1]).reshape(-1, *[1] * (array.ndim - 2))
    values = np.random.default_rng(0).random(array.shape[1:], np.float32)
    drawn: Array = values + (array - 1) * np.where(channels % 2, 2, -2).astype(np.float32)
    return drawn

"""Receptive fields, found by disturbing what a layer reads and watching which of its outputs move.

Every row that a layer reads is disturbed in turn, one spatial axis at a time; an output that moves sees what that row
sees of the network's input. The kernels of the network really run, but on one channel instead of hundreds, with all
weights one, and along the other axes on a single row with windows of one: which outputs move depends on none of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec
from cnncalc.execution import kernels
from cnncalc.execution.program import Program, Step
from cnncalc.execution.tally import Array, Tally
from cnncalc.execution.task import Task, options_of
from cnncalc.execution.workers import Workers

MOST_ROWS = 640
"""Rows of the input that are watched; of a longer axis those in the middle."""

MOST_VALUES = 1 << 24
"""Values of a layer's inputs in all its disturbances; a layer with more of them is not followed off the grid."""

NEVER = 1 << 31
"""A row beyond every map."""

ONE_CHANNEL = {
    "out_channels": 1,
    "out_features": 1,
    "groups": 1,
    "num_groups": 1,
    "num_heads": 1,
    "num_parameters": 1,
    "connections": None,
}
"""Options that depend on the number of channels, as one channel has them."""

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

SATURATES = frozenset({"rnn", "lstm", "gru"})
"""Types that make one number of all large ones, and so would of sums with weights of one."""

SEQUENCES = frozenset({"scaled_dot_product_attention", "multi_head_attention", "class_token"})
"""Types whose input is positions by features, so that a single channel would be a single position."""

RELABELS = frozenset({"flatten", "reshape", "permute"})
"""Types that only say anew which value stands where."""

Spans = tuple[Array, Array]
"""The first and the last row that each of some units sees; of one that sees none, the last comes before the first."""


class Seen:
    """What the units of a tensor see of one axis of the input.

    On the grid there is one unit for every row of the axis; off it, units stand as the values of the tensor do. A
    single unit stands for all of a tensor.
    """

    def __init__(self, first: Array, last: Array, on_grid: bool) -> None:
        self.first, self.last, self.on_grid = first, last, on_grid

    @property
    def units(self) -> int:
        """How many there are."""
        return self.first.size

    @cached_property
    def hull(self) -> tuple[int, int]:
        """The first and the last row that any unit sees."""
        return int(self.first.min()), int(self.last.max())

    @cached_property
    def distinct(self) -> Array:
        """(2, n): every span that some unit sees, once."""
        sees = self.first <= self.last
        return _unlike(self.first[sees], self.last[sees])


class _Reading:
    """Which disturbances move each unit of an output: `moved[disturbance, unit]`."""

    def __init__(self, moved: Array, on_grid: bool) -> None:
        self.on_grid = on_grid
        by_unit = np.ascontiguousarray(moved.T)
        counts = np.count_nonzero(by_unit, axis=1)
        self._which = np.flatnonzero(by_unit) % max(1, len(moved))
        self._moves = counts > 0
        self._sees_nothing = not self._moves.all()
        counts = counts[self._moves]
        self._starts = np.cumsum(counts) - counts
        self.is_identity = moved.shape[0] == moved.shape[1] and np.array_equal(self._which, np.arange(len(moved)))

    def spans(self, first: Array, last: Array) -> Spans:
        """What the units see, from what the rows see that each disturbance disturbs."""
        return self._folded(np.minimum, first, NEVER), self._folded(np.maximum, last, -NEVER)

    def _folded(self, ufunc: np.ufunc, ends: Array, nothing: int) -> Array:
        folded: Array = ufunc.reduceat(ends[self._which], self._starts) if len(self._starts) else ends[:0]
        if self._sees_nothing:
            every = np.full(len(self._moves), nothing)
            every[self._moves] = folded
            return every
        return folded


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
        if seen is None:
            pass
        elif other is not None and seen == other.of(step.inputs) and self._is_like(other, step, inputs):
            found = other._seen[step.path]
        else:
            key = self._signature(step, seen, inputs, output)
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
            marks, ends = _by_span([(one.first, one.last) for one in seen], [one.distinct for one in seen])
            reading = self._reading(step, marks, inputs, output)
            return reading and self._one(reading.spans(*ends), reading.on_grid)
        if key not in self._cache:
            self._cache[key] = self._reading(step, _one_by_one(seen), inputs, output)
        reading = self._cache[key]
        if reading is None or (reading.is_identity and len(seen) == 1):
            return reading and seen[0]
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

    def _signature(
        self, step: Step, seen: list[Seen], inputs: Sequence[TensorSpec], output: TensorSpec
    ) -> tuple[Any, ...]:
        """What decides on this axis which outputs move with which rows."""
        axis, axes = self._axis, self._axes
        if step.type in RELABELS:
            return (step.type, *step.options.values(), inputs[0], axis)
        options = [
            value[axis] if name in ONE_ROW and type(value) is tuple and len(value) == axes else value
            for name, value in step.options.items()
            if name not in ONE_CHANNEL
        ]
        maps: list[Any] = [axis if step.options.keys() & NAMES_AN_AXIS else None, _is_depthwise(step, inputs[0])]
        for one, x in zip(seen, inputs, strict=True):
            spatial = x.spatial
            if self._has_left(step, one, x):
                maps.append(x)
                continue
            own = spatial[axis] if spatial else None
            maps.append((one.units, own, x.channels_last, [n > 1 for n in spatial].count(True)))
        return (step.type, *options, *maps, len(output.shape), output.channels_last)

    def _is_like(self, other: Probe, step: Step, inputs: Sequence[TensorSpec]) -> bool:
        """Whether a step does along another axis as it does along this one."""
        if step.type in RELABELS or step.options.keys() & NAMES_AN_AXIS:
            return False
        one, two, axes = self._axis, other._axis, self._axes
        pairs = [x.spatial for x in inputs] + [
            value for name, value in step.options.items() if name in ONE_ROW and type(value) is tuple
        ]
        return all(pair[one] == pair[two] for pair in pairs if len(pair) == axes)

    # On the grid

    def _reading(
        self, step: Step, marks: list[Array], inputs: Sequence[TensorSpec], output: TensorSpec
    ) -> _Reading | None:
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
                        return _Reading(found, len(output.shape) > 1)
            if width >= widest:
                return None if found is None else _Reading(found, len(output.shape) > 1)
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
        y = _ran(_run_thin, step, inputs, arrays, **self._one_row(step))
        if y is None or y.ndim != len(output.shape) + 1:
            return None
        moved = y[:-1] != y[-1:]
        if moved.ndim == 2:  # a vector, of a unit for each channel or of several
            return moved if moved.shape[1] > arrays[0].shape[1] else moved.any(axis=1, keepdims=True)
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
        moved = None if numbers is None else _ran(_run, step, [numbers[None]])
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
        marks, ends = _by_span(spans, [one.distinct for one in seen])
        if not marks:
            return None
        arrays = []
        for each in marks:
            # unlike each other, for layers that set values against each other; in eighths, so that sums are exact
            number = np.arange(each[0].size).reshape(each.shape[1:])
            array = np.tile((1 + number % 7 / 8).astype(np.float32), (len(each) + 1, *[1] * number.ndim))
            array[:-1] += each * (1 + number % 5 / 8)
            arrays.append(array)
        y = _ran(_run, step, arrays, **{name: 1 for name in ("out_features",) if name in step.options})
        if y is None:
            return None
        reading = _Reading((y[:-1] != y[-1:]).reshape(len(y) - 1, -1), False)
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


def _one_by_one(seen: list[Seen]) -> list[Array]:
    """Disturbances of every unit of every input in turn: `marks[disturbance, unit]` for each input."""
    every = np.eye(sum([one.units for one in seen]), dtype=np.float32)
    if len(seen) == 1:
        return [every]
    return np.split(every, np.cumsum([one.units for one in seen])[:-1], axis=1)


def _by_span(spans: list[Any], distinct: list[Array]) -> tuple[list[Array], Spans]:
    """A disturbance of all units of each span; and the spans. Without marks where that comes to too much."""
    first, last = found = _unlike(*np.concatenate(distinct, axis=1))
    if (found.shape[1] + 1) * sum([low.size for low, _ in spans]) > MOST_VALUES:
        return [], (first, last)
    marks = []
    for low, high in spans:
        along = (-1, *[1] * low.ndim)
        marks.append((low == first.reshape(along)) & (high == last.reshape(along)))
    return marks, (first, last)


def _unlike(first: Array, last: Array) -> Array:
    """(2, n): spans that are there, each once."""
    return np.stack(np.divmod(np.unique(first * NEVER + last), NEVER))


def _drawn(array: Array) -> Array:
    """Random values instead of ones; what is disturbed grows in half of the channels, and shrinks in the others."""
    channels = np.arange(array.shape[1]).reshape(-1, *[1] * (array.ndim - 2))
    values = np.random.default_rng(0).random(array.shape[1:], np.float32)
    drawn: Array = values + (array - 1) * np.where(channels % 2, 2, -2).astype(np.float32)
    return drawn


class _Ones:
    """Every weight one, in whatever shape a kernel needs it."""

    def read(self, spec: WeightSpec) -> Array:
        """An array of ones."""
        return np.ones(spec.shape, np.float32)


class _Means:
    """Weights that take means of what they read."""

    def read(self, spec: WeightSpec) -> Array:
        """An array of equal values."""
        return np.full(spec.shape, 1 / spec.shape[-1], np.float32)


def _is_depthwise(step: Step, x: TensorSpec) -> bool:
    return bool(1 < step.options.get("groups", 1) == x.shape[0] == step.options.get("out_channels"))


def _ran(run: Callable[..., Array], step: Step, *given: Any, **changed: Any) -> Array | None:
    """What comes out of a run; None where it cannot be done."""
    try:
        with np.errstate(all="ignore"):
            return run(step, *given, **changed)
    except (ValueError, IndexError, ZeroDivisionError):
        return None


def _run_thin(step: Step, inputs: Sequence[TensorSpec], arrays: list[Array], **changed: Any) -> Array:
    """The kernel on one channel. One that keeps its channels apart gets the batch as channels: it is made for many."""
    changed |= {name: value for name, value in ONE_CHANNEL.items() if name in step.options}
    depthwise = _is_depthwise(step, inputs[0])
    if depthwise:
        arrays = [array.swapaxes(0, 1) for array in arrays]
        changed |= {"groups": arrays[0].shape[1], "out_channels": arrays[0].shape[1]}
    if step.type == "slice" and step.options["dim"] % len(inputs[0].shape) == _channels_at(inputs[0]):
        changed |= {"start": 0, "end": None, "step": 1}  # part of the channels sees what all of them see
    y = _run(step, arrays, **changed)
    return y.swapaxes(0, 1) if depthwise else y


def _channels_at(x: TensorSpec) -> int:
    return len(x.shape) - 1 if x.channels_last else 0


def _run(step: Step, arrays: list[Array], /, **changed: Any) -> Array:  # `slice` has an option called step
    weights = _Means() if step.type in SATURATES else _Ones()
    task = Task(options_of(step.options, **changed), weights, Tally(), Workers())
    return kernels.resolve(step.type)(task, *arrays)

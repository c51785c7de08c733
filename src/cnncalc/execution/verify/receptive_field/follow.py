"""Receptive fields, found by disturbing what a layer reads and watching which of its outputs move.

Every row that a layer reads is disturbed in turn, one spatial axis at a time; an output that moves sees what that row
sees of the network's input. Where a layer does along another axis, or with fewer rows, what it has been seen to do, it
is not run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.execution.engine.program import Step
from cnncalc.execution.verify.receptive_field.disturb import ONE_ROW, Axis
from cnncalc.execution.verify.receptive_field.one_channel import ONE_CHANNEL, is_depthwise, keeps_to_channels
from cnncalc.execution.verify.receptive_field.spans import NEVER, NOTHING, Marks, Reading, Seen, by_span, one_by_one

MOST_ROWS = 640
"""Rows of the input that are watched; of a longer axis those in the middle."""

NAMES_AN_AXIS = frozenset({"dim", "dims", "start_dim", "normalized_shape"})
"""Options of layers that treat one axis unlike another, unless it is that of the channels."""


class _Options(NamedTuple):
    """Names of a type's options: those that matter to what is seen, and of these those with a number for every axis."""

    matter: tuple[str, ...]
    per_axis: tuple[str, ...]
    name_an_axis: bool


class _Kind(NamedTuple):
    """Steps that let the same be seen of the same."""

    number: int
    alike: bool  # whether they do along every axis what they do along one
    kept: list[int] | None
    """Of steps without a window: by axis, the most rows of which each has been seen to keep to itself, at any size."""


class _Followed(NamedTuple):
    """What is seen on a wire, by axis; None of an axis along which the disturbance cannot be followed."""

    by_axis: list[Seen | None]
    units: int  # the most along any axis
    off_grid: bool  # whether its values do not stand on the axes of the input any more, nor are a unit for each channel


class Probes:
    """The network under disturbance along every axis of its inputs of one size."""

    def __init__(self, inputs: Mapping[str, TensorSpec], frame: Shape) -> None:
        self._axes = [Axis(number, len(frame)) for number in range(len(frame))]
        self._one_of: dict[Any, Seen] = {}
        self._options: dict[str, _Options] = {}
        self._kinds: dict[Any, _Kind] = {}
        self._readings: dict[Any, Reading | None] = {}
        self._kept: dict[Any, list[int]] = {}
        self._marks: dict[tuple[int, ...], Sequence[Marks]] = {}
        self._known: dict[Any, Seen | None] = {}
        self.rows = [_watched(size) for size in frame]
        self.disturbed = [name for name, x in inputs.items() if x.spatial == frame]
        self._none: list[Seen | None] = [None] * len(frame)
        own: list[Seen | None] = [self._input(size, rows) for size, rows in zip(frame, self.rows, strict=True)]
        self._seen: dict[str, _Followed | None] = {
            name: _Followed(own, max(frame, default=1), False) if x.spatial == frame else self._still(x.spatial)
            for name, x in inputs.items()
        }

    def _input(self, size: int, rows: range) -> Seen:
        """An axis of an input: each row sees itself, if it is among those that are watched."""
        row = np.arange(size)
        watched = (rows.start <= row) & (row < rows.stop)
        return self._one(Seen(np.where(watched, row, NEVER), np.where(watched, row, -NEVER), True))

    def _still(self, spatial: Shape) -> _Followed | None:
        """An input of another size, or of none, which is not disturbed; None of one with other axes."""
        if not spatial and self._axes:
            return _Followed([NOTHING] * len(self._axes), 1, False)
        if len(spatial) != len(self._axes):
            return None
        return _Followed([self._input(size, range(0)) for size in spatial], max(spatial, default=1), False)

    def hulls(self, wires: Sequence[str]) -> list[tuple[int, int]]:
        """For each axis the first and the last row that is seen on any of some wires."""
        followed = [found for wire in wires if (found := self._seen.get(wire)) is not None]
        by_axis = [
            [seen.hull for each in followed if (seen := each.by_axis[axis.number]) is not None] for axis in self._axes
        ]
        return [
            (min([low for low, _ in hulls], default=NEVER), max([high for _, high in hulls], default=-NEVER))
            for hulls in by_axis
        ]

    def of(self, wire: str) -> list[Seen | None]:
        """What is seen on a wire, by axis; None where the disturbance cannot be followed."""
        followed = self._seen.get(wire)
        return self._none if followed is None else followed.by_axis

    def through(self, step: Step, inputs: Sequence[TensorSpec], output: TensorSpec) -> list[Seen | None]:
        """What is seen behind one more step, by axis; None where the disturbance cannot be followed."""
        found = None if "regions" in step.options else self._through(step, inputs, output)  # a region may lie anywhere
        self._seen[step.path] = found
        return self._none if found is None else found.by_axis

    def _through(self, step: Step, inputs: Sequence[TensorSpec], output: TensorSpec) -> _Followed | None:
        by_wire = [followed for wire in step.inputs if (followed := self._seen.get(wire)) is not None]
        if len(by_wire) < len(step.inputs):
            return None
        kind = self._kind(step, inputs, output, by_wire)
        off_grid = step.traits.mixes_positions or any(followed.off_grid for followed in by_wire)
        if kind.kept is not None:
            if len(by_wire) == 1 and not off_grid and all(map(_within, by_wire[0].by_axis, kind.kept)):
                return by_wire[0]
            if max([followed.units for followed in by_wire]) > min(kind.kept, default=0):
                kind = kind._replace(alike=False)  # each axis is run once
        every: list[Seen | None] = []
        before: list[Seen] = []
        found: Seen | None = None
        for axis in self._axes:
            seen: list[Any] = [followed.by_axis[axis.number] for followed in by_wire]
            if None in seen:
                every.append(None)
                continue
            if not (kind.alike and seen == before):
                key = (kind.number, None if kind.alike else axis.number, *map(id, seen))
                if key not in self._known:
                    self._known[key] = self._behind(axis, step, kind, seen, off_grid, inputs, output)
                found, before = self._known[key], seen
            every.append(found)
        known: list[Any] = [one for one in every if one is not None] if None in every else every
        elsewhere = len(output.shape) > 1 and len(output.spatial) != len(self._axes)
        elsewhere = elsewhere or any(one.units > 1 and not one.on_grid for one in known)
        return _Followed(every, max([one.units for one in known]), elsewhere) if known else None

    def _behind(
        self,
        axis: Axis,
        step: Step,
        kind: _Kind,
        seen: list[Seen],
        off_grid: bool,
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
    ) -> Seen | None:
        """What is seen behind a step, of which the like has not read the like."""
        found = self._run(axis, step, kind, seen, off_grid, inputs, output)
        if found is None:
            return None
        if found.sees_nothing and found is not NOTHING and axis.is_constant(step, inputs):
            return None
        return self._one(found)

    def _run(
        self,
        axis: Axis,
        step: Step,
        kind: _Kind,
        seen: list[Seen],
        off_grid: bool,
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
    ) -> Seen | None:
        """What comes of running it."""
        if all(one.sees_nothing for one in seen):
            return NOTHING
        if step.traits.relabels:
            return axis.relabelled(step, seen[0], inputs[0], output)
        if off_grid:
            return axis.off_grid(step, seen, inputs)
        if sum(one.units for one in seen) > 2 * MOST_ROWS:
            marks, ends = by_span([(one.first, one.last) for one in seen], [one.distinct for one in seen])
            reading = axis.reading(step, marks, inputs, output) if marks else None
            return None if reading is None else reading.seen(*ends)
        units = [one.units for one in seen]
        if kind.kept and units.count(units[0]) == len(units) and units[0] <= kind.kept[axis.number]:
            return Seen.of_all(seen)
        key = (kind.number, None if kind.alike else axis.number, *units)
        if key not in self._readings:
            marks = self._marks.get(tuple(units)) or self._marks.setdefault(tuple(units), one_by_one(units))
            self._readings[key] = axis.reading(step, marks, inputs, output)
        reading = self._readings[key]
        if reading is None:
            return None
        if reading.overlays == len(seen):
            if kind.kept is not None:
                kind.kept[axis.number] = units[0]
            return Seen.of_all(seen)
        first, last = (np.concatenate(ends) for ends in ([one.first for one in seen], [one.last for one in seen]))
        return reading.seen(first, last)

    def _one(self, seen: Seen) -> Seen:
        """One object for equal spans, so that what has been run on them is not run again."""
        key = (seen.first.shape, seen.on_grid, seen.first.tobytes(), seen.last.tobytes())
        return self._one_of.setdefault(key, seen)

    def _kind(
        self, step: Step, inputs: Sequence[TensorSpec], output: TensorSpec, by_wire: Sequence[_Followed]
    ) -> _Kind:
        """What decides which outputs move with which rows, besides how many there are."""
        options, given = self._options.get(step.type) or self._options_of(step), step.options
        base = (
            step.type,
            *[given[name] for name in options.matter],
            *[x.channels_last for x in inputs],
            len(output.shape),
            output.channels_last,
            is_depthwise(step, inputs[0]) if "groups" in given else None,
        )
        extents = [x.shape if seen.off_grid else x.spatial for seen, x in zip(by_wire, inputs, strict=True)]
        found = self._kinds.get((base, *extents))
        if found is None:
            per_axis = [(name, given[name]) for name in options.per_axis]
            one_axis = options.name_an_axis and not keeps_to_channels(step, inputs[0])
            alike = not one_axis and all(
                value.count(value[0]) == len(self._axes)
                for value in (*extents, *[value for _, value in per_axis])
                if type(value) is tuple and len(value) == len(self._axes)
            )
            windowless = all(value in (ONE_ROW[name], (ONE_ROW[name],) * len(self._axes)) for name, value in per_axis)
            kept = self._kept.setdefault(base, [0] * len(self._axes)) if windowless and not one_axis else None
            found = self._kinds[base, *extents] = _Kind(len(self._kinds), alike, kept)
        return found

    def _options_of(self, step: Step) -> _Options:
        """Which options of a type matter, and which of them say something of every axis, or of one."""
        names = step.options.keys()
        relabels = step.traits.relabels
        found = self._options[step.type] = _Options(
            tuple([name for name in names if relabels or name not in ONE_CHANNEL]),
            tuple([name for name in names if name in ONE_ROW]),
            relabels or not NAMES_AN_AXIS.isdisjoint(names),
        )
        return found


def _within(seen: Seen | None, kept: int) -> bool:
    return seen is not None and seen.units <= kept


def _watched(size: int) -> range:
    """The rows of an axis that are disturbed."""
    first = max(0, (size - MOST_ROWS) // 2)
    return range(first, first + min(size, MOST_ROWS))

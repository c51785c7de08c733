"""Measures receptive fields by perturbing the input of each layer and recording which outputs change.

Every row of a layer's input is perturbed in turn, one spatial axis at a time; an output that changes sees what that row
sees of the network's input. Results are reused for equal layers, axes and sizes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.execution.engine.program import Step
from cnncalc.execution.verify.receptive_field.one_channel import ONE_CHANNEL, is_depthwise, names_channel_axis
from cnncalc.execution.verify.receptive_field.perturb import ONE_ROW, AxisProbe
from cnncalc.execution.verify.receptive_field.spans import (
    NEVER,
    NOTHING,
    Masks,
    Response,
    UnitSpans,
    span_masks,
    unit_masks,
)

MOST_ROWS = 640
"""Rows of the input that are perturbed; along a longer axis those in the middle."""

NAMES_AN_AXIS = frozenset({"dim", "dims", "start_dim", "normalized_shape"})
"""Options that single out an axis; the spatial axes are treated alike only if it is the channel axis."""


class _OptionNames(NamedTuple):
    """Names of a type's options: those that affect receptive fields, and those with a number for every axis."""

    matter: tuple[str, ...]
    per_axis: tuple[str, ...]
    name_an_axis: bool


class _StepKind(NamedTuple):
    """A class of steps with equal responses."""

    number: int
    same_along_axes: bool  # whether the response is equal along all axes
    identity_rows: list[int] | None
    """For steps without a window: by axis, the most rows for which each output row depended on its own row alone."""


class _WireSpans(NamedTuple):
    """The spans of a wire by axis; None for an axis along which the perturbation cannot be followed."""

    by_axis: list[UnitSpans | None]
    units: int  # the most along any axis
    off_grid: bool  # whether its values lie neither on the axes of the input nor in one unit per channel


class Probes:
    """Follows perturbations of all inputs of one size through a network, along every axis."""

    def __init__(self, inputs: Mapping[str, TensorSpec], frame: Shape) -> None:
        self._axes = [AxisProbe(number, len(frame)) for number in range(len(frame))]
        self._interned: dict[Any, UnitSpans] = {}
        self._options: dict[str, _OptionNames] = {}
        self._kinds: dict[Any, _StepKind] = {}
        self._responses: dict[Any, Response | None] = {}
        self._identity_rows: dict[Any, list[int]] = {}
        self._masks: dict[tuple[int, ...], Sequence[Masks]] = {}
        self._cache: dict[Any, UnitSpans | None] = {}
        self.rows = [_perturbed_rows(size) for size in frame]
        self.perturbed = [name for name, x in inputs.items() if x.spatial == frame]
        self._none: list[UnitSpans | None] = [None] * len(frame)
        own: list[UnitSpans | None] = [
            self._input_spans(size, rows) for size, rows in zip(frame, self.rows, strict=True)
        ]
        self._by_wire: dict[str, _WireSpans | None] = {
            name: _WireSpans(own, max(frame, default=1), False) if x.spatial == frame else self._unperturbed(x.spatial)
            for name, x in inputs.items()
        }

    def _input_spans(self, size: int, rows: range) -> UnitSpans:
        """The spans of an axis of an input: each row sees itself if it is perturbed, else nothing."""
        row = np.arange(size)
        perturbed = (rows.start <= row) & (row < rows.stop)
        return self._intern(UnitSpans(np.where(perturbed, row, NEVER), np.where(perturbed, row, -NEVER), True))

    def _unperturbed(self, spatial: Shape) -> _WireSpans | None:
        """The spans of an input of another size, or without axes, which is not perturbed; None if it has other axes."""
        if not spatial and self._axes:
            return _WireSpans([NOTHING] * len(self._axes), 1, False)
        if len(spatial) != len(self._axes):
            return None
        return _WireSpans([self._input_spans(size, range(0)) for size in spatial], max(spatial, default=1), False)

    def add_unseeing(self, wire: str) -> None:
        """Add a wire whose values depend on no input."""
        self._by_wire[wire] = _WireSpans([NOTHING] * len(self._axes), 1, False)

    def hulls(self, wires: Sequence[str]) -> list[tuple[int, int]]:
        """For each axis the first and the last row that any of these wires sees."""
        followed = [found for wire in wires if (found := self._by_wire.get(wire)) is not None]
        by_axis = [
            [spans.hull for each in followed if (spans := each.by_axis[axis.number]) is not None] for axis in self._axes
        ]
        return [
            (min([low for low, _ in hulls], default=NEVER), max([high for _, high in hulls], default=-NEVER))
            for hulls in by_axis
        ]

    def spans(self, wire: str) -> list[UnitSpans | None]:
        """The spans of a wire by axis; None where the perturbation cannot be followed."""
        followed = self._by_wire.get(wire)
        return self._none if followed is None else followed.by_axis

    def follow(self, step: Step, inputs: Sequence[TensorSpec], output: TensorSpec) -> list[UnitSpans | None]:
        """The spans after the next step by axis; None where the perturbation cannot be followed."""
        found = None if "regions" in step.options else self._follow(step, inputs, output)  # regions may be anywhere
        self._by_wire[step.path] = found
        return self._none if found is None else found.by_axis

    def _follow(self, step: Step, inputs: Sequence[TensorSpec], output: TensorSpec) -> _WireSpans | None:
        by_wire = [followed for wire in step.inputs if (followed := self._by_wire.get(wire)) is not None]
        if len(by_wire) < len(step.inputs):
            return None
        kind = self._kind(step, inputs, output, by_wire)
        off_grid = step.traits.mixes_positions or any(followed.off_grid for followed in by_wire)
        off_grid = off_grid or (len(output.shape) > 1 and len(output.spatial) != len(self._axes))
        off_grid = off_grid or (not step.options.get("keepdim", True) and names_channel_axis(step, inputs[0]))
        if kind.identity_rows is not None:
            if len(by_wire) == 1 and not off_grid and all(map(_is_within, by_wire[0].by_axis, kind.identity_rows)):
                return by_wire[0]
            if max([followed.units for followed in by_wire]) > min(kind.identity_rows, default=0):
                kind = kind._replace(same_along_axes=False)  # each axis is run once
        every: list[UnitSpans | None] = []
        before: list[UnitSpans] = []
        found: UnitSpans | None = None
        for axis in self._axes:
            spans: list[Any] = [followed.by_axis[axis.number] for followed in by_wire]
            if None in spans:
                every.append(None)
                continue
            if not (kind.same_along_axes and spans == before):
                key = (kind.number, None if kind.same_along_axes else axis.number, *map(id, spans))
                if key not in self._cache:
                    self._cache[key] = self._spans_after(axis, step, kind, spans, off_grid, inputs, output)
                found, before = self._cache[key], spans
            every.append(found)
        measured: list[Any] = [one for one in every if one is not None] if None in every else every
        left_grid = len(output.shape) > 1 and len(output.spatial) != len(self._axes)
        left_grid = left_grid or any(one.units > 1 and not one.on_grid for one in measured)
        return _WireSpans(every, max([one.units for one in measured]), left_grid) if measured else None

    def _spans_after(
        self,
        axis: AxisProbe,
        step: Step,
        kind: _StepKind,
        spans: list[UnitSpans],
        off_grid: bool,
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
    ) -> UnitSpans | None:
        """The spans after a step, if no equal step has read equal spans."""
        found = self._run(axis, step, kind, spans, off_grid, inputs, output)
        if found is None:
            return None
        if found.sees_nothing and found is not NOTHING and axis.is_constant(step, inputs):
            return None
        return self._intern(found)

    def _run(
        self,
        axis: AxisProbe,
        step: Step,
        kind: _StepKind,
        spans: list[UnitSpans],
        off_grid: bool,
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
    ) -> UnitSpans | None:
        """The spans after a step by a run, or by its response if an equal step has run."""
        if all(one.sees_nothing for one in spans):
            return NOTHING
        if step.traits.relabels:
            return axis.relabelled_spans(step, spans[0], inputs[0], output)
        if off_grid:
            return axis.spans_off_grid(step, spans, inputs)
        if sum(one.units for one in spans) > 2 * MOST_ROWS:
            masks, ends = span_masks([(one.first, one.last) for one in spans], [one.distinct for one in spans])
            response = axis.response(step, masks, inputs, output) if masks else None
            return None if response is None else response.spans(*ends)
        units = [one.units for one in spans]
        if kind.identity_rows and units.count(units[0]) == len(units) and units[0] <= kind.identity_rows[axis.number]:
            return UnitSpans.union(spans)
        key = (kind.number, None if kind.same_along_axes else axis.number, *units)
        if key not in self._responses:
            masks = self._masks.get(tuple(units)) or self._masks.setdefault(tuple(units), unit_masks(units))
            self._responses[key] = axis.response(step, masks, inputs, output)
        response = self._responses[key]
        if response is None:
            return None
        if response.identity_copies == len(spans) and response.on_grid:
            if kind.identity_rows is not None:
                kind.identity_rows[axis.number] = units[0]
            return UnitSpans.union(spans)
        first, last = (np.concatenate(ends) for ends in ([one.first for one in spans], [one.last for one in spans]))
        return response.spans(first, last)

    def _intern(self, spans: UnitSpans) -> UnitSpans:
        """One object for equal spans, so that results for them are reused."""
        key = (spans.first.shape, spans.on_grid, spans.first.tobytes(), spans.last.tobytes())
        return self._interned.setdefault(key, spans)

    def _kind(
        self, step: Step, inputs: Sequence[TensorSpec], output: TensorSpec, by_wire: Sequence[_WireSpans]
    ) -> _StepKind:
        """The class of a step: all that its response depends on, besides the number of rows."""
        options, given = self._options.get(step.type) or self._options_of(step), step.options
        base = (
            step.type,
            *[given[name] for name in options.matter],
            *[x.channels_last for x in inputs],
            len(output.shape),
            output.channels_last,
            is_depthwise(step, inputs[0]) if "groups" in given else None,
        )
        extents = [x.shape if spans.off_grid else x.spatial for spans, x in zip(by_wire, inputs, strict=True)]
        found = self._kinds.get((base, *extents))
        if found is None:
            per_axis = [(name, given[name]) for name in options.per_axis]
            one_axis = (
                options.name_an_axis and not names_channel_axis(step, inputs[0]) and given.get("dims", ()) is not None
            )
            same_along_axes = not one_axis and all(
                value.count(value[0]) == len(self._axes)
                for value in (*extents, *[value for _, value in per_axis])
                if type(value) is tuple and len(value) == len(self._axes)
            )
            windowless = all(value in (ONE_ROW[name], (ONE_ROW[name],) * len(self._axes)) for name, value in per_axis)
            identity_rows = (
                self._identity_rows.setdefault(base, [0] * len(self._axes)) if windowless and not one_axis else None
            )
            found = self._kinds[base, *extents] = _StepKind(len(self._kinds), same_along_axes, identity_rows)
        return found

    def _options_of(self, step: Step) -> _OptionNames:
        """The options of a type that affect receptive fields."""
        names = step.options.keys()
        relabels = step.traits.relabels
        found = self._options[step.type] = _OptionNames(
            tuple([name for name in names if relabels or name not in ONE_CHANNEL]),
            tuple([name for name in names if name in ONE_ROW]),
            relabels or not NAMES_AN_AXIS.isdisjoint(names),
        )
        return found


def _is_within(spans: UnitSpans | None, identity_rows: int) -> bool:
    return spans is not None and spans.units <= identity_rows


def _perturbed_rows(size: int) -> range:
    """The rows of an axis that are perturbed."""
    first = max(0, (size - MOST_ROWS) // 2)
    return range(first, first + min(size, MOST_ROWS))

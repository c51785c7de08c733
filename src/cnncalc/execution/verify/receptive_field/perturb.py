"""Which outputs of a layer change when the rows of its inputs are perturbed, along one spatial axis.

The kernels of the network run, but on one channel instead of hundreds, with all weights one, and with a single row and
windows of one along the other axes: which outputs change depends on none of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from cnncalc.core.tensor import TensorSpec
from cnncalc.execution.engine.program import Step
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.verify.receptive_field.one_channel import changes, output_or_none, perturb, run, run_one_channel
from cnncalc.execution.verify.receptive_field.spans import (
    MOST_MASK_VALUES,
    Masks,
    Response,
    UnitSpans,
    span_masks,
)

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
"""Options with a number for every axis, and the number that leaves an axis of one row unchanged."""

AT_ONCE = 1 << 20
"""Values that are perturbed at a time."""

PATTERN = 251
"""The period of `_irregular_eighths`."""


class AxisProbe:
    """Perturbs layers along one spatial axis of several."""

    def __init__(self, number: int, axes: int) -> None:
        self.number, self._axes = number, axes

    # On the grid

    def response(
        self, step: Step, masks: Sequence[Masks], inputs: Sequence[TensorSpec], output: TensorSpec
    ) -> Response | None:
        """Which perturbation changes which unit, by the kernel on the narrowest map that it accepts."""
        widest = max([n for x in inputs for n in x.spatial], default=1)
        found, width = None, 1
        while True:
            # One perturbation shows whether the kernel accepts a map.
            if (
                width == 1
                or self._changes(step, [each[:1] for each in masks], inputs, output, width, False) is not None
            ):
                for with_reference in (False, True):
                    values = self._changes(step, masks, inputs, output, width, with_reference)
                    found = found if values is None else values
                    if found is not None and found.any():
                        return Response(found, len(output.shape) > 1)
            if width >= widest or (found is not None and width > 1):  # wider maps would change no more
                return None if found is None else Response(found, len(output.shape) > 1)
            width = min(widest, width + (width + 1) // 2)

    def _changes(
        self,
        step: Step,
        masks: Sequence[Masks],
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
        width: int,
        with_reference: bool,
    ) -> Array | None:
        """(perturbations, units): which units change, in chunks of perturbations that bound the memory."""
        along = [[n if axis == self.number else min(n, width) for axis, n in enumerate(x.spatial)] for x in inputs]
        read = sum(map(prod, along))
        written = output.spatial[self.number] if len(output.spatial) == self._axes else 0
        values = max(read, written)  # the output of a transposed convolution may be far larger than its input
        if (len(masks[0]) + 1) * values > MOST_MASK_VALUES:
            return None
        found: list[Array] = []
        for part in _chunks(len(masks[0]), values):
            some = self._changes_at_once(step, [each[part] for each in masks], inputs, output, width, with_reference)
            if some is None:
                return None
            found.append(some)
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _changes_at_once(
        self,
        step: Step,
        masks: list[Array],
        inputs: Sequence[TensorSpec],
        output: TensorSpec,
        width: int,
        with_reference: bool,
    ) -> Array | None:
        """(perturbations, units): whether any value of a unit differs from the last image, which is unperturbed.

        Each input is perturbed by another amount, so that differences and ratios of inputs change.

        None where the perturbation cannot be followed, or no window fits. Layers that compare values, as a softmax,
        change nothing when all values change alike: `with_reference` adds an unperturbed channel and row.
        """
        channels = (
            self._channels_per_window(step)
            if step.traits.selects
            else step.options.get("upscale_factor", 1) ** 2 * (2 if step.traits.halves else 1)
        )
        arrays = []
        for number, (each, x) in enumerate(zip(masks, inputs, strict=True), start=1):
            array = self._perturbed_input(
                step, number * each, x, 2 * channels if with_reference else channels, width, with_reference
            )
            if array is None:
                return None
            arrays.append(array)
        y = output_or_none(run_one_channel, step, inputs, arrays, **self._one_row(step))
        if y is None or y.ndim != len(output.shape) + 1:
            return None
        values: Any = changes(y)
        if values.ndim == 2:  # a vector, with one unit per channel or more
            several: Array = values if values.shape[1] > arrays[0].shape[1] else values.any(axis=1, keepdims=True)
            return several
        if len(output.spatial) != self._axes:
            return None
        values = np.moveaxis(values, 1 + self._position(output), 1)
        values = values.reshape(*values.shape[:2], -1)  # (perturbations, units, values of the unit)
        by_unit: Array = values[..., 0] if values.shape[2] == 1 else values.any(axis=2)
        return by_unit

    def _perturbed_input(
        self, step: Step, masks: Array, x: TensorSpec, channels: int, width: int, with_reference: bool
    ) -> Array | None:
        """An array of ones with the masked values perturbed; the last image of the batch is unperturbed.

        With a reference, a single unit that stands for all rows is perturbed differently in each row.
        """
        spatial = x.spatial
        if spatial and (len(spatial) != self._axes or masks.shape[1] not in (spatial[self.number], 1)):
            return None
        width = max(2, width) if with_reference else width
        extents = [n if axis == self.number else min(n, width) for axis, n in enumerate(spatial)]
        perturbed = [n if axis == self.number or not with_reference else 1 for axis, n in enumerate(extents)]
        along = [masks.shape[1] if axis == self.number else 1 for axis in range(len(spatial))]
        at = len(spatial) if x.channels_last else 0
        for each, own in ((extents, channels), (perturbed, channels // 2 if with_reference else channels), (along, 1)):
            each.insert(at, own)
        array = np.ones((len(masks) + 1, *extents), np.float32)
        if step.traits.selects:  # each channel has its maximum in another row of a window
            channel = np.arange(channels).reshape(-1, *[1] * (array.ndim - 2))
            array += (self._row_numbers(array, x) - channel) % channels / channels
        by = (
            1 + _irregular_eighths(self._row_numbers(array, x))
            if with_reference and masks.shape[1] == 1 and spatial
            else None
        )
        perturb(step, array[(slice(-1), *map(slice, perturbed))], masks.reshape(len(masks), *along), by)
        return array

    def _row_numbers(self, array: Array, x: TensorSpec) -> Array:
        """The number of each row along the axis, broadcast to a batch of maps."""
        own = 1 + self._position(x)
        return np.arange(array.shape[own]).reshape(-1, *[1] * (array.ndim - 1 - own))

    def _channels_per_window(self, step: Step) -> int:
        """The number of channels that lets every row of a window be the maximum in one of them."""
        kernel, dilation = step.options["kernel_size"][self.number], step.options["dilation"][self.number]
        return int(dilation * (kernel - 1) + 1)

    def is_constant(self, step: Step, inputs: Sequence[TensorSpec]) -> bool:
        """Whether a step's output is constant just because its input is small: on a larger map, it changes.

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
                perturb(step, array[:1], np.ones_like(array[:1]), 1 + _irregular_eighths(number))
                arrays.append(array)
            y = output_or_none(run_one_channel, step, inputs, arrays, **self._one_row(step))
            if y is not None and changes(y).any():
                return True
        return False

    def _one_row(self, step: Step) -> dict[str, Any]:
        """Options that leave the other axes unchanged."""
        return {
            name: tuple([n if axis == self.number else ONE_ROW[name] for axis, n in enumerate(value)])
            for name, value in step.options.items()
            if name in ONE_ROW
            and type(value) is tuple
            and len(value) == self._axes > 1
            and not step.options.get("dims")
        }

    def _position(self, x: TensorSpec) -> int:
        """The number of the axis among those of a map."""
        return self.number if x.channels_last else self.number + 1

    # Off the grid

    def relabelled_spans(self, step: Step, spans: UnitSpans, x: TensorSpec, output: TensorSpec) -> UnitSpans | None:
        """The spans after a layer that only moves values, by running it on the numbers of the units."""
        if spans.units == 1:
            return spans
        numbers = self._broadcast(np.arange(spans.units), spans, x)
        relabelled = None if numbers is None else output_or_none(run, step, [numbers[None]])
        if relabelled is None:
            return None
        units, on_grid = relabelled[0], False
        if len(output.spatial) == self._axes and units.shape == output.shape:
            own = self._position(output)
            line = units[tuple([slice(None) if axis == own else slice(1) for axis in range(units.ndim)])]
            on_grid = bool((units == line).all())
            units = line.ravel() if on_grid else units
        return UnitSpans(spans.first.ravel()[units], spans.last.ravel()[units], on_grid)

    def spans_off_grid(self, step: Step, spans: list[UnitSpans], inputs: Sequence[TensorSpec]) -> UnitSpans | None:
        """The spans after a layer off the grid; units with equal spans are perturbed together."""
        laid_out_ends = []
        for one, x in zip(spans, inputs, strict=True):
            laid_out = [self._broadcast(ends, one, x) for ends in (one.first, one.last)]
            laid_out_ends.append([ends for ends in laid_out if ends is not None] or [one.first, one.last])
        masks, ends = span_masks(laid_out_ends, [one.distinct for one in spans])
        if not masks:
            return None
        found: list[Array] = []
        for part in _chunks(len(ends[0]), sum(low.size for low, _ in laid_out_ends)):
            arrays = []
            for number, each in enumerate(masks, start=1):
                some = number * each[part]
                # unlike values, for layers that compare values, and no two rows alike; eighths have exact sums
                own = some.shape[1:]
                array = np.empty((len(some) + 1, *own), np.float32)
                array[:] = np.resize(1 + (np.arange(PATTERN) ** 3 % PATTERN % 7 / 8).astype(np.float32), own)
                by = np.resize(1 + _irregular_eighths(np.arange(PATTERN)).astype(np.float32), own)
                perturb(step, array[:-1], some, by)  # not proportional to them, which a norm would undo
                arrays.append(array)
            y = output_or_none(run, step, arrays, **{name: 1 for name in ("out_features",) if name in step.options})
            if y is None:
                return None
            found.append(changes(y).reshape(len(y) - 1, -1))
            shape = y.shape[1:]
        return Response(found[0] if len(found) == 1 else np.concatenate(found), False).spans(*ends, shape)

    def _broadcast(self, values: Array, spans: UnitSpans, x: TensorSpec) -> Array | None:
        """Values of the units at every position of the tensor; None where the positions are unknown."""
        if spans.on_grid and spans.units > 1:
            values = values.reshape([-1 if axis == self._position(x) else 1 for axis in range(len(x.shape))])
        try:
            return np.broadcast_to(values.reshape(values.shape if spans.on_grid else spans.first.shape), x.shape)
        except ValueError:
            return None


def _irregular_eighths(number: Array) -> Array:
    """Eighths without a regular pattern along any axis; their sums are exact in float32."""
    eighths: Array = number**2 % PATTERN % 5 / 8
    return eighths


def _chunks(perturbations: int, values: int) -> Iterator[slice]:
    """Slices of perturbations that have at most `AT_ONCE` values each."""
    step = max(1, AT_ONCE // values)
    return (slice(first, first + step) for first in range(0, perturbations, step))

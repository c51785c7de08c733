"""Layers that move, cut or relabel values and compute nothing."""

from math import prod
from typing import Annotated, ClassVar

from pydantic import Field as Option

from cnncalc.core.arithmetic import ceil_div, require
from cnncalc.core.field import ITSELF, Field, Untracked, adaptive_windows, sliding_window
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, axis_of, check_grid, check_groups
from cnncalc.layers.option_types import Axes, Count, Extent

MOST_AXES = 8
"""Axes of a shape; an input may have three fewer."""


class Identity(Layer):
    """The input, unchanged.

    Shape:   any -> the same
    Source:  torch.nn.Identity
    """

    traits = Traits(moves_values=True)

    any_layout: ClassVar[bool] = True
    keeps_buffer: ClassVar[bool] = True


class Flatten(Layer):
    """The axes from `start_dim` to `end_dim` laid end to end; axes count without the batch.

    Shape:   (C, H, W) -> (C·H·W)
    Errors:  no-such-axis
    Source:  torch.nn.Flatten, whose start_dim=1 is 0 here
    """

    traits = Traits(is_taught_first=True, moves_values=True, relabels=True)

    start_dim: int = 0
    end_dim: int = -1

    meanings: ClassVar = {
        "start_dim": Phrase("the first axis to flatten; 0 is the channels (1 in torch)"),
        "end_dim": Phrase("the last axis to flatten; -1 is the last there is"),
    }

    any_layout: ClassVar[bool] = True
    keeps_buffer: ClassVar[bool] = True

    def output(self, x: TensorSpec) -> TensorSpec:
        first, last = axis_of(self.start_dim, x, "start_dim"), axis_of(self.end_dim, x, "end_dim")
        require(
            first <= last,
            "no-such-axis",
            "start_dim {first} lies after end_dim {last}",
            option="start_dim",
            help="give the axes in order",
            first=first,
            last=last,
        )
        if first == last:
            return x
        return x.with_shape((*x.shape[:first], prod(x.shape[first : last + 1]), *x.shape[last + 1 :]))

    def windows(self, x: TensorSpec) -> tuple[Field, ...] | None:
        return tuple(ITSELF for _ in x.spatial) if self.output(x).shape == x.shape else None


class Reshape(Layer):
    """The same values under another shape; one −1 takes what is left.

    Shape:   any -> shape
    Errors:  shape-mismatch
    Source:  torch.reshape
    """

    traits = Traits(moves_values=True, relabels=True)

    shape: Annotated[tuple[Annotated[int, Option(ge=-1, lt=2**31)], ...], Option(min_length=1, max_length=MOST_AXES)]

    meanings: ClassVar = {"shape": Phrase("the new shape, without the batch; one -1 takes what is left")}

    keeps_buffer: ClassVar[bool] = True

    def output(self, x: TensorSpec) -> TensorSpec:
        known = prod(n for n in self.shape if n != -1)
        free = self.shape.count(-1)
        require(
            free <= 1 and known > 0 and (x.numel % known == 0 if free else x.numel == known),
            "shape-mismatch",
            "{numel} values do not fill the shape {shape}",
            option="shape",
            label="the input {given} has {numel} values",
            help="the axes must multiply to {numel}; one of them may be -1",
            numel=x.numel,
            given=spell(x.shape),
            shape=spell(self.shape),
        )
        return x.with_shape(x.numel // known if n == -1 else n for n in self.shape)

    def windows(self, x: TensorSpec) -> tuple[Field, ...] | None:
        return tuple(ITSELF for _ in x.spatial) if self.output(x).shape == x.shape else None


class Permute(Layer):
    """The axes in another order; axes count without the batch.

    With `dims: [1, 2, 0]` a map carries its channels last, and `linear` and `layer_norm` go along them at every place.

    Shape:   (C, H, W) -> the axes that dims names
    Errors:  no-such-axis
    Source:  torch.permute
    """

    traits = Traits(moves_values=True, relabels=True)

    dims: Annotated[tuple[Extent, ...], Option(min_length=1)]

    meanings: ClassVar = {"dims": Phrase("the axes in their new order, each once; 0 is the channels (1 in torch)")}

    any_layout: ClassVar[bool] = True
    keeps_buffer: ClassVar[bool] = True

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            tuple(sorted(self.dims)) == tuple(range(len(x.shape))),
            "no-such-axis",
            "dims {dims} is no order of the {axes} axes of {shape}",
            option="dims",
            help="name every axis from 0 to {last} once; the batch is not an axis",
            dims=list(self.dims),
            axes=len(x.shape),
            shape=spell(x.shape),
            last=len(x.shape) - 1,
        )
        last = len(x.shape) - 1
        moved = last > 1 and self._channel_axis(x) == last  # with two axes the layout is ambiguous
        return TensorSpec(tuple(x.shape[axis] for axis in self.dims), x.dtype, moved)

    def windows(self, x: TensorSpec) -> tuple[Field, ...] | None:
        keeps_grid = self._channel_axis(x) == 0 or self.output(x).channels_last
        return tuple(ITSELF for _ in x.spatial) if keeps_grid else None

    def _channel_axis(self, x: TensorSpec) -> int | None:
        """The new axis of the channels; None if the other axes change their order."""
        channels = len(x.shape) - 1 if x.channels_last else 0
        others = [axis for axis in self.dims if axis != channels]
        return self.dims.index(channels) if others == sorted(others) else None


class Slice(Layer):
    """Part of one axis: positions from `start` up to `end`, every `step`-th; axes count without the batch.

    Shape:   (C, H, W) -> the same with a shorter axis
    Errors:  no-such-axis, empty-slice
    Source:  Python slicing, as torch does it
    """

    traits = Traits(moves_values=True)

    dim: int = 0
    start: int = 0
    end: int | None = None
    step: Count = 1

    meanings: ClassVar = {
        "dim": Phrase("the axis to cut; 0 is the channels (1 in torch)"),
        "start": Phrase("the first position; negative ones count from the end"),
        "end": Phrase("the position before which to stop; null goes on to the end"),
        "step": Phrase("how far apart the positions lie; 1 takes every one"),
    }

    keeps_buffer: ClassVar[bool] = True

    def _range(self, x: TensorSpec) -> tuple[int, int, int]:
        """(axis, first position, number of positions) of the part."""
        axis = axis_of(self.dim, x)
        size = x.shape[axis]
        first, end, _ = slice(self.start, self.end).indices(size)
        require(
            first < end,
            "empty-slice",
            "nothing lies between {start} and {end} on an axis of {size}",
            option="start",
            help="let start be below end, both within {size}",
            start=self.start,
            end=Phrase("the end") if self.end is None else self.end,
            size=size,
        )
        return axis, first, ceil_div(end - first, self.step)

    def output(self, x: TensorSpec) -> TensorSpec:
        axis, _, count = self._range(x)
        return x.with_shape((*x.shape[:axis], count, *x.shape[axis + 1 :]))

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        axis, first, _ = self._range(x)
        return tuple(
            sliding_window(1, self.step, 1, -first) if axis == spatial + 1 else ITSELF
            for spatial in range(len(x.spatial))
        )


class Roll(Layer):
    """The values moved on along some axes; those that leave at the end come in at the beginning.

    Shape:   any -> the same
    Errors:  no-such-axis, wrong-option-length
    Source:  torch.roll
    """

    traits = Traits(moves_values=True)

    any_layout: ClassVar[bool] = True

    shifts: Axes
    dims: Axes

    torch_order: ClassVar = ("shifts", "dims")

    meanings: ClassVar = {
        "shifts": Phrase("how far the values move along each axis; negative ones move them to the beginning"),
        "dims": Phrase("the axes along which they move; 0 is the channels (1 in torch)"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            len(self.shifts) == len(self.dims),
            "wrong-option-length",
            "there are {shifts} shifts for {dims} axes",
            option="shifts",
            help="give every axis a shift",
            shifts=len(self.shifts),
            dims=len(self.dims),
        )
        for dim in self.dims:
            axis_of(dim, x, "dims")
        return x

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        raise Untracked  # the ends meet


class ChannelShuffle(Layer):
    """Channels dealt out over the groups, so that the next grouped convolution mixes them.

    Shape:   (C, *) -> (C, *)
    Errors:  groups-do-not-divide, wrong-rank
    Source:  Zhang et al., ShuffleNet (2017), section 3.1; torch.nn.ChannelShuffle
    """

    groups: Count

    meanings: ClassVar = {"groups": Phrase("groups over which the channels are dealt out")}

    def output(self, x: TensorSpec) -> TensorSpec:
        check_grid(x)
        check_groups(x.channels, self.groups, "channels")
        return x


class PixelShuffle(Layer):
    """r² channels become r×r pixels.

    Shape:   (C·r², H, W) -> (C, H·r, W·r)
    Errors:  groups-do-not-divide, wrong-rank
    Source:  Shi et al., Real-time single image and video super-resolution (2016); torch.nn.PixelShuffle
    """

    axes: ClassVar[int] = 2

    upscale_factor: Count

    meanings: ClassVar = {"upscale_factor": Phrase("the factor r by which height and width grow")}

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        pixels = self.upscale_factor * self.upscale_factor
        check_groups(x.channels, pixels, "channels", "upscale_factor")
        return TensorSpec((x.channels // pixels, *(n * self.upscale_factor for n in x.spatial)), x.dtype)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(adaptive_windows(n, n * self.upscale_factor) for n in x.spatial)

"""Layers that move, cut or relabel values and compute nothing."""

from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic import Field as Option

from cnncalc.core.arithmetic import ceil_div, require
from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, Field, adaptive_windows, sliding_window
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Count, Extent, Layer, PerAxisExtent, axis_of, check_grid, check_groups

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


def _as_tuple(value: Any) -> Any:
    """Margins as a tuple; one number becomes a tuple of one."""
    return (value,) if isinstance(value, int) else value


Margins = Annotated[
    tuple[Extent | tuple[Extent, Extent], ...],
    BeforeValidator(_as_tuple),
    WithJsonSchema(
        {
            "description": "a whole number from 0, one per axis, or [before, after] per axis",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "array", "minItems": 1}],
        }
    ),
]
"""Rows at the ends of the spatial axes: one number, one per axis, or `[before, after]` per axis."""


def _margins(given: tuple[int | tuple[int, int], ...], x: TensorSpec, option: str) -> list[tuple[int, int]]:
    axes = len(x.spatial)
    if len(given) not in (1, axes) or axes == 0:
        raise Fault(
            "wrong-option-length",
            "{name} has {given} entries, but the input {shape} has {axes} spatial axes",
            option=option,
            name=option,
            help=_entries_remedy(option, given, axes),
            given=len(given),
            axes=axes,
            shape=spell(x.shape),
        )
    pairs = [rows if isinstance(rows, tuple) else (rows, rows) for rows in given]
    return pairs * axes if len(pairs) == 1 else pairs


def _entries_remedy(option: str, given: tuple[int | tuple[int, int], ...], axes: int) -> str:
    if option == "size" or axes == 0 or len(given) != 2 * axes or not all(type(rows) is int for rows in given):
        return Phrase("give one number, or one entry per spatial axis")
    pairs = [list(given[axis : axis + 2]) for axis in range(0, 2 * axes, 2)]
    if pairs == pairs[::-1]:
        return Phrase("[before, after] of an axis is a pair: write `{option}: {pairs}`", option=option, pairs=pairs)
    return Phrase(
        "the last axis stands last here: for torch's order write `{option}: {pairs}`", option=option, pairs=pairs[::-1]
    )


class Pad(Layer):
    """Rows added around a map: zeros (or `value`), or copies of what is inside.

    Shape:   (C, H, W) -> (C, H + before + after, W + before + after)
    Errors:  wrong-option-length, padding-too-large
    Source:  torch.nn.functional.pad; entries stand in the order of the axes here
    """

    padding: Margins
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant"
    value: float = 0.0

    def output(self, x: TensorSpec) -> TensorSpec:
        pairs = _margins(self.padding, x, "padding")
        for size, pair in zip(x.spatial, pairs, strict=True):
            limit = {"reflect": size - 1, "circular": size}.get(self.mode)
            require(
                limit is None or max(pair) <= limit,
                "padding-too-large",
                "{mode} padding of {rows} needs more than the {size} rows there are",
                option="padding",
                help="use at most {limit}",
                mode=self.mode,
                rows=max(pair),
                size=size,
                limit=limit,
            )
        return x.with_spatial(n + before + after for n, (before, after) in zip(x.spatial, pairs, strict=True))

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(sliding_window(1, 1, 1, before) for before, _ in _margins(self.padding, x, "padding"))


class Crop(Layer):
    """Rows cut off a map: `margin` from both ends, or `size` left in the middle (the odd row goes at the end).

    Shape:   (C, H, W) -> (C, H', W')
    Errors:  wrong-option-length, nothing-left
    Source:  Ronneberger et al., U-Net (2015), "copy and crop"; keras.layers.Cropping2D
    """

    margin: Margins | None = None
    size: Annotated[tuple[Count, ...], BeforeValidator(_as_tuple)] | None = None

    keeps_buffer: ClassVar[bool] = True

    def _rows_cut(self, x: TensorSpec) -> list[tuple[int, int]]:
        if (self.margin is None) == (self.size is None):
            raise Fault("missing-option", "crop takes either margin or size", help="give one of them")
        if self.margin is not None:
            return _margins(self.margin, x, "margin")
        wanted = _margins(self.size or (), x, "size")
        return [((n - left) // 2, n - left - (n - left) // 2) for n, (left, _) in zip(x.spatial, wanted, strict=True)]

    def output(self, x: TensorSpec) -> TensorSpec:
        cut = self._rows_cut(x)
        for n, (before, after) in zip(x.spatial, cut, strict=True):
            require(
                (before >= 0) & (after >= 0) & (n - before - after > 0),
                "nothing-left",
                "cannot crop {n} to {left}",
                option="size" if self.margin is None else "margin",
                help="leave between 1 and {n}",
                n=n,
                left=n - before - after,
            )
        return x.with_spatial(n - before - after for n, (before, after) in zip(x.spatial, cut, strict=True))

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(sliding_window(1, 1, 1, -before) for before, _ in self._rows_cut(x))


class CropLike(Layer):
    """The first map cut to the extents of the second: its middle, or what begins `offset` rows from the border.

    Shape:   (C, H, W), (C', H', W') -> (C, H', W')
    Errors:  wrong-rank, wrong-option-length, nothing-left
    Source:  Ronneberger et al., U-Net (2015), "copy and crop"; Caffe's Crop layer, which has the offset
    """

    offset: PerAxisExtent | None = None

    least_inputs: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = 2
    keeps_buffer: ClassVar[bool] = True

    def _rows_before(self, x: TensorSpec, like: TensorSpec) -> tuple[int, ...]:
        """Rows cut off before the part, on every axis."""
        if self.offset is None:
            return tuple((n - left) // 2 for n, left in zip(x.spatial, like.spatial, strict=True))
        return tuple(before for before, _ in _margins(self.offset, x, "offset"))

    def output(self, x: TensorSpec, like: TensorSpec) -> TensorSpec:
        if len(x.shape) != len(like.shape):
            raise Fault(
                "wrong-rank",
                "cannot cut {shape} to the extents of {like}",
                help="give two maps of equally many axes",
                shape=spell(x.shape),
                like=spell(like.shape),
            )
        for n, left, before in zip(x.spatial, like.spatial, self._rows_before(x, like), strict=True):
            require(
                (before >= 0) & (before + left <= n),
                "nothing-left",
                "{left} rows from row {before} on do not lie within {n}",
                option="offset",
                help="the map that is cut comes first in `from`, and must be the larger one",
                left=left,
                before=before,
                n=n,
            )
        return x.with_spatial(like.spatial)

    def windows(self, x: TensorSpec, like: TensorSpec) -> tuple[Field, ...]:
        return tuple(sliding_window(1, 1, 1, -before) for before in self._rows_before(x, like))

    def windows_of_each(self, x: TensorSpec, like: TensorSpec) -> tuple[tuple[Field, ...] | None, ...]:
        return self.windows(x, like), None


class ChannelShuffle(Layer):
    """Channels dealt out over the groups, so that the next grouped convolution mixes them.

    Shape:   (C, *) -> (C, *)
    Errors:  groups-do-not-divide, wrong-rank
    Source:  Zhang et al., ShuffleNet (2017), section 3.1; torch.nn.ChannelShuffle
    """

    groups: Count

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

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        pixels = self.upscale_factor * self.upscale_factor
        check_groups(x.channels, pixels, "channels", "upscale_factor")
        return TensorSpec((x.channels // pixels, *(n * self.upscale_factor for n in x.spatial)), x.dtype)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(adaptive_windows(n, n * self.upscale_factor) for n in x.spatial)

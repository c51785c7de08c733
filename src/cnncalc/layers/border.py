"""Rows added around a map, or cut off it."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema

from cnncalc.core.arithmetic import require
from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, Field, sliding_window
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, axis_of
from cnncalc.layers.option_types import ROWS, ROWS_OF_AN_AXIS, WHOLE, Axes, Count, Extent, PerAxisExtent


def _as_tuple(value: Any) -> Any:
    """Margins as a tuple; one number becomes a tuple of one."""
    return (value,) if isinstance(value, int) else value


Margins = Annotated[
    tuple[Extent | tuple[Extent, Extent], ...],
    BeforeValidator(_as_tuple),
    WithJsonSchema(
        {
            "description": "a whole number from 0, one per axis, or [before, after] per axis",
            "anyOf": [ROWS, {"type": "array", "items": ROWS_OF_AN_AXIS, "minItems": 1}],
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
        "the last axis comes last here: for torch's order write `{option}: {pairs}`", option=option, pairs=pairs[::-1]
    )


class Pad(Layer):
    """Rows added around a map, or at the ends of the axes `dims`: zeros (or `value`), or copies of what is inside.

    Shape:   (C, H, W) -> (C, H + before + after, W + before + after)
    Errors:  wrong-option-length, padding-too-large, no-such-axis
    Source:  torch.nn.functional.pad; entries stand in the order of the axes here
    """

    padding: Margins
    mode: Literal["constant", "reflect", "replicate", "circular"] = "constant"
    value: float = 0.0
    dims: Axes | None = None

    meanings: ClassVar = {
        "padding": Phrase("rows added at the ends of each axis, from the first axis on; torch begins with the last"),
        "mode": Phrase("what the rows hold: one value, a mirror image, the border repeated, or the opposite end"),
        "value": Phrase("what the rows hold in the mode `constant`"),
        "dims": Phrase("the axes that `padding` is for, 0 for the channels; null for the spatial axes"),
    }

    def _rows_added(self, x: TensorSpec) -> dict[int, tuple[int, int]]:
        """(before, after) by axis."""
        if self.dims is None:
            return dict(enumerate(_margins(self.padding, x, "padding"), start=1))
        axes = [axis_of(axis, x, "dims") for axis in self.dims]
        require(
            len(self.padding) in (1, len(axes)) and len(set(axes)) == len(axes),
            "wrong-option-length",
            "padding has {given} entries for the axes {axes}",
            option="padding",
            help="give one entry, or one for each axis, and name every axis once",
            given=len(self.padding),
            axes=list(self.dims),
        )
        pairs = [rows if isinstance(rows, tuple) else (rows, rows) for rows in self.padding]
        return dict(zip(axes, pairs * len(axes) if len(pairs) == 1 else pairs, strict=True))

    def output(self, x: TensorSpec) -> TensorSpec:
        added = self._rows_added(x)
        for axis, pair in added.items():
            limit = {"reflect": x.shape[axis] - 1, "circular": x.shape[axis]}.get(self.mode)
            require(
                limit is None or max(pair) <= limit,
                "padding-too-large",
                "{mode} padding of {rows} needs more than the {size} rows there are",
                option="padding",
                help="use at most {limit}",
                mode=self.mode,
                rows=max(pair),
                size=x.shape[axis],
                limit=limit,
            )
        shape = list(x.shape)
        for axis, (before, after) in added.items():
            shape[axis] = shape[axis] + before + after
        return x.with_shape(shape)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        added = self._rows_added(x)
        return tuple(
            sliding_window(1, 1, 1, added[axis][0]) if axis in added else ITSELF for axis in range(1, len(x.shape))
        )


class Crop(Layer):
    """Rows cut off a map: `margin` from both ends, or `size` left in the middle (the odd row goes at the end).

    Shape:   (C, H, W) -> (C, H', W')
    Errors:  wrong-option-length, nothing-left
    Source:  Ronneberger et al., U-Net (2015), "copy and crop"; keras.layers.Cropping2D
    """

    either: ClassVar[tuple[str, ...]] = ("margin", "size")

    margin: Margins | None = None
    size: (
        Annotated[
            tuple[Count, ...],
            BeforeValidator(_as_tuple),
            WithJsonSchema({"anyOf": [WHOLE, {"type": "array", "items": WHOLE}]}),
        ]
        | None
    ) = None

    meanings: ClassVar = {
        "margin": Phrase("rows cut off at the ends of each axis; give this or `size`"),
        "size": Phrase("rows left in the middle of each axis; give this or `margin`"),
    }

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

    meanings: ClassVar = {"offset": Phrase("rows before the part on each axis; without it, the middle is taken")}

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

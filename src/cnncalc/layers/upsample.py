"""Resizing of maps, by interpolation or to the nearest position."""

from fractions import Fraction
from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic import Field as Option

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import NOTHING, Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import Field, interpolation_window
from cnncalc.core.tensor import Shape, TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import WHOLE, Count


def _as_tuple(value: Any) -> Any:
    return value if value is None or isinstance(value, tuple) else (value,)


_FACTOR = {"type": "number", "exclusiveMinimum": 0}
_FACTORS = {"anyOf": [_FACTOR, {"type": "array", "items": _FACTOR}, {"type": "null"}]}
_SIZES = {"anyOf": [WHOLE, {"type": "array", "items": WHOLE}, {"type": "null"}]}

_LINEAR_AXES = {"linear": 1, "bilinear": 2, "trilinear": 3}


class Upsample(Layer):
    """A map resized to `size`, or by `scale_factor`, to the nearest pixel or linearly between neighbours.

    Shape:   (C, H, W) -> (C, H', W')
    Errors:  missing-option, wrong-rank, wrong-option-length
    Source:  torch.nn.Upsample
    """

    either: ClassVar[tuple[str, ...]] = ("size", "scale_factor")

    size: Annotated[tuple[Count, ...] | None, BeforeValidator(_as_tuple), WithJsonSchema(_SIZES)] = None
    scale_factor: Annotated[
        tuple[Annotated[float, Option(gt=0)] | Count, ...] | None,
        BeforeValidator(_as_tuple),
        WithJsonSchema(_FACTORS),
    ] = None
    mode: Literal["nearest", "linear", "bilinear", "trilinear"] = "nearest"
    align_corners: bool = False

    meanings: ClassVar = {
        "size": Phrase("rows and columns that come out; give this or `scale_factor`"),
        "scale_factor": Phrase("the factor by which each axis grows; give this or `size`"),
        "mode": Phrase("where values come from: the nearest pixel, or linearly from the neighbours"),
        "align_corners": Phrase("whether the corner pixels of input and output coincide; without effect on `nearest`"),
    }

    def _targets(self, x: TensorSpec) -> Shape:
        axes = len(x.spatial)
        if (self.size is None) == (self.scale_factor is None):
            raise Fault("missing-option", "upsample takes either size or scale_factor", help="give one of them")
        given: tuple[float, ...] = self.size or self.scale_factor or ()
        require(
            len(given) == 1 or len(given) == axes,
            "wrong-option-length",
            "{given} numbers for the {axes} spatial axes of {shape}",
            option="size" if self.size else "scale_factor",
            help="give one number, or one per spatial axis",
            given=len(given),
            axes=axes,
            shape=spell(x.shape),
        )
        each = given * axes if len(given) == 1 else given
        if self.size:
            return tuple(int(n) for n in each)
        return tuple(_scaled_size(n, factor) for n, factor in zip(x.spatial, each, strict=True))

    def output(self, x: TensorSpec) -> TensorSpec:
        needed = _LINEAR_AXES.get(self.mode)
        require(
            len(x.shape) >= 2 and (needed is None or len(x.spatial) == needed),
            "wrong-rank",
            "{mode} upsampling does not fit an input of shape {shape}",
            option="mode",
            help="nearest fits any map, linear (C, L), bilinear (C, H, W), trilinear (C, D, H, W)",
            mode=self.mode,
            shape=spell(x.shape),
        )
        targets = self._targets(x)
        require(
            min(targets) > 0,
            "nothing-left",
            "upsampling {shape} by {factor} leaves nothing",
            option="scale_factor",
            help="use a larger scale_factor",
            shape=spell(x.shape),
            factor=self.scale_factor,
        )
        return x.with_spatial(targets)

    def ops(self, x: TensorSpec) -> OpCount:
        if self.mode == "nearest":
            return NOTHING
        corners = prod(2 for _ in x.spatial)  # a value is the weighted sum of the corners around it
        numel = self.output(x).numel
        return OpCount({Op.INTERPOLATION_MULTIPLY: numel * corners, Op.INTERPOLATION_ADD: numel * (corners - 1)})

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        kind = "nearest" if self.mode == "nearest" else "corners" if self.align_corners else "linear"
        if self.scale_factor and kind != "corners":  # the factor itself, even if n · factor is not whole
            factors = self.scale_factor * (len(x.spatial) // len(self.scale_factor))
            return tuple(interpolation_window(kind, *reversed(_ratio(factor))) for factor in factors)
        return tuple(interpolation_window(kind, n, m) for n, m in zip(x.spatial, self._targets(x), strict=True))


def _scaled_size(size: int, factor: float) -> int:
    """⌊n · factor⌋, with the factor read as an exact decimal."""
    numerator, denominator = _ratio(factor)
    return size * numerator if denominator == 1 else size * numerator // denominator


def _ratio(factor: float) -> tuple[int, int]:
    return (factor, 1) if isinstance(factor, int) else Fraction(repr(factor)).as_integer_ratio()

"""Pooling to a given size: adaptive, global and pyramid."""

from math import gcd, prod
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic import Field as Option

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import Field, adaptive_windows, pyramid_windows
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import WHOLE, Count

MOST_LEVELS = 64
"""Levels of a pyramid; the paper has four."""

Reduction = Literal["max", "avg"]


def reduction_ops(reduction: Reduction, read: int, written: int) -> OpCount:
    """Operations of windows that read `read` values in all and write `written`."""
    if reduction == "max":
        return OpCount({Op.POOL_COMPARE: read - written})
    return OpCount({Op.POOL_ADD: read - written, Op.POOL_DIVIDE: written})


def _values_read(size: int, count: int) -> int:
    """Values that `count` adaptive windows over `size` positions read; neighbours share one unless they meet evenly."""
    return size + count - gcd(size, count)


_WHOLE_OR_NULL = {**WHOLE, "type": ["integer", "null"]}


class AdaptivePool(Layer):
    """The rules of adaptive pools."""

    traits = Traits(Kind.POOLING)

    reduction: ClassVar[Reduction]
    per_axis_options: ClassVar[tuple[str, ...]] = ("output_size",)

    output_size: Annotated[
        tuple[Count | None, ...],
        BeforeValidator(lambda given: given if isinstance(given, tuple) else (given,)),
        WithJsonSchema({"anyOf": [_WHOLE_OR_NULL, {"type": "array", "items": _WHOLE_OR_NULL}]}),
    ]

    meanings: ClassVar = {
        "output_size": Phrase("windows on each axis, which is the size of the output; null keeps the axis")
    }

    def _targets(self, x: TensorSpec) -> Shape:
        return tuple(n if m is None else m for n, m in zip(x.spatial, self.output_size, strict=True))

    def output(self, x: TensorSpec) -> TensorSpec:
        return self.grid(x).with_spatial(self._targets(x))

    def ops(self, x: TensorSpec) -> OpCount:
        y = self.output(x)
        read = x.channels * prod(map(_values_read, x.spatial, y.spatial))
        return reduction_ops(self.reduction, read, y.numel)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(map(adaptive_windows, x.spatial, self._targets(x)))

    def global_by(self, x: TensorSpec) -> str:
        return "global pooling" if set(self._targets(x)) == {1} and set(x.spatial) != {1} else ""


class AdaptiveAvgPool1d(AdaptivePool):
    """Mean of each of `output_size` windows that divide a sequence; null keeps the size.

    Shape:   (C, L) -> (C, output_size)
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveAvgPool1d, with null besides
    """

    traits = Traits(Kind.POOLING, is_taught_first=True)

    axes: ClassVar[int] = 1
    reduction: ClassVar[Reduction] = "avg"


class AdaptiveAvgPool2d(AdaptivePool):
    """Mean of each of `output_size` windows that divide a map; null keeps an axis.

    Shape:   (C, H, W) -> (C, *output_size)
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveAvgPool2d
    """

    traits = Traits(Kind.POOLING, is_taught_first=True)

    axes: ClassVar[int] = 2
    reduction: ClassVar[Reduction] = "avg"


class AdaptiveAvgPool3d(AdaptivePool):
    """Mean of each of `output_size` windows that divide a volume; null keeps an axis.

    Shape:   (C, D, H, W) -> (C, *output_size)
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveAvgPool3d
    """

    traits = Traits(Kind.POOLING, is_taught_first=True)

    axes: ClassVar[int] = 3
    reduction: ClassVar[Reduction] = "avg"


class AdaptiveMaxPool1d(AdaptivePool):
    """Largest value of each of `output_size` windows that divide a sequence; null keeps the size.

    Shape:   (C, L) -> (C, output_size)
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveMaxPool1d, with null besides
    """

    traits = Traits(Kind.POOLING, is_taught_first=True)

    axes: ClassVar[int] = 1
    reduction: ClassVar[Reduction] = "max"


class AdaptiveMaxPool2d(AdaptivePool):
    """Largest value of each of `output_size` windows that divide a map; null keeps an axis.

    Shape:   (C, H, W) -> (C, *output_size)
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveMaxPool2d
    """

    traits = Traits(Kind.POOLING, is_taught_first=True)

    axes: ClassVar[int] = 2
    reduction: ClassVar[Reduction] = "max"


class AdaptiveMaxPool3d(AdaptivePool):
    """Largest value of each of `output_size` windows that divide a volume; null keeps an axis.

    Shape:   (C, D, H, W) -> (C, *output_size)
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveMaxPool3d
    """

    traits = Traits(Kind.POOLING, is_taught_first=True)

    axes: ClassVar[int] = 3
    reduction: ClassVar[Reduction] = "max"


class GlobalPool(Layer):
    """The rules of global pools; `keepdim` keeps axes of size 1 instead of giving a vector."""

    traits = Traits(Kind.POOLING, is_taught_first=True)

    reduction: ClassVar[Reduction]

    keepdim: bool = False

    meanings: ClassVar = {
        "keepdim": Phrase("whether the spatial axes stay, each of size 1, as in torch; otherwise a vector comes out")
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        return x.with_spatial((1,) * len(x.spatial) if self.keepdim else ())

    def ops(self, x: TensorSpec) -> OpCount:
        return reduction_ops(self.reduction, x.numel, x.channels)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(adaptive_windows(n, 1) for n in x.spatial)

    def global_by(self, x: TensorSpec) -> str:
        return "global pooling" if set(x.spatial) != {1} else ""


class GlobalAvgPool1d(GlobalPool):
    """Mean of a whole sequence, per channel.

    Shape:   (C, L) -> (C), or (C, 1) with keepdim
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveAvgPool1d with output_size=1
    """

    axes: ClassVar[int] = 1
    reduction: ClassVar[Reduction] = "avg"


class GlobalAvgPool2d(GlobalPool):
    """Mean of a whole map, per channel.

    Shape:   (C, H, W) -> (C), or (C, 1, 1) with keepdim
    Errors:  wrong-rank
    Source:  Lin et al., Network in network (2013), section 3.2; torch.nn.AdaptiveAvgPool2d with output_size=1
    """

    axes: ClassVar[int] = 2
    reduction: ClassVar[Reduction] = "avg"


class GlobalAvgPool3d(GlobalPool):
    """Mean of a whole volume, per channel.

    Shape:   (C, D, H, W) -> (C), or (C, 1, 1, 1) with keepdim
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveAvgPool3d with output_size=1
    """

    axes: ClassVar[int] = 3
    reduction: ClassVar[Reduction] = "avg"


class GlobalMaxPool1d(GlobalPool):
    """Largest value of a whole sequence, per channel.

    Shape:   (C, L) -> (C), or (C, 1) with keepdim
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveMaxPool1d with output_size=1
    """

    axes: ClassVar[int] = 1
    reduction: ClassVar[Reduction] = "max"


class GlobalMaxPool2d(GlobalPool):
    """Largest value of a whole map, per channel.

    Shape:   (C, H, W) -> (C), or (C, 1, 1) with keepdim
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveMaxPool2d with output_size=1
    """

    axes: ClassVar[int] = 2
    reduction: ClassVar[Reduction] = "max"


class GlobalMaxPool3d(GlobalPool):
    """Largest value of a whole volume, per channel.

    Shape:   (C, D, H, W) -> (C), or (C, 1, 1, 1) with keepdim
    Errors:  wrong-rank
    Source:  torch.nn.AdaptiveMaxPool3d with output_size=1
    """

    axes: ClassVar[int] = 3
    reduction: ClassVar[Reduction] = "max"


class SpatialPyramidPool2d(Layer):
    """The map pooled into l×l bins for every level l, and the bins laid end to end: one length for any map.

    Shape:   (C, H, W) -> (C·Σ l²)
    Errors:  wrong-rank
    Source:  He et al., Spatial pyramid pooling in deep convolutional networks (2014), section 2.2
    """

    traits = Traits(Kind.POOLING)

    axes: ClassVar[int] = 2

    levels: Annotated[tuple[Count, ...], Option(min_length=1, max_length=MOST_LEVELS)]
    mode: Reduction = "max"

    meanings: ClassVar = {
        "levels": Phrase("bins on each axis at every level: [4, 2, 1] makes 16 + 4 + 1 bins"),
        "mode": Phrase("what is taken of a bin: its largest value, or its mean"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        return x.with_shape((x.channels * sum(level * level for level in self.levels),))

    def ops(self, x: TensorSpec) -> OpCount:
        read = sum(prod(_values_read(n, level) for n in x.spatial) for level in self.levels)
        return reduction_ops(self.mode, x.channels * read, self.output(x).numel)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(pyramid_windows(n, self.levels) for n in x.spatial)

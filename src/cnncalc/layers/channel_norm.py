"""Layers that work along the channels of every position, and scales and shifts of every channel."""

from math import prod
from typing import Annotated, ClassVar

from pydantic import Field as Option

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import ITSELF, Field, Untracked
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, axis_of, check_grid, windows_along
from cnncalc.layers.option_types import Count


def _position_windows(x: TensorSpec) -> tuple[Field, ...]:
    """Windows of a layer that works along the channels of each position.

    Errors:  Untracked for a vector, which is all channels
    """
    if not x.spatial:
        raise Untracked
    return tuple(ITSELF for _ in x.spatial)


class LocalResponseNorm(Layer):
    """Divides each value by a power of the squares in `size` neighbouring channels.

    Shape:   (C, *) -> (C, *)
    Errors:  wrong-rank
    Source:  Krizhevsky et al., ImageNet classification with deep CNNs (2012), section 3.3; torch.nn.LocalResponseNorm
    """

    traits = Traits(Kind.NORM)

    size: Count
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0

    torch_order: ClassVar = ("size", "alpha", "beta", "k")

    meanings: ClassVar = {
        "size": Phrase("neighbouring channels whose squares are summed"),
        "alpha": Phrase("factor of the mean of the squares, as in torch; in the paper it is a factor of the sum"),
        "beta": Phrase("the power of the divisor"),
        "k": Phrase("added to the squares before the power"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        check_grid(x)
        return x

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount(
            {
                Op.NORM_MULTIPLY: 2 * x.numel,  # the square, and alpha / size
                Op.NORM_ADD: x.numel * (self.size - 1) + x.numel,  # the neighbours, and k
                Op.NORM_ROOT: x.numel,  # the power beta
                Op.NORM_DIVIDE: x.numel,
            }
        )


class L2Norm(Layer):
    """Divides every position by the norm over its channels, and multiplies by a learned scale for each channel.

    Shape:   (C, *) -> (C, *)
    Source:  Liu et al., ParseNet (2015), section 3.3; torch.nn.functional.normalize; Caffe's Normalize
    """

    traits = Traits(Kind.NORM)

    eps: Annotated[float, Option(ge=0)] = 1e-12
    affine: bool = True

    meanings: ClassVar = {
        "eps": Phrase("the least divisor: a smaller norm counts as this"),
        "affine": Phrase("whether each channel has a learned scale"),
    }

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("", (x.channels,)),) if self.affine else ()

    def ops(self, x: TensorSpec) -> OpCount:
        positions = prod(x.spatial)
        return OpCount(
            {
                Op.NORM_MULTIPLY: 2 * x.numel if self.affine else x.numel,  # the square, and the scale
                Op.NORM_ADD: x.numel - positions,  # the channels' squares
                Op.NORM_ROOT: positions,
                Op.NORM_COMPARE: positions,  # a norm below eps counts as eps
                Op.NORM_DIVIDE: x.numel,
            }
        )

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return _position_windows(x)


class Normalize(Layer):
    """Divides by the norm along an axis; axes count without the batch, so 0 is the channels.

    Shape:   any -> the same
    Errors:  no-such-axis
    Source:  torch.nn.functional.normalize
    """

    traits = Traits(Kind.NORM)

    any_layout: ClassVar[bool] = True
    mixing: ClassVar[Phrase] = Phrase("statistics over the map")

    dim: int = 0
    eps: Annotated[float, Option(ge=0)] = 1e-12

    meanings: ClassVar = {
        "dim": Phrase("the axis whose values have a norm of 1 afterwards; 0 is the channels (1 in torch)"),
        "eps": Phrase("the least divisor: a smaller norm counts as this"),
    }

    def mixed_axes(self, x: TensorSpec) -> tuple[int, ...]:
        return (axis_of(self.dim, x),)

    def output(self, x: TensorSpec) -> TensorSpec:
        axis_of(self.dim, x)
        return x

    def ops(self, x: TensorSpec) -> OpCount:
        norms = x.numel // x.shape[axis_of(self.dim, x)]
        return OpCount(
            {
                Op.NORM_MULTIPLY: x.numel,
                Op.NORM_ADD: x.numel - norms,
                Op.NORM_ROOT: norms,
                Op.NORM_COMPARE: norms,  # a norm below eps counts as eps
                Op.NORM_DIVIDE: x.numel,
            }
        )

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return windows_along(self.mixed_axes(x), x)


class LayerScale(Layer):
    """Multiplies every channel by a number that is learned, at first a small one.

    Shape:   (C, *) -> (C, *)
    Source:  Touvron et al., Going deeper with image transformers (2021); torchvision's ConvNeXt
    """

    init_value: float = 1e-6

    meanings: ClassVar = {"init_value": Phrase("what the scales are when training begins; it changes no count")}

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("", (x.channels, *[1] * len(x.spatial))),)

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_MULTIPLY: x.numel})

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return _position_windows(x)


class Affine(Layer):
    """Multiplies every channel by a learned number and adds another, without normalising anything.

    Shape:   (C, *) -> (C, *)
    Errors:  nothing-learned
    Source:  Caffe's Scale and Bias layers
    """

    scale: bool = True
    bias: bool = True

    meanings: ClassVar = {
        "scale": Phrase("whether each channel is multiplied by a learned number"),
        "bias": Phrase("whether a learned number is added to each channel"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            self.scale or self.bias,
            "nothing-learned",
            "has neither scale nor bias, so it does nothing",
            option="scale",
            help="leave one of them true, or write `identity`",
        )
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        stored = (("weight", self.scale), ("bias", self.bias))
        return tuple([WeightSpec(name, (x.channels,)) for name, is_there in stored if is_there])

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount(
            {
                Op.ELEMENTWISE_MULTIPLY: x.numel if self.scale else 0,
                Op.ELEMENTWISE_ADD: x.numel if self.bias else 0,
            }
        )


class Normalization(Layer):
    """Subtracts a stored mean from every channel and divides it by a stored deviation: statistics of the data set.

    Shape:   (C, *) -> (C, *)
    Source:  keras.layers.Normalization, whose mean, variance and count are not trained
    """

    traits = Traits(Kind.NORM, keeps_statistics=True)

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        mean, variance = (WeightSpec(name, (x.channels,), trainable=False) for name in ("mean", "variance"))
        return (mean, variance, WeightSpec("count", (1,), trainable=False))

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.NORM_ADD: x.numel, Op.NORM_DIVIDE: x.numel})


class Rescaling(Layer):
    """Multiplies every value by one number and adds another, as for pixels from 0 to 255.

    Shape:   any -> the same
    Source:  keras.layers.Rescaling
    """

    any_layout: ClassVar[bool] = True

    scale: float
    offset: float = 0.0

    meanings: ClassVar = {
        "scale": Phrase("the factor, as in `0.00392` for 1/255"),
        "offset": Phrase("what is added to the product"),
    }

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_MULTIPLY: x.numel, Op.ELEMENTWISE_ADD: x.numel if self.offset else 0})

"""Fully connected layers."""

from math import prod
from typing import ClassVar, Literal

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, Field, whole_axis
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import Count


class Linear(Layer):
    """Every output reads every input feature.

    Shape:   (features) -> (out_features); (length, features) -> (length, out_features);
             (H, W, C) -> (H, W, out_features) after a permute; (*, n) -> (*, out_features) with `axis: -1`
    Errors:  wrong-rank
    Source:  torch.nn.Linear
    """

    traits = Traits(Kind.LINEAR, is_taught_first=True, reads_sequences=True)

    out_features: Count
    bias: bool = True
    axis: Literal[-1] | None = None

    torch_order: ClassVar = ("in_features", "out_features", "bias")

    meanings: ClassVar = {
        "out_features": Phrase("values that come out, each a weighted sum of all input features"),
        "bias": Phrase("whether each output adds a number of its own"),
        "axis": Phrase(
            "-1 multiplies along the last axis of a map, its width, as torch does; left out, a map is refused"
        ),
    }

    axes: ClassVar[int | None] = None
    any_layout: ClassVar[bool] = True
    last_axes: ClassVar[int] = 1

    def output(self, x: TensorSpec) -> TensorSpec:
        # torch would multiply along the last axis, which is the width of a map unless its channels are last
        if len(x.shape) > 2 and not x.channels_last and self.axis is None:
            raise Fault(
                "wrong-rank",
                "needs a vector, but receives a map of shape {shape}",
                help="put `flatten` or a global pooling layer before it",
                shape=spell(x.shape),
            )
        return x._replace(shape=(*x.shape[:-1], self.out_features))

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        matrix = WeightSpec("weight", (self.out_features, x.shape[-1]))
        return (matrix, WeightSpec("bias", (self.out_features,))) if self.bias else (matrix,)

    def ops(self, x: TensorSpec) -> OpCount:
        rows = prod(x.shape[:-1])
        return OpCount(
            {
                Op.CONTRACTION_MAC: rows * x.shape[-1] * self.out_features,
                Op.BIAS_ADD: rows * self.out_features if self.bias else 0,
            }
        )

    def windows(self, x: TensorSpec) -> tuple[Field, ...] | None:
        if x.channels_last:
            return tuple(ITSELF for _ in x.spatial)
        if len(x.shape) < 3:
            return None
        return tuple(ITSELF if axis < len(x.shape) - 2 else whole_axis(n) for axis, n in enumerate(x.spatial))

    def global_by(self, x: TensorSpec) -> str:
        return "fully connected" if len(x.shape) == 1 else ""

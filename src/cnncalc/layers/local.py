"""Locally connected layers: convolutions without weight sharing between positions."""

from math import prod
from typing import ClassVar, Literal

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.windowed import Filtering


class LocallyConnected(Filtering):
    """The rules of LocallyConnected1d and LocallyConnected2d."""

    traits = Traits(Kind.LOCAL)

    bias: Literal["per_position", "per_channel"] | bool = "per_position"

    meanings: ClassVar = {
        "bias": Phrase("what is added: a number for each output value, for each map (`per_channel`), or nothing")
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        return TensorSpec((self.out_channels, *self.counts(x)), x.dtype)

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        y = self.output(x)
        kernels = WeightSpec("weight", (*y.spatial, self.out_channels, x.channels, *self.kernel_size))
        if self.bias is False:
            return (kernels,)
        return (kernels, WeightSpec("bias", (self.out_channels,) if self.bias == "per_channel" else y.shape))

    def ops(self, x: TensorSpec) -> OpCount:
        y = self.output(x)
        macs = y.numel * x.channels * prod(self.kernel_size)
        return OpCount({Op.CONTRACTION_MAC: macs, Op.BIAS_ADD: 0 if self.bias is False else y.numel})


class LocallyConnected1d(LocallyConnected):
    """Unshared convolution over a sequence; `bias: true` means one per position.

    Shape:   (C, L) -> (C_out, L_out)
    Errors:  window-does-not-fit, wrong-rank
    Source:  keras.layers.LocallyConnected1D (Keras 2)
    """

    axes: ClassVar[int] = 1


class LocallyConnected2d(LocallyConnected):
    """Unshared convolution over a map; `bias: true` means one per position.

    Shape:   (C, H, W) -> (C_out, H_out, W_out)
    Errors:  window-does-not-fit, wrong-rank
    Source:  keras.layers.LocallyConnected2D (Keras 2)
    """

    axes: ClassVar[int] = 2

"""Activations along an axis: softmax and what is like it, and gates of one half for the other."""

from typing import ClassVar

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import ITSELF, Field, Untracked, whole_axis
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, axis_of


class Softmax(Layer):
    """Exponentials that sum to one along `dim`; axes count without the batch, so 0 is the channels.

    Shape:   any -> the same
    Errors:  no-such-axis
    Source:  torch.nn.Softmax
    """

    traits = Traits(Kind.ACTIVATION)

    dim: int = 0

    meanings: ClassVar = {"dim": Phrase("the axis along which exponentials sum to one; 0 is the channels")}

    def output(self, x: TensorSpec) -> TensorSpec:
        axis_of(self.dim, x)
        return x

    def rows(self, x: TensorSpec) -> int:
        """The number of sums."""
        return x.numel // x.shape[self.dim]

    def ops(self, x: TensorSpec) -> OpCount:
        rows = self.rows(x)
        return OpCount(
            {
                Op.ACTIVATION_COMPARE: x.numel - rows,  # the largest, subtracted first to avoid overflow
                Op.ACTIVATION_ADD: x.numel + x.numel - rows,
                Op.ACTIVATION_EXPONENTIAL: x.numel,
                Op.ACTIVATION_DIVIDE: x.numel,
            }
        )

    def global_by(self, x: TensorSpec) -> str:
        return "softmax over the map" if axis_of(self.dim, x) == len(x.spatial) <= 1 else ""

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        along = axis_of(self.dim, x) - 1
        if len(x.spatial) == 1:
            return (ITSELF,)
        return tuple(whole_axis(n) if axis == along else ITSELF for axis, n in enumerate(x.spatial))


class Softmin(Softmax):
    """The softmax of −x along `dim`; axes count without the batch, so 0 is the channels.

    Shape:   any -> the same
    Errors:  no-such-axis
    Source:  torch.nn.Softmin
    """


class LogSoftmax(Softmax):
    """The logarithm of softmax along `dim`; axes count without the batch, so 0 is the channels.

    Shape:   any -> the same
    Errors:  no-such-axis
    Source:  torch.nn.LogSoftmax
    """

    def ops(self, x: TensorSpec) -> OpCount:
        rows = self.rows(x)
        return OpCount(
            {
                Op.ACTIVATION_COMPARE: x.numel - rows,  # the largest, subtracted first to avoid overflow
                Op.ACTIVATION_ADD: 3 * x.numel - rows,  # two subtractions, and the sum
                Op.ACTIVATION_EXPONENTIAL: x.numel,
                Op.ACTIVATION_LOGARITHM: rows,
            }
        )


class GLU(Layer):
    """The first half of an axis times the sigmoid of its second half; axes count without the batch.

    Shape:   (2·C, *) -> (C, *)
    Errors:  no-such-axis, odd-axis
    Source:  torch.nn.GLU; Dauphin et al., Language modeling with gated convolutional networks (2016), equation 1
    """

    traits = Traits(Kind.ACTIVATION, halves=True)

    dim: int = 0

    torch_order: ClassVar = ("dim",)

    in_heads: ClassVar[bool] = True

    meanings: ClassVar = {"dim": Phrase("the axis that is halved; 0 is the channels (1 in torch)")}

    def output(self, x: TensorSpec) -> TensorSpec:
        axis = axis_of(self.dim, x)
        require(
            x.shape[axis] % 2 == 0,
            "odd-axis",
            "axis {dim} of {shape} has {size} values, which two halves do not share",
            option="dim",
            help="make it even: the layer before has to put out twice as many as are wanted",
            dim=axis,
            shape=spell(x.shape),
            size=x.shape[axis],
        )
        return x.with_shape((*x.shape[:axis], x.shape[axis] // 2, *x.shape[axis + 1 :]))

    def ops(self, x: TensorSpec) -> OpCount:
        gates = self.output(x).numel
        return OpCount(
            {
                Op.ACTIVATION_EXPONENTIAL: gates,
                Op.ACTIVATION_ADD: gates,
                Op.ACTIVATION_DIVIDE: gates,
                Op.ACTIVATION_MULTIPLY: gates,
            }
        )

    @property
    def last_axes(self) -> int:  # type: ignore[override]
        return 1 if self.dim == -1 else 0

    def windows(self, x: TensorSpec) -> tuple[Field, ...] | None:
        if axis_of(self.dim, x) == 0 and x.spatial:
            return tuple(ITSELF for _ in x.spatial)
        if self.last_axes:  # features of a sequence, perhaps
            return None
        raise Untracked  # two positions that lie apart

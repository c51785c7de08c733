"""Products of two activations."""

from typing import ClassVar

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import Untracked
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer


class MatMul(Layer):
    """The matrix product of two inputs, for every index of the axes before the last two.

    Shape:   (..., n, k), (..., k, m) -> (..., n, m); an axis before the last two is equal in both, or 1
    Errors:  matrices-do-not-multiply
    Source:  torch.matmul
    """

    traits = Traits(Kind.MERGE, mixes_positions=True)

    least_inputs: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = 2

    def output(self, x: TensorSpec, y: TensorSpec) -> TensorSpec:
        leading = [*zip(x.shape[:-2], y.shape[:-2], strict=False)]
        if len(x.shape) != len(y.shape) or len(x.shape) < 2 or x.shape[-1] != y.shape[-2]:
            raise self._objection(x, y)
        if any(n != m and 1 not in (n, m) for n, m in leading):
            raise self._objection(x, y)
        return x.with_shape((*(m if n == 1 else n for n, m in leading), x.shape[-2], y.shape[-1]))

    def _objection(self, x: TensorSpec, y: TensorSpec) -> Fault:
        turned = len(x.shape) == len(y.shape) > 1 and x.shape[-1] == y.shape[-1]
        order = [*range(len(y.shape) - 2), len(y.shape) - 1, len(y.shape) - 2]
        return Fault(
            "matrices-do-not-multiply",
            "cannot multiply matrices {x} and {y}",
            help=Phrase("transpose the second first: write `permute: {order}`", order=order)
            if turned
            else Phrase("the last axis of the first has to be as long as the last but one of the second"),
            x=spell(x.shape),
            y=spell(y.shape),
        )

    def ops(self, x: TensorSpec, y: TensorSpec) -> OpCount:
        return OpCount({Op.CONTRACTION_MAC: self.output(x, y).numel * x.shape[-1]})

    def windows(self, x: TensorSpec, y: TensorSpec) -> None:
        raise Untracked  # a row of one input and a column of the other

"""Activations, value by value."""

from typing import ClassVar, Literal

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import Count


class Activation(Layer):
    """The rules that element-wise activations share: a fixed number of operations for every element.

    `inplace` writes the result over the input; the peak of the activation memory takes that into account.
    """

    traits = Traits(Kind.ACTIVATION)

    per_element: ClassVar[dict[Op, int]]

    any_layout: ClassVar[bool] = True

    inplace: bool = False

    torch_order: ClassVar[tuple[str, ...]] = ("inplace",)

    meanings: ClassVar = {"inplace": Phrase("whether the result is written over the input")}

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({op: times * x.numel for op, times in self.per_element.items()})


class ReLU(Activation):
    """max(x, 0).

    Shape:   any -> the same
    Source:  torch.nn.ReLU
    """

    per_element: ClassVar[dict[Op, int]] = {Op.ACTIVATION_COMPARE: 1}


class ReLU6(Activation):
    """min(max(x, 0), 6).

    Shape:   any -> the same
    Source:  torch.nn.ReLU6
    """

    per_element: ClassVar[dict[Op, int]] = {Op.ACTIVATION_COMPARE: 2}


class Hardtanh(Activation):
    """min(max(x, min_val), max_val).

    Shape:   any -> the same
    Errors:  wrong-bounds
    Source:  torch.nn.Hardtanh
    """

    min_val: float = -1.0
    max_val: float = 1.0

    torch_order: ClassVar = ("min_val", "max_val", "inplace")

    meanings: ClassVar = {
        "min_val": Phrase("the least value that comes out"),
        "max_val": Phrase("the greatest value that comes out"),
    }

    per_element: ClassVar[dict[Op, int]] = {Op.ACTIVATION_COMPARE: 2}

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            self.min_val < self.max_val,
            "wrong-bounds",
            "nothing lies between min_val {least} and max_val {greatest}",
            option="min_val",
            help="let min_val be below max_val",
            least=self.min_val,
            greatest=self.max_val,
        )
        return x


class LeakyReLU(Activation):
    """x where positive, negative_slope·x elsewhere.

    Shape:   any -> the same
    Source:  torch.nn.LeakyReLU
    """

    negative_slope: float = 0.01

    torch_order: ClassVar = ("negative_slope", "inplace")

    meanings: ClassVar = {"negative_slope": Phrase("the factor of negative values")}

    per_element: ClassVar[dict[Op, int]] = {Op.ACTIVATION_COMPARE: 1, Op.ACTIVATION_MULTIPLY: 1}


class PReLU(Layer):
    """x where positive, a·x elsewhere, with a learned: one for all channels, or one for each.

    Shape:   (C, *) -> (C, *)
    Errors:  shape-mismatch
    Source:  torch.nn.PReLU
    """

    traits = Traits(Kind.ACTIVATION)

    num_parameters: Count = 1

    torch_order: ClassVar = ("num_parameters",)

    meanings: ClassVar = {"num_parameters": Phrase("slopes that are learned: 1 for all channels, or one for each")}

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            (self.num_parameters == 1) | (self.num_parameters == x.channels),
            "shape-mismatch",
            "num_parameters is {given}, but the input has {channels} channels",
            option="num_parameters",
            help="use 1, or {channels}",
            given=self.num_parameters,
            channels=x.channels,
        )
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("weight", (self.num_parameters,)),)

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ACTIVATION_COMPARE: x.numel, Op.ACTIVATION_MULTIPLY: x.numel})


class ELU(Activation):
    """x where positive, alpha·(eˣ − 1) elsewhere.

    Shape:   any -> the same
    Source:  torch.nn.ELU
    """

    alpha: float = 1.0

    torch_order: ClassVar = ("alpha", "inplace")

    meanings: ClassVar = {"alpha": Phrase("the factor of eˣ − 1: negative values come to −alpha at the least")}

    per_element: ClassVar[dict[Op, int]] = {
        Op.ACTIVATION_COMPARE: 1,
        Op.ACTIVATION_EXPONENTIAL: 1,
        Op.ACTIVATION_ADD: 1,
        Op.ACTIVATION_MULTIPLY: 1,
    }


class CELU(Activation):
    """x where positive, alpha·(e^(x / alpha) − 1) elsewhere.

    Shape:   any -> the same
    Errors:  zero-alpha
    Source:  torch.nn.CELU
    """

    alpha: float = 1.0

    torch_order: ClassVar = ("alpha", "inplace")

    meanings: ClassVar = {"alpha": Phrase("how far negative values reach: they come to −alpha at the least")}

    per_element: ClassVar[dict[Op, int]] = {
        Op.ACTIVATION_COMPARE: 1,
        Op.ACTIVATION_DIVIDE: 1,
        Op.ACTIVATION_EXPONENTIAL: 1,
        Op.ACTIVATION_ADD: 1,
        Op.ACTIVATION_MULTIPLY: 1,
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            self.alpha != 0,
            "zero-alpha",
            "alpha is 0, and x is divided by it",
            option="alpha",
            help="use `relu`, or another alpha",
        )
        return x


class SELU(Activation):
    """1.0507·x where positive, 1.0507·1.6733·(eˣ − 1) elsewhere.

    Shape:   any -> the same
    Source:  torch.nn.SELU
    """

    per_element: ClassVar[dict[Op, int]] = {
        Op.ACTIVATION_COMPARE: 1,
        Op.ACTIVATION_EXPONENTIAL: 1,
        Op.ACTIVATION_ADD: 1,
        Op.ACTIVATION_MULTIPLY: 2,
    }


class Sigmoid(Layer):
    """1 / (1 + e⁻ˣ).

    Shape:   any -> the same
    Source:  torch.nn.Sigmoid
    """

    traits = Traits(Kind.ACTIVATION)

    any_layout: ClassVar[bool] = True

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ACTIVATION_EXPONENTIAL: x.numel, Op.ACTIVATION_ADD: x.numel, Op.ACTIVATION_DIVIDE: x.numel})


class LogSigmoid(Layer):
    """−log(1 + e⁻ˣ), as min(x, 0) − log(1 + e^−|x|).

    Shape:   any -> the same
    Source:  torch.nn.LogSigmoid
    """

    traits = Traits(Kind.ACTIVATION)

    any_layout: ClassVar[bool] = True

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount(
            {
                Op.ACTIVATION_COMPARE: 2 * x.numel,
                Op.ACTIVATION_EXPONENTIAL: x.numel,
                Op.ACTIVATION_ADD: 2 * x.numel,
                Op.ACTIVATION_LOGARITHM: x.numel,
            }
        )


class Tanh(Layer):
    """Hyperbolic tangent.

    Shape:   any -> the same
    Source:  torch.nn.Tanh
    """

    traits = Traits(Kind.ACTIVATION)

    any_layout: ClassVar[bool] = True

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ACTIVATION_TANH: x.numel})


class SiLU(Activation):
    """x / (1 + e⁻ˣ), also called swish.

    Shape:   any -> the same
    Source:  torch.nn.SiLU
    """

    per_element: ClassVar[dict[Op, int]] = {Op.ACTIVATION_EXPONENTIAL: 1, Op.ACTIVATION_ADD: 1, Op.ACTIVATION_DIVIDE: 1}


class GELU(Layer):
    """x·Φ(x), by the error function or by its tanh approximation.

    Shape:   any -> the same
    Source:  torch.nn.GELU
    """

    traits = Traits(Kind.ACTIVATION)

    any_layout: ClassVar[bool] = True

    approximate: Literal["none", "tanh"] = "none"

    meanings: ClassVar = {"approximate": Phrase("whether Φ is exact (`none`), or approximated by tanh")}

    def ops(self, x: TensorSpec) -> OpCount:
        if self.approximate == "tanh":  # 0.5·x·(1 + tanh(c·(x + a·x·x·x)))
            return OpCount(
                {Op.ACTIVATION_MULTIPLY: 6 * x.numel, Op.ACTIVATION_ADD: 2 * x.numel, Op.ACTIVATION_TANH: x.numel}
            )
        # 0.5·x·(1 + erf(c·x))
        return OpCount({Op.ACTIVATION_MULTIPLY: 3 * x.numel, Op.ACTIVATION_ADD: x.numel, Op.ACTIVATION_ERF: x.numel})


class Softplus(Layer):
    """log(1 + e^(beta·x)) / beta; x itself where beta·x is above the threshold.

    Shape:   any -> the same
    Source:  torch.nn.Softplus
    """

    traits = Traits(Kind.ACTIVATION)

    any_layout: ClassVar[bool] = True

    beta: float = 1.0
    threshold: float = 20.0

    meanings: ClassVar = {
        "beta": Phrase("sharpness of the bend at 0: the larger, the closer to max(x, 0)"),
        "threshold": Phrase("above this value of beta·x the output is x"),
    }

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount(
            {
                Op.ACTIVATION_MULTIPLY: x.numel,
                Op.ACTIVATION_EXPONENTIAL: x.numel,
                Op.ACTIVATION_ADD: x.numel,
                Op.ACTIVATION_LOGARITHM: x.numel,
                Op.ACTIVATION_DIVIDE: x.numel,
                Op.ACTIVATION_COMPARE: x.numel,  # with the threshold
            }
        )


class Mish(Activation):
    """x·tanh(log(1 + eˣ)).

    Shape:   any -> the same
    Source:  torch.nn.Mish
    """

    per_element: ClassVar[dict[Op, int]] = {
        Op.ACTIVATION_EXPONENTIAL: 1,
        Op.ACTIVATION_ADD: 1,
        Op.ACTIVATION_LOGARITHM: 1,
        Op.ACTIVATION_TANH: 1,
        Op.ACTIVATION_MULTIPLY: 1,
    }


class Hardsigmoid(Activation):
    """min(max(x + 3, 0), 6) / 6.

    Shape:   any -> the same
    Source:  torch.nn.Hardsigmoid
    """

    per_element: ClassVar[dict[Op, int]] = {Op.ACTIVATION_ADD: 1, Op.ACTIVATION_COMPARE: 2, Op.ACTIVATION_DIVIDE: 1}


class Hardswish(Activation):
    """x·min(max(x + 3, 0), 6) / 6.

    Shape:   any -> the same
    Source:  torch.nn.Hardswish
    """

    per_element: ClassVar[dict[Op, int]] = {
        Op.ACTIVATION_ADD: 1,
        Op.ACTIVATION_COMPARE: 2,
        Op.ACTIVATION_MULTIPLY: 1,
        Op.ACTIVATION_DIVIDE: 1,
    }

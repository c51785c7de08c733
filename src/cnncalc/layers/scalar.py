"""Operations on every value alone, with numbers that are fixed."""

from typing import Annotated, ClassVar, Literal

from pydantic import WithJsonSchema

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import NOTHING, Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.base import Layer


class Abs(Layer):
    """The value without its sign.

    Shape:   any -> the same
    Source:  torch.abs
    """

    any_layout: ClassVar[bool] = True

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_COMPARE: x.numel})


Bounds = Annotated[
    tuple[float | None, float | None],
    WithJsonSchema(
        {
            "description": "[least, greatest]; null for none",
            "type": "array",
            "items": {"type": ["number", "null"]},
            "minItems": 2,
            "maxItems": 2,
        }
    ),
]
"""The least and the greatest value; None for no bound."""


class Scalar(Layer):
    """Arithmetic with a number, or a function, on every value: one of the options. `scalar: exp` is a function.

    Shape:   any -> the same
    Errors:  missing-option
    Source:  the functions of torch with these names
    """

    any_layout: ClassVar[bool] = True
    natural_option: ClassVar[str | None] = "function"
    either: ClassVar = ("function", "add", "subtract", "rsub", "multiply", "divide", "power", "clamp")

    function: Literal["neg", "square", "sqrt", "rsqrt", "reciprocal", "exp", "log"] | None = None
    add: float | None = None
    subtract: float | None = None
    rsub: float | None = None
    multiply: float | None = None
    divide: float | None = None
    power: float | None = None
    clamp: Bounds | None = None

    meanings: ClassVar = {
        "function": Phrase("a function of the value, by its name in torch"),
        "add": Phrase("a number that is added to the value"),
        "subtract": Phrase("a number that is subtracted from the value"),
        "rsub": Phrase("a number from which the value is subtracted"),
        "multiply": Phrase("a factor of the value"),
        "divide": Phrase("a divisor of the value"),
        "power": Phrase("an exponent of the value"),
        "clamp": Phrase("[least, greatest]: bounds within which the value is kept; null for none"),
    }

    @property
    def operation(self) -> str:
        """The operation by its name."""
        given = [name for name in self.either if getattr(self, name) is not None]
        if len(given) != 1:
            raise Fault(
                "missing-option",
                "scalar takes one operation, and is given {given}",
                help="write one of {known}, or `scalar: exp`",
                given=Listed(given) or Phrase("none"),
                known=Listed(self.either[1:], Phrase("or")),
            )
        return self.function or given[0]

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            self.operation != "clamp" or self.clamp != (None, None),
            "missing-option",
            "scalar needs a bound to clamp by",
            option="clamp",
            help="write a number for the least or for the greatest value",
        )
        return x

    def ops(self, x: TensorSpec) -> OpCount:
        match self.operation:
            case "neg":
                return NOTHING
            case "clamp":
                bounds = sum(bound is not None for bound in self.clamp or ())
                return OpCount({Op.ELEMENTWISE_COMPARE: x.numel * bounds})
            case "add" | "subtract" | "rsub":
                kind = Op.ELEMENTWISE_ADD
            case "multiply" | "square":
                kind = Op.ELEMENTWISE_MULTIPLY
            case "divide" | "reciprocal":
                kind = Op.ELEMENTWISE_DIVIDE
            case "power" | "sqrt" | "rsqrt":
                kind = Op.ELEMENTWISE_POWER
            case "exp":
                kind = Op.ELEMENTWISE_EXPONENTIAL
            case "log":
                kind = Op.ELEMENTWISE_LOGARITHM
        return OpCount({kind: x.numel})

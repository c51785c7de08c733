"""What training drops at random, and evaluation passes on."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field as Option

from cnncalc.core.kinds import Traits
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer


class Dropout(Layer):
    """Nothing, in evaluation: values pass as they are.

    Shape:   any -> the same
    Source:  torch.nn.Dropout
    """

    traits = Traits(moves_values=True)

    any_layout: ClassVar[bool] = True
    keeps_buffer: ClassVar[bool] = True

    natural_option: ClassVar[str | None] = "p"

    p: Annotated[float, Option(ge=0, le=1)] = 0.5
    inplace: bool = False

    torch_order: ClassVar = ("p", "inplace")

    meanings: ClassVar = {
        "p": Phrase("share of values that training drops; nothing in evaluation"),
        "inplace": Phrase("without effect: the output is the input itself"),
    }


class StochasticDepth(Layer):
    """Nothing, in evaluation; in training, a residual branch is left out with probability `p`.

    Shape:   any -> the same
    Source:  Huang et al., Deep networks with stochastic depth (2016); torchvision.ops.StochasticDepth
    """

    traits = Traits(moves_values=True)

    any_layout: ClassVar[bool] = True
    keeps_buffer: ClassVar[bool] = True

    p: Annotated[float, Option(ge=0, le=1)] = 0.2
    mode: Literal["batch", "row"] = "row"

    torch_order: ClassVar = ("p", "mode")

    meanings: ClassVar = {
        "p": Phrase("probability that training leaves the branch out; nothing in evaluation"),
        "mode": Phrase("what training leaves out together: the whole batch, or each image for itself"),
    }

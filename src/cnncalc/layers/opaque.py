"""A layer of which nothing is known but what its author, or an importer, writes down."""

from typing import Annotated, ClassVar

from pydantic import Field as Option

from cnncalc.core.counts import NOTHING, Op, OpCount
from cnncalc.core.field import Untracked
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import Count, NamedShapes
from cnncalc.layers.reshape import MOST_AXES

MOST_MACS = 10**18
"""MACs of a layer; the largest networks take a millionth of it for an image."""


class Opaque(Layer):
    """A layer that no other type describes: its shape and stored tensors are given, its MACs given or not known.

    Nothing else is known of it: no receptive field is followed through it, and it is not run.

    Shape:   any -> shape
    """

    traits = Traits(is_opaque=True)

    any_layout: ClassVar[bool] = True
    most_inputs: ClassVar[int | None] = None

    shape: Annotated[tuple[Count, ...], Option(min_length=1, max_length=MOST_AXES)]
    parameters: NamedShapes = ()
    buffers: NamedShapes = ()
    macs: Annotated[int, Option(ge=0, le=MOST_MACS)] | None = None
    call: str = ""

    meanings: ClassVar = {
        "shape": Phrase("the shape of the output, without the batch"),
        "parameters": Phrase("the shapes of what training changes, by name"),
        "buffers": Phrase("the shapes of what is stored and not trained, by name"),
        "macs": Phrase("MACs for one image; left out where they are not known"),
        "call": Phrase("what stands here in the code that it comes from"),
    }

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        return inputs[0].with_shape(self.shape)

    def weights(self, *inputs: TensorSpec) -> tuple[WeightSpec, ...]:
        learned = [WeightSpec(name, shape) for name, shape in self.parameters]
        return (*learned, *[WeightSpec(name, shape, trainable=False) for name, shape in self.buffers])

    def ops(self, *inputs: TensorSpec) -> OpCount:
        """The MACs that are given; none where they are not known, which `LayerReport.knows_macs` tells."""
        return NOTHING if self.macs is None else OpCount({Op.CONTRACTION_MAC: self.macs})

    def windows(self, *inputs: TensorSpec) -> None:
        """Nothing ever.

        Errors:  Untracked
        """
        raise Untracked

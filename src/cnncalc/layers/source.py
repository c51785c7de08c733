"""Stored tensors as sources: values that depend on no input."""

from typing import Annotated, ClassVar

from pydantic import Field as Option

from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import Count
from cnncalc.layers.reshape import MOST_AXES


class Constant(Layer):
    """A stored tensor that training leaves alone, for each image; of its input it reads how many images there are.

    Shape:   any -> shape
    Source:  torch.nn.Module.register_buffer
    """

    traits = Traits(is_source=True)

    any_layout: ClassVar[bool] = True

    shape: Annotated[tuple[Count, ...], Option(min_length=1, max_length=MOST_AXES)]

    meanings: ClassVar = {"shape": Phrase("the shape of the stored tensor, without the batch")}

    def output(self, x: TensorSpec) -> TensorSpec:
        return x.with_shape(self.shape)

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("", self.shape, trainable=False),)


class Parameter(Constant):
    """A learned tensor, for each image: a position table, a scale; of its input it reads how many images there are.

    Shape:   any -> shape
    Source:  torch.nn.Parameter
    """

    trainable: bool = True

    meanings: ClassVar = {"trainable": Phrase("whether training changes it")}

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("", self.shape, trainable=self.trainable),)

"""Layers that merge several inputs."""

from typing import ClassVar

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.base import Layer, axis_of


class Merge(Layer):
    """A layer with two inputs or more."""

    traits = Traits(Kind.MERGE)

    least_inputs: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = None


class Add(Merge):
    """The sum of equal shapes; `inplace` writes it over the first input.

    Shape:   (C, H, W), (C, H, W), ... -> (C, H, W)
    Errors:  shapes-do-not-add
    Source:  He et al., Deep residual learning for image recognition (2015), equation 1
    """

    any_layout: ClassVar[bool] = True

    inplace: bool = False

    meanings: ClassVar = {"inplace": Phrase("whether the sum is written over the first input")}

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        for other in inputs[1:]:
            if other.shape != inputs[0].shape:
                raise Fault(
                    "shapes-do-not-add",
                    "cannot add {shapes}: all shapes must be equal",
                    help="give both paths the same channels and strides; a 1×1 convolution on the shortcut does that",
                    shapes=Listed(spell(x.shape) for x in inputs),
                )
        return inputs[0]

    def ops(self, *inputs: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_ADD: inputs[0].numel * (len(inputs) - 1)})


class Broadcast(Merge):
    """A merge of equal shapes, or with one value per channel, which is broadcast over the map."""

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        largest = max(inputs, key=lambda x: (x.numel, len(x.shape)))
        for other in inputs:
            per_channel = other.channels == largest.channels and set(other.spatial) <= {1}
            if other.shape != largest.shape and not per_channel:
                raise self.mismatch(Listed(spell(x.shape) for x in inputs))
        return largest

    def mismatch(self, shapes: Listed) -> Fault:
        """The error for shapes that do not fit."""
        raise NotImplementedError


EQUAL_OR_PER_CHANNEL = Phrase("give equal shapes, or one value per channel: (C, 1, 1) or (C)")


class Multiply(Broadcast):
    """The product of equal shapes; an input of one value per channel scales the whole channel, as a gate does.

    Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C), ... -> (C, H, W)
    Errors:  shapes-do-not-multiply
    Source:  Hu et al., Squeeze-and-excitation networks (2017), equation 4
    """

    traits = Traits(Kind.MERGE, scales_channels=True)

    def mismatch(self, shapes: Listed) -> Fault:
        return Fault("shapes-do-not-multiply", "cannot multiply {shapes}", help=EQUAL_OR_PER_CHANNEL, shapes=shapes)

    def ops(self, *inputs: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_MULTIPLY: self.output(*inputs).numel * (len(inputs) - 1)})


class Subtract(Broadcast):
    """The first input minus the second; one value per channel is broadcast over the map.

    Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C) -> (C, H, W)
    Errors:  shapes-do-not-subtract
    Source:  torch.sub
    """

    most_inputs: ClassVar[int | None] = 2

    def mismatch(self, shapes: Listed) -> Fault:
        return Fault("shapes-do-not-subtract", "cannot subtract {shapes}", help=EQUAL_OR_PER_CHANNEL, shapes=shapes)

    def ops(self, x: TensorSpec, y: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_ADD: self.output(x, y).numel})


class Concat(Merge):
    """The inputs side by side along `dim`, by default the channels; axes count without the batch.

    Shape:   (C1, H, W), (C2, H, W), ... -> (C1 + C2 + ..., H, W)
    Errors:  shapes-do-not-concatenate, no-such-axis
    Source:  torch.cat, whose dim=1 is 0 here
    """

    traits = Traits(Kind.MERGE, moves_values=True)

    dim: int = 0

    meanings: ClassVar = {
        "dim": Phrase("the axis along which the inputs lie side by side; 0 is the channels (1 in torch)")
    }

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        first = inputs[0]
        axis = axis_of(self.dim, first)
        rest = (*first.shape[:axis], *first.shape[axis + 1 :])
        for other in inputs[1:]:
            if len(other.shape) != len(first.shape) or (*other.shape[:axis], *other.shape[axis + 1 :]) != rest:
                raise Fault(
                    "shapes-do-not-concatenate",
                    "cannot concatenate {shapes} along axis {axis}: all other axes must be equal",
                    help="axes count without the batch: 0 is the channels; pad, crop or stride the paths alike",
                    shapes=Listed(spell(x.shape) for x in inputs),
                    axis=axis,
                )
        joined = sum(x.shape[axis] for x in inputs)
        return first.with_shape((*first.shape[:axis], joined, *first.shape[axis + 1 :]))

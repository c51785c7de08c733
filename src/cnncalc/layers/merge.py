"""Layers that merge several inputs."""

from collections.abc import Sequence
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


class Elementwise(Merge):
    """An operation on the values at each place. An axis of extent 1 is repeated; a vector is one value per channel."""

    traits = Traits(Kind.MERGE, broadcasts=True)

    op: ClassVar[Op]

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        fullest = max(inputs, key=lambda x: (len(x.shape), x.channels_last))
        axes = len(fullest.shape)
        shapes = [(*x.shape, *[1] * (axes - 1)) if len(x.shape) == 1 else x.shape for x in inputs]
        if any(len(shape) != axes for shape in shapes):
            raise self._objection(inputs)
        joint = tuple(next((n for n in extents if n != 1), extents[0]) for extents in zip(*shapes, strict=True))
        for shape in shapes:
            if any(n not in (1, most) for n, most in zip(shape, joint, strict=True)):
                raise self._objection(inputs)
        return fullest._replace(shape=joint)

    def _objection(self, inputs: Sequence[TensorSpec]) -> Fault:
        return self.objection(Listed(spell(x.shape) for x in inputs), _shapes_remedy(inputs))

    def objection(self, shapes: Listed, help: str) -> Fault:
        """The objection to shapes that do not fit."""
        raise NotImplementedError

    def ops(self, *inputs: TensorSpec) -> OpCount:
        return OpCount({self.op: self.output(*inputs).numel * (len(inputs) - 1)})


def _shapes_remedy(inputs: Sequence[TensorSpec]) -> Phrase:
    """How to bring together shapes that do not fit."""
    vector = next((x for x in inputs if len(x.shape) == 1), None)
    largest = max(inputs, key=lambda x: len(x.shape))
    if vector is not None and len(largest.shape) > 1:
        if vector.channels == largest.channels:
            return Phrase(
                "for one value per channel write `reshape: {shape}` first",
                shape=[vector.channels, *[1] * (len(largest.shape) - 1)],
            )
        if vector.channels == largest.shape[-1]:
            return Phrase(
                "to repeat it over the other axes write `reshape: {shape}` first",
                shape=[*[1] * (len(largest.shape) - 1), vector.channels],
            )
    return Phrase(
        "give both paths the same channels and strides: a 1×1 convolution on the shortcut does that; an axis of 1 is "
        "repeated"
    )


class Add(Elementwise):
    """The sum; an axis of extent 1 is repeated. `inplace` writes it over the first input.

    Shape:   (C, H, W), (C, H, W), ... -> (C, H, W); each axis is equal or 1
    Errors:  shapes-do-not-add
    Source:  He et al., Deep residual learning for image recognition (2015), equation 1; torch.add
    """

    any_layout: ClassVar[bool] = True

    op: ClassVar[Op] = Op.ELEMENTWISE_ADD

    inplace: bool = False

    meanings: ClassVar = {"inplace": Phrase("whether the sum is written over the first input")}

    def objection(self, shapes: Listed, help: str) -> Fault:
        return Fault("shapes-do-not-add", "cannot add {shapes}", help=help, shapes=shapes)

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        if len({len(x.shape) for x in inputs}) > 1:
            raise self._objection(inputs)
        y = super().output(*inputs)
        if self.inplace and y.shape != inputs[0].shape:
            raise Fault(
                "shapes-do-not-add",
                "cannot write a sum of shape {sum} over an input of shape {shape}",
                option="inplace",
                help="leave out `inplace`, or name the input of shape {sum} first",
                sum=spell(y.shape),
                shape=spell(inputs[0].shape),
            )
        return y


class Multiply(Elementwise):
    """The product; an axis of extent 1 is repeated, so that a gate scales whole channels, rows or places.

    Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C), ... -> (C, H, W); each axis is equal or 1
    Errors:  shapes-do-not-multiply
    Source:  Hu et al., Squeeze-and-excitation networks (2017), equation 4; torch.mul
    """

    traits = Traits(Kind.MERGE, broadcasts=True, scales_channels=True)

    op: ClassVar[Op] = Op.ELEMENTWISE_MULTIPLY

    def objection(self, shapes: Listed, help: str) -> Fault:
        return Fault("shapes-do-not-multiply", "cannot multiply {shapes}", help=help, shapes=shapes)


class Subtract(Elementwise):
    """The first input minus the second; an axis of extent 1 is repeated.

    Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C) -> (C, H, W); each axis is equal or 1
    Errors:  shapes-do-not-subtract
    Source:  torch.sub
    """

    most_inputs: ClassVar[int | None] = 2

    op: ClassVar[Op] = Op.ELEMENTWISE_ADD

    def objection(self, shapes: Listed, help: str) -> Fault:
        return Fault("shapes-do-not-subtract", "cannot subtract {shapes}", help=help, shapes=shapes)


class Divide(Elementwise):
    """The first input divided by the second; an axis of extent 1 is repeated.

    Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C) -> (C, H, W); each axis is equal or 1
    Errors:  shapes-do-not-divide
    Source:  torch.div
    """

    most_inputs: ClassVar[int | None] = 2

    op: ClassVar[Op] = Op.ELEMENTWISE_DIVIDE

    def objection(self, shapes: Listed, help: str) -> Fault:
        return Fault("shapes-do-not-divide", "cannot divide {shapes}", help=help, shapes=shapes)


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

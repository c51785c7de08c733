"""Rules applied to a node: its output, or a diagnostic with the node's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.errors import COMMAND_LINE, Fault, InputError, Span
from cnncalc.core.graph import Node
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import type_name

Result = TypeVar("Result")


def apply_rule(node: Node, inputs: tuple[TensorSpec, ...], rule: Callable[[], Result]) -> Result:
    """Apply a rule of this node; its fault becomes an `InputError` with the place and the shapes of the inputs."""
    try:
        return rule()
    except Fault as fault:
        received = Listed(
            (
                Phrase("({shape}) from {path}", shape=", ".join(map(str, x.shape)), path=path)
                for path, x in zip(node.inputs, inputs, strict=True)
            ),
            ",",
        )
        span = (fault.option and node.origin.options.get(fault.option)) or node.origin.span
        note = Phrase("in: {path}, which receives {received}", path=node.path, received=received)
        raise InputError([fault.at(span, [note])._replace(subject=type_name(type(node.layer)))]) from None


def rule_inputs(layer: Layer, inputs: tuple[TensorSpec, ...]) -> tuple[TensorSpec, ...]:
    """The inputs as a rule reads them: one region, and channels first unless the layer reads either layout."""
    for x in inputs:
        if x.regions != 1 or (x.channels_last and not layer.any_layout):
            return tuple(TensorSpec(x.shape, x.dtype, x.channels_last and layer.any_layout) for x in inputs)
    return inputs


def output(node: Node, inputs: tuple[TensorSpec, ...]) -> TensorSpec:
    """The output of a node.

    Errors:  InputError with the errors of its rule, wrong-number-of-inputs, too-large
    """
    return apply_rule(node, inputs, lambda: _output(node.layer, inputs))


def blaming_input(
    error: InputError, node: Node, x: TensorSpec, shapes: Mapping[str, Shape], spans: Mapping[str, Span]
) -> InputError:
    """The error of a node that receives `x`; if the network's input has a wrong number of axes, that is its remedy."""
    name = next((name for name, shape in shapes.items() if shape == x.shape), None)
    axes = node.layer.axes
    if name is None or axes is None or all(one.code != "wrong-rank" for one in error.diagnostics):
        return error

    def written(shape: Shape) -> str:
        if name not in spans:
            return str(list(shape))
        if spans[name].source.name == COMMAND_LINE:
            return f"`--input {'x'.join(map(str, shape))}`"
        return f"`{name}: {list(shape)}`"

    if remedy := _input_remedy(x.shape, axes, written):
        return InputError(one._replace(help=remedy) if one.code == "wrong-rank" else one for one in error.diagnostics)
    return error


FEW_CHANNELS = (1, 3)
"""Channels of a grey or coloured image."""


def _input_remedy(shape: Shape, axes: int, written: Callable[[Shape], str]) -> Phrase | None:
    """How to mend an input that has a batch, or lacks its channels; None if it has neither fault."""
    given = len(shape) - 1
    if given == axes + 1:
        rest = written(shape[1:])
        if (axes == 0 and shape[0] == 1) or (axes > 1 and shape[1] in FEW_CHANNELS):
            return Phrase("leave out the batch: write {input}", input=rest)
        if axes > 0 and 1 in shape[:2]:
            return Phrase(
                "the {given}-d variant of this layer fits this input; if its first axis is the batch, write {input}",
                given=given,
                input=rest,
            )
    if given == axes - 1:
        whole = written((1, *shape))
        if len(set(shape)) == 1:
            return Phrase("the channels come first: write {input}, if there is one", input=whole)
        if shape[0] not in FEW_CHANNELS:
            return Phrase(
                "the channels come first: write {input}, if there is one, or use the {given}-d variant of this layer",
                given=given,
                input=whole,
            )
    return None


def _output(layer: Layer, inputs: tuple[TensorSpec, ...]) -> TensorSpec:
    given = len(inputs)
    if given < layer.least_inputs:
        raise Fault(
            "wrong-number-of-inputs",
            "needs at least {least} inputs, but receives {given}",
            option="from",
            help="name them: `from: [previous, other_layer]`",
            least=layer.least_inputs,
            given=given,
        )
    if layer.most_inputs is not None and given > layer.most_inputs:
        raise Fault(
            "wrong-number-of-inputs",
            "takes {most}, but `from` names {given}",
            option="from",
            help="bring them together first, with `add` or `concat`",
            most=Phrase("one input") if layer.most_inputs == 1 else Phrase("{n} inputs", n=layer.most_inputs),
            given=given,
        )
    regions = inputs[0].regions
    if given > 1 and any(x.regions != regions for x in inputs):
        raise Fault(
            "unlike-regions",
            "brings together tensors of {regions} regions",
            option="from",
            help="what is computed per region stays so: read inputs of the same regions",
            regions=Listed(f"{x.regions:,}" for x in inputs),
        )
    result = layer.output(*rule_inputs(layer, inputs))
    if regions != 1:
        result = result._replace(regions=regions * result.regions)
    if max(*result.shape, result.regions) > LARGEST:
        raise Fault(
            "too-large",
            "would output {shape}, and no axis may exceed {largest:,}, nor may the number of regions",
            help="check the strides, scale factors and regions before this layer",
            shape=result.shape_text(),
            largest=LARGEST,
        )
    return result

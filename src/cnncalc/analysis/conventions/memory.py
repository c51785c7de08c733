"""What tools call the memory of activations: values that they count, and bytes for each."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import ANY, UNKNOWN, Basis, Convention, Rate, Rates, Rule, Unit, Unknown
from cnncalc.analysis.conventions.bases import EACH_WRITTEN, WRITTEN, is_scaled, over_axes
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase

_ENDED = Basis(Phrase("values of modules that end here"), lambda row: row.node.modules_ended * row.output.elements)
_NO_MODULES = (
    *("flatten", "reshape", "permute", "slice", "channel_shuffle", "pad", "crop", "crop_like", "concat"),
    *("add", "multiply", "subtract", "patch_merging", "class_token", "position_embedding", "layer_scale"),
)
"""Layers that torch code computes by functions, operators and parameters of the module around them."""

_SEVERAL = ("rnn", "lstm", "gru", "multi_head_attention", "scaled_dot_product_attention", "window_attention")
"""Layers whose modules put out several tensors, or hold other modules."""

CNNCALC_MEMORY = Convention(
    "cnncalc",
    Phrase("the bytes of every layer's output, once each, the input left out"),
    {ANY: EACH_WRITTEN},
    "cnncalc summarize, the column Memory",
    "cnncalc",
    "–",
    Unit.BYTE,
)


def _with_weights(row: LayerReport) -> Rates:
    """Twice the output of a module that stores weights."""
    return (Rate(2, WRITTEN),) if any(weight.trainable for weight in row.weights) else ()


TORCHINFO_MEMORY = Convention(
    "torchinfo",
    Phrase("twice the outputs of modules that store weights and hold no other modules, “for gradients”"),
    {
        **dict.fromkeys((*_NO_MODULES, *_SEVERAL), ()),
        **dict.fromkeys(("rnn", "lstm", "gru"), UNKNOWN),
        ANY: _with_weights,
    },
    "torchinfo/model_statistics.py",
    "torchinfo, forward/backward pass size (MB)",
    "1.8.0",
    Unit.BYTE,
    functions={},
    quirks=(Phrase("ReLU, pools, additions and concatenations are left out. MB are 10⁶ bytes."),),
)

TORCHSUMMARY_MEMORY = Convention(
    "torchsummary",
    Phrase("twice the outputs of all modules but `Sequential`, 4 bytes per value; blocks count again"),
    {
        ANY: (Rate(2, WRITTEN), Rate(2, _ENDED)),
        **dict.fromkeys(_NO_MODULES, (Rate(2, _ENDED),)),
        **dict.fromkeys(_SEVERAL, UNKNOWN),
    },
    "torchsummary/torchsummary.py",
    "torchsummary, forward/backward pass size (MB)",
    "1.5.1",
    Unit.BYTE,
    functions={ANY: (Rate(2, _ENDED),)},
    quirks=(
        Phrase("A block as ResNet's Bottleneck counts besides its layers. MB are 2²⁰ bytes."),
        Phrase("Modules that put out a list are multiplied together, or it crashes: so on attention and DenseNet."),
    ),
)

_FILTERS: dict[str, Rule] = {
    **over_axes("conv", EACH_WRITTEN),
    **over_axes("conv_transpose", EACH_WRITTEN),
    "linear": EACH_WRITTEN,
}

FVCORE_MEMORY = Convention(
    "fvcore",
    Phrase("the values of outputs of convolutions and matrix products; no bytes"),
    {**_FILTERS, **dict.fromkeys(_SEVERAL, UNKNOWN), **{f"locally_connected{axes}d": UNKNOWN for axes in (1, 2)}},
    "fvcore/nn/activation_count.py; RegNet's and timm's “activations” are these",
    "fvcore, ActivationCountAnalysis",
    "0.1.5.post20221221",
    Unit.VALUE,
)

_NODES: dict[str, Rule] = {
    ANY: UNKNOWN,
    **_FILTERS,
    **{
        f"{kind}_pool{axes}d": EACH_WRITTEN for kind in ("max", "avg", "global_max", "global_avg") for axes in (1, 2, 3)
    },
    **dict.fromkeys(("adaptive_avg_pool2d", "softmax", "add", "concat"), EACH_WRITTEN),
    **dict.fromkeys(("flatten", "identity"), ()),
}
"""Nodes of Caffe's networks, each of which has an output of its own."""


def _norm_and_scale(row: LayerReport) -> Rates | Unknown:
    return (Rate(2, WRITTEN),) if is_scaled(row) else EACH_WRITTEN


NETSCOPE_MEMORY = Convention(
    "netscope",
    Phrase("the values of every node's output, also of those computed in place, and of the input; no bytes"),
    {
        **_NODES,
        **over_axes("batch_norm", _norm_and_scale),
        **dict.fromkeys(("relu", "relu6", "elu", "prelu", "sigmoid", "dropout", "local_response_norm"), EACH_WRITTEN),
    },
    "src/analyzer.coffee, the column activation",
    "netscope (dgschwend), activation",
    "8ae36d8, 2018-07-11",
    Unit.VALUE,
    counts_input=True,
    quirks=(Phrase("A batch norm is two nodes in Caffe. Its presets end in a softmax, which descriptions lack."),),
)

CONVNET_BURDEN_MEMORY = Convention(
    "convnet-burden",
    Phrase("all variables of a forward pass, 4 bytes per value, none freed; ReLU in place, the input left out"),
    {**_NODES, **over_axes("batch_norm", EACH_WRITTEN), **dict.fromkeys(("relu", "dropout"), ())},
    "core/burden.m",
    "convnet-burden, features (MB)",
    "9c7f31b, 2019-01-17",
    Unit.BYTE,
    quirks=(Phrase("MB are 2²⁰ bytes."),),
)

MEMORY = (
    CNNCALC_MEMORY,
    TORCHINFO_MEMORY,
    TORCHSUMMARY_MEMORY,
    CONVNET_BURDEN_MEMORY,
    NETSCOPE_MEMORY,
    FVCORE_MEMORY,
)
"""In the order in which they are shown; ours is what the others are compared with."""

BYTES = 4
"""Bytes of a value, in the element type that tools assume."""

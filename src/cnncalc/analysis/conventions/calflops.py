"""calflops' conventions: its FLOPs and its MACs."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from cnncalc.analysis.conventions.base import MACS, Basis, Convention, Rate, Rates, Rule, Unit
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CONTRACTED,
    EACH_READ,
    EACH_WRITTEN,
    IN_WINDOWS,
    LEVELS,
    POSITIONS,
    POWER_POOL,
    PRODUCTS,
    PROJECTIONS,
    RESPONSE_NORM,
    SCORES,
    SELF_MADE,
    TWICE_CONTRACTED,
    batch_norm,
    norm,
    over_axes,
    pools,
    recurrent,
)
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _divided_again(row: LayerReport) -> Fraction:
    """The share of a transposed convolution's MACs that counts: output channels are divided by the groups twice."""
    groups = row.layer.groups
    per_group = row.layer.out_channels // groups
    return Fraction(per_group // groups, per_group)


def _biases_on_another_grid(row: LayerReport) -> int:
    """Biases of a transposed convolution on the output that a convolution with its options would have."""
    layer = row.layer
    if not layer.bias:
        return 0
    axes = zip(row.inputs[0].spatial, layer.kernel_size, layer.stride, layer.pads(), layer.dilation, strict=True)
    sizes = [(inner + 2 * pads[0] - (step * (size - 1) + 1)) // stride + 1 for inner, size, stride, pads, step in axes]
    outputs: int = layer.out_channels // layer.groups * prod(sizes) * row.output.regions
    return outputs


_OTHER_GRID = Basis(Phrase("biases on the grid of a convolution"), _biases_on_another_grid)


def _resized(row: LayerReport) -> Rates:
    """Per value read where a factor is given, else per position, whatever the channels."""
    return EACH_READ if row.layer.size is None else (Rate(1, POSITIONS),)


PATCHED: dict[str, Rule] = {
    **over_axes("conv", (*TWICE_CONTRACTED, Rate(1, BIASED))),
    "linear": TWICE_CONTRACTED,
    "matmul": TWICE_CONTRACTED,
    **over_axes("batch_norm", batch_norm((1, 2), (4, 5))),
    **over_axes("instance_norm", norm(4, 5)),
    **dict.fromkeys(("layer_norm", "layer_norm2d", "group_norm"), norm(4, 5)),
    **dict.fromkeys(("relu", "prelu", "elu", "leaky_relu", "silu", "gelu", "softmax"), EACH_READ),
    **over_axes("max_pool", EACH_READ),
    **over_axes("avg_pool", EACH_READ),
    **over_axes("lp_pool", POWER_POOL),
    "local_response_norm": RESPONSE_NORM,
    **pools("adaptive_avg", EACH_READ),
    **pools("adaptive_max", EACH_READ),
    "spatial_pyramid_pool2d": (Rate(1, LEVELS),),
    **SELF_MADE,
    "window_attention": (Rate(2, IN_WINDOWS), Rate(2, PRODUCTS), Rate(1, SCORES)),
    **recurrent(2, rnn=-1, gru=1, lstm=2),
}
"""What both calflops and DeepSpeed's profiler, from which it comes, count in the functions that they replace."""

FUNCTIONS: dict[str, Rule] = {"relu6": EACH_READ, "add": EACH_WRITTEN, "multiply": EACH_WRITTEN}
"""What counts besides where it is called as a function; as modules and operators these do not."""

NO_RELU6 = Phrase("`nn.ReLU6` calls `F.hardtanh` and counts 0, as do hardswish, sigmoid and tanh; so do `+` and `*`.")

_FLOPS: dict[str, Rule] = {
    **PATCHED,
    **over_axes("conv_transpose", (Rate(lambda row: 2 * _divided_again(row), MACS), Rate(1, _OTHER_GRID))),
    "multi_head_attention": (Rate(2, PROJECTIONS),),
    "upsample": _resized,
}

CALFLOPS = Convention(
    "calflops",
    Phrase(
        "2 per MAC, and 1 per output for a convolution's bias; batch norm 2 per value, other norms 5 (1 and 4 without "
        "learned scales); ReLU, SiLU, GELU, pools and softmax 1 per value"
    ),
    _FLOPS,
    "calflops/pytorch_ops.py",
    "calflops, FLOPs",
    "0.3.2",
    functions={**_FLOPS, **FUNCTIONS},
    counts_params=True,
    quirks=(
        Phrase("Biases of linear layers do not count, those of convolutions do."),
        NO_RELU6,
        Phrase("Fused attention counts 0, its projections are counted; `@`, `mm` and `bmm` count 0."),
        Phrase(
            "Transposed convolutions: MACs are divided by the groups twice, and biases are counted on the grid that a "
            "convolution would have."
        ),
        Phrase("Upsampling by a factor counts its input, upsampling to a size the positions of one channel."),
    ),
)

_MACS: dict[str, Rule] = {
    **SELF_MADE,
    **over_axes("conv", CONTRACTED),
    **over_axes("conv_transpose", (Rate(_divided_again, MACS),)),
    "linear": CONTRACTED,
    "matmul": CONTRACTED,
    "multi_head_attention": (Rate(1, PROJECTIONS),),
    "window_attention": CONTRACTED,
}

CALFLOPS_MACS = Convention(
    "calflops-macs",
    Phrase("1 MAC = 1, those of fused attention not counted; nothing else counted"),
    _MACS,
    "calflops/pytorch_ops.py",
    "calflops, MACs",
    "0.3.2",
    Unit.MAC,
    counts_params=True,
    quirks=(Phrase("Fused attention and recurrent layers count 0."), CALFLOPS.quirks[3]),
)

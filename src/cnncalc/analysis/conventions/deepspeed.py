"""The conventions of DeepSpeed's flops profiler: its FLOPs and its MACs."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from cnncalc.analysis.conventions.base import Convention, Number, Rate, Rates, Rule, Unit
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CONTRACTED,
    POSITIONS,
    READ,
    SELF_MADE,
    TWICE_CONTRACTED,
    over_axes,
)
from cnncalc.analysis.conventions.calflops import FUNCTIONS, NO_RELU6, PATCHED
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _resized(row: LayerReport) -> Rates:
    """Per value that a factor gives, else per position, whatever the channels."""
    if row.layer.size is not None:
        return (Rate(1, POSITIONS),)
    factors = row.layer.scale_factor
    grown: Number = prod([Fraction(factor) for factor in factors])
    return (Rate(grown ** len(row.output.spatial) if len(factors) == 1 else int(grown), READ),)


_FLOPS: dict[str, Rule] = {
    **PATCHED,
    **over_axes("conv_transpose", (*TWICE_CONTRACTED, Rate(1, BIASED))),
    "multi_head_attention": TWICE_CONTRACTED,
    "scaled_dot_product_attention": TWICE_CONTRACTED,
    "upsample": _resized,
}

DEEPSPEED = Convention(
    "deepspeed",
    Phrase(
        "2 per MAC, attention counted whole, and 1 per output for a convolution's bias; batch norm 2 per value, other "
        "norms 5 (1 and 4 without learned scales); ReLU, SiLU, GELU, pools and softmax 1 per value"
    ),
    _FLOPS,
    "deepspeed/profiling/flops_profiler/profiler.py",
    "DeepSpeed flops profiler, FLOPs",
    "0.19.8",
    functions={**_FLOPS, **FUNCTIONS},
    counts_params=True,
    quirks=(
        Phrase("Biases of linear layers do not count, those of convolutions do."),
        NO_RELU6,
        Phrase("Upsampling to a size counts the positions of one channel."),
    ),
)

_MACS: dict[str, Rule] = {
    **over_axes("conv", CONTRACTED),
    **over_axes("conv_transpose", CONTRACTED),
    **SELF_MADE,
    **dict.fromkeys(
        ("linear", "matmul", "multi_head_attention", "scaled_dot_product_attention", "window_attention"), CONTRACTED
    ),
}

DEEPSPEED_MACS = Convention(
    "deepspeed-macs",
    Phrase("1 MAC = 1, of convolutions and matrix products, attention counted whole; nothing else counted"),
    _MACS,
    "deepspeed/profiling/flops_profiler/profiler.py",
    "DeepSpeed flops profiler, MACs",
    "0.19.8",
    Unit.MAC,
    counts_params=True,
    quirks=(Phrase("Recurrent layers count 0."),),
)

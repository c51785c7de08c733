"""netscope's convention, as far as its rules are known."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from cnncalc.analysis.conventions.base import UNKNOWN, Convention, Rate, Rates, Unit, Unknown
from cnncalc.analysis.conventions.bases import (
    CONTRACTED,
    EACH_WRITTEN,
    ONLY_STATED,
    READ,
    WRITTEN,
    is_scaled,
    over_axes,
)
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _transposed(row: LayerReport) -> Rates | Unknown:
    """The products of a convolution on the output, divided by the square of the stride."""
    if row.layer.groups > 1:
        return UNKNOWN
    return (Rate(Fraction(row.inputs[0].channels * prod(row.layer.kernel_size), prod(row.layer.stride)), WRITTEN),)


NETSCOPE = Convention(
    "netscope",
    Phrase("1 MAC = 1, without biases; a scale after a batch norm 1 per value, local response norms their size"),
    {
        **ONLY_STATED,
        **over_axes("conv", CONTRACTED),
        **over_axes("conv_transpose", _transposed),
        "linear": CONTRACTED,
        **over_axes("batch_norm", lambda row: EACH_WRITTEN if is_scaled(row) else ()),
        "local_response_norm": (Rate(lambda row: row.layer.size, READ),),
        **{f"{kind}_pool{axes}d": () for kind in ("max", "avg", "global_avg", "global_max") for axes in (1, 2, 3)},
        "adaptive_avg_pool2d": (),
        **dict.fromkeys(("relu", "relu6", "elu", "prelu", "softmax", "add"), ()),
    },
    "src/analyzer.coffee, the column macc",
    "netscope (dgschwend), macc",
    "8ae36d8, 2018-07-11",
    Unit.MAC,
    quirks=(
        Phrase("Comparisons, additions, divisions and exponentials are in columns of their own, and not in this one."),
        Phrase("Presets that give only `crop_size` show NaN; those of GoogLeNet and VGG-16 run at batch 10."),
        Phrase("Its ResNets are Caffe's, with the stride in the first 1×1 convolution, and its pools round up."),
    ),
)

"""The convention of convnet-burden, as far as its rules are known."""

from __future__ import annotations

from math import prod

from cnncalc.analysis.conventions.base import UNKNOWN, Convention, Number, Rate, Rates, Unit, Unknown
from cnncalc.analysis.conventions.bases import (
    CONTRACTED_WITH_BIAS,
    EACH_READ,
    EACH_WRITTEN,
    ONLY_STATED,
    WRITTEN,
    over_axes,
)
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _pool(row: LayerReport) -> Number:
    """Two per value and step of the window, as if every window were as large as its stride."""
    uses: int = 2 * prod(row.layer.stride or row.layer.kernel_size)
    return uses


def _transposed(row: LayerReport) -> Rates | Unknown:
    return UNKNOWN if row.layer.groups > 1 else CONTRACTED_WITH_BIAS


CONVNET_BURDEN = Convention(
    "convnet-burden",
    Phrase("1 MAC = 1, and 1 per output for a bias; ReLU 2 per value, pools 2 per value and step, batch norms merged"),
    {
        **ONLY_STATED,
        **over_axes("conv", CONTRACTED_WITH_BIAS),
        **over_axes("conv_transpose", _transposed),
        "linear": CONTRACTED_WITH_BIAS,
        **over_axes("batch_norm", ()),
        "relu": (Rate(2, WRITTEN),),
        "sigmoid": (),
        "softmax": (),
        "add": EACH_WRITTEN,
        **over_axes("max_pool", (Rate(_pool, WRITTEN),)),
        **over_axes("avg_pool", (Rate(_pool, WRITTEN),)),
        **over_axes("global_avg_pool", EACH_READ),
        "adaptive_avg_pool2d": lambda row: EACH_READ if prod(row.output.spatial) == 1 else UNKNOWN,
        "upsample:bilinear2d": (Rate(4, WRITTEN),),
    },
    "core/burden.m, computeFlops",
    "convnet-burden",
    "9c7f31b, 2019-01-17",
    Unit.MAC,
    quirks=(Phrase("Its ResNets are Caffe's, with the stride in the first 1×1 convolution."),),
)

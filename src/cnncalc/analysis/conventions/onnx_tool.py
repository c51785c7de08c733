"""onnx-tool's convention, as far as its rules are known."""

from __future__ import annotations

from math import prod

from cnncalc.analysis.conventions.base import UNKNOWN, Convention, Rate, Rates, Unit, Unknown
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CONTRACTED_WITH_BIAS,
    EACH_WRITTEN,
    ONLY_STATED,
    READ,
    WRITTEN,
    over_axes,
    whole_window,
)
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _each_written(number: int) -> Rates:
    return (Rate(number, WRITTEN),)


def _adaptive(row: LayerReport) -> Rates | Unknown:
    """An average pool of whole windows; over the whole map it has an operator of its own."""
    window = whole_window(row)
    if window is None:
        return UNKNOWN
    return _GLOBAL if prod(row.output.spatial) == 1 else _each_written(window)


_GLOBAL = (Rate(1, READ), Rate(4, WRITTEN))
_POOL = (Rate(lambda row: prod(row.layer.kernel_size), WRITTEN, words=Phrase("window")),)

ONNX_TOOL = Convention(
    "onnx-tool",
    Phrase(
        "1 MAC = 1, and 1 per output for a bias; ReLU 1 per value, other activations by what their functions cost; "
        "pools their window per value; softmax 36"
    ),
    {
        **ONLY_STATED,
        **over_axes("conv", CONTRACTED_WITH_BIAS),
        **over_axes(
            "conv_transpose",
            (
                Rate(lambda row: row.layer.out_channels // row.layer.groups * prod(row.layer.kernel_size), WRITTEN),
                Rate(1, BIASED),
            ),
        ),
        "linear": CONTRACTED_WITH_BIAS,
        "relu": EACH_WRITTEN,
        "relu6": _each_written(2),
        "elu": _each_written(35),
        "sigmoid": _each_written(32),
        "tanh": _each_written(38),
        "hardswish": _each_written(5),
        "softmax": _each_written(36),
        "local_response_norm": (Rate(lambda row: 37 + row.layer.size, WRITTEN),),
        **{f"{kind}_pool{axes}d": _POOL for kind in ("max", "avg") for axes in (1, 2)},
        **{f"{kind}_pool3d": (Rate(lambda row: row.layer.kernel_size[0], WRITTEN),) for kind in ("max", "avg")},
        **{f"adaptive_avg_pool{axes}d": _adaptive for axes in (1, 2)},
        **{f"global_avg_pool{axes}d": _GLOBAL for axes in (1, 2, 3)},
        **dict.fromkeys(("add", "multiply"), (Rate(lambda row: len(row.inputs) - 1, WRITTEN),)),
        "upsample:linear1d": _each_written(4),
        "upsample:bilinear2d": _each_written(4),
    },
    "onnx_tool/node.py",
    "onnx-tool",
    "1.0.1",
    Unit.MAC,
    quirks=(
        Phrase("Batch norms usually vanish in the export; whether they do is not known here, nor is their count."),
        Phrase("A transposed convolution is counted on its output, with the channels that come out."),
        Phrase("A 3-D pool counts the first side of its kernel alone."),
    ),
)

"""The convention of ultralytics-thop, a fork of thop."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from cnncalc.analysis.conventions.base import MACS, UNKNOWN, Convention, Number, Rate, Unit, Unless
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CONTRACTED,
    EACH_READ,
    READ,
    SCORES,
    UNITS,
    WRITTEN,
    extents,
    is_self_made,
    norm,
    over_axes,
    per_output,
    pools,
    recurrent,
)
from cnncalc.analysis.conventions.thop import SOFTMAX, softmax_rate
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _windows_and_divisions(row: LayerReport) -> Number:
    """Values in the windows of an adaptive pool, exactly, and a division for each output."""
    values = row.output.elements // prod([outer for _inner, outer in extents(row)])
    for inner, outer in extents(row):
        values *= sum([-(-(at + 1) * inner // outer) - at * inner // outer for at in range(outer)])
    return 1 + per_output(values, row)


def _kept_windows_and_divisions(row: LayerReport) -> Number:
    """Values in the windows of an average pool, padding as it is counted, and a division for each output."""
    layer, places = row.layer, extents(row)
    values = row.output.elements // prod([outer for _inner, outer in places])
    padding = layer.pads(row.inputs[0])
    strides = layer.stride or layer.kernel_size
    for (inner, outer), size, stride, (before, after) in zip(places, layer.kernel_size, strides, padding, strict=True):
        lower, upper = (-before, inner + after) if layer.count_include_pad else (0, inner)
        starts = [at * stride - before for at in range(outer)]
        values *= sum([max(min(start + size, upper) - max(start, lower), 0) for start in starts])
    return 1 + per_output(values, row)


def _attention_softmax(row: LayerReport) -> Number:
    """Two operations per score and one addition, but one addition less for each row of scores."""
    return 3 - Fraction(1, row.inputs[1 if len(row.inputs) > 1 else 0].shape[0])


ULTRALYTICS_THOP = Convention(
    "ultralytics-thop",
    Phrase(
        "1 MAC = 1, no biases; 4 per value read by norms (2 without learned scales), the windows of average pools and "
        "1 per output; attention with its softmax; nothing else counted"
    ),
    {
        **over_axes("conv", CONTRACTED),
        **over_axes("conv_transpose", CONTRACTED),
        "linear": CONTRACTED,
        **over_axes("batch_norm", norm(2, 4)),
        **over_axes("instance_norm", norm(2, 4)),
        **dict.fromkeys(("layer_norm", "layer_norm2d", "group_norm", "rms_norm"), norm(2, 4)),
        "prelu": EACH_READ,
        "spatial_pyramid_pool2d:avg2d": UNKNOWN,
        "softmax": SOFTMAX,
        "log_softmax": (Rate(lambda row: softmax_rate(row) + (3 - softmax_rate(row)), READ),),
        **over_axes("avg_pool", (Rate(_kept_windows_and_divisions, WRITTEN, words=Phrase("(window + 1)")),)),
        **pools("adaptive_avg", (Rate(_windows_and_divisions, WRITTEN, words=Phrase("(window + 1)")),)),
        "upsample:linear1d": (Rate(5, WRITTEN),),
        "upsample:bilinear2d": (Rate(11, WRITTEN),),
        "upsample:trilinear3d": (Rate(31, WRITTEN),),
        "multi_head_attention": (*CONTRACTED, Rate(_attention_softmax, SCORES, words=Phrase("(3 − 1/n)"))),
        "window_attention": CONTRACTED,
        "matmul": CONTRACTED,
        "scaled_dot_product_attention": CONTRACTED,
        **recurrent(1, rnn=1, gru=7, lstm=8),
        "lstm": Unless((Rate(1, MACS), Rate(1, BIASED), Rate(8, UNITS)), is_self_made),
        "softmin": (Rate(lambda row: softmax_rate(row) + 1, READ, words=Phrase("(4 − 1/n)")),),
    },
    "thop/profile.py, register_hooks, thop/vision/basic_hooks.py and thop/rnn_hooks.py",
    "ultralytics-thop",
    "2.2.3",
    Unit.MAC,
    functions={
        "linear": CONTRACTED,
        "matmul": CONTRACTED,
        "multi_head_attention": (*CONTRACTED, Rate(_attention_softmax, SCORES, words=Phrase("(3 − 1/n)"))),
        "scaled_dot_product_attention": CONTRACTED,
    },
    counts_params=True,
    quirks=(
        Phrase("Nearest upsampling counts 0, where thop has 1 per value written."),
        Phrase("Subclasses of a known type count, and matrix products that are called as functions."),
    ),
)

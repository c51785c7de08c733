"""thop's convention, of Lyken17's pytorch-OpCounter."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.analysis.conventions.base import MACS, UNKNOWN, Convention, Number, Rate, Rule, Unit, Unless
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CONTRACTED,
    EACH_READ,
    EACH_WRITTEN,
    ON_OUTPUT,
    READ,
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
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _window_and_division(row: LayerReport) -> Number:
    """The size of a window in floating point, and a division; what comes of it is cut off to a whole number."""
    window = 1.0
    for inner, outer in extents(row):
        window *= inner / outer
    return per_output((window + 1) * row.output.elements, row)


def _lstm_gates(row: LayerReport) -> Number:
    """The share of the MACs that thop counts; of a projection of the state it knows nothing."""
    layer, features = row.layer, row.inputs[0].shape[-1]
    if not layer.proj_size:
        return 1
    directions = 2 if layer.bidirectional else 1
    read = [features, *[layer.hidden_size * directions] * (layer.num_layers - 1)]
    gates = sum([4 * layer.hidden_size * (each + layer.hidden_size) for each in read]) * directions
    return Fraction(gates * row.inputs[0].shape[0] * row.output.regions, row.macs)


def softmax_rate(row: LayerReport) -> Number:
    """An exponential, an addition and a division for each value, but one addition less for each row."""
    shape = row.inputs[0].shape
    return 3 - Fraction(1, shape[row.layer.dim % len(shape)])


SOFTMAX = (Rate(softmax_rate, READ, words=Phrase("(3 − 1/n)")),)

_RULES: dict[str, Rule] = {
    **over_axes("conv", CONTRACTED),
    **over_axes("conv_transpose", (Rate(1, ON_OUTPUT),)),
    "linear": CONTRACTED,
    **over_axes("batch_norm", norm(2, 4)),
    **over_axes("instance_norm", norm(2, 4)),
    "layer_norm": norm(2, 4),
    "prelu": EACH_READ,
    "spatial_pyramid_pool2d:avg2d": UNKNOWN,
    "softmax": SOFTMAX,
    **over_axes("avg_pool", EACH_WRITTEN),
    **pools("adaptive_avg", (Rate(_window_and_division, WRITTEN, words=Phrase("(window + 1)")),)),
    "upsample:nearest1d": EACH_WRITTEN,
    "upsample:nearest2d": EACH_WRITTEN,
    "upsample:nearest3d": EACH_WRITTEN,
    "upsample:linear1d": (Rate(5, WRITTEN),),
    "upsample:bilinear2d": (Rate(11, WRITTEN),),
    **recurrent(1, rnn=1, gru=7, lstm=8),
    "lstm": Unless((Rate(_lstm_gates, MACS, words=Phrase("{n}", n=1)), Rate(1, BIASED), Rate(8, UNITS)), is_self_made),
}


def _registered_params(row: LayerReport) -> int:
    """Parameters of modules that have a rule; thop leaves out all others."""
    return row.params if row.type in _RULES and not row.node.functional else 0


TYPES_EXACTLY = Phrase(
    "Types are looked up exactly: a subclass, as torchvision's `LayerNorm2d`, counts 0. So do the convolutions of its "
    "R3D-18, 1.59 G instead of 40.70 G; a description does not say so, and they are counted here."
)

THOP = Convention(
    "thop",
    Phrase(
        "1 MAC = 1, no biases; 4 per value read by batch, layer and instance norms (2 without learned scales), 1 per "
        "value written by average pools, and the window besides by adaptive ones; nothing else counted"
    ),
    _RULES,
    "thop/profile.py, register_hooks, and thop/vision/basic_hooks.py",
    "thop (Lyken17/pytorch-OpCounter)",
    "0.1.1.post2209072238",
    Unit.MAC,
    functions={},
    counts_params=True,
    own_params=_registered_params,
    quirks=(
        Phrase("A transposed convolution is counted on its output: 192 for 3 → 1 maps, kernel 2, on 4×4 outputs."),
        TYPES_EXACTLY,
        Phrase("Attention counts 0, and its parameters, like all outside of known modules, are missing."),
        Phrase("The window of an adaptive pool is computed in floating point and cut off."),
    ),
)

"""torchinfo's conventions: its "Total mult-adds", as released and as on its main branch."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from cnncalc.analysis.conventions.base import MACS, UNKNOWN, Convention, Number, Rate, Rule, Unit, Unless
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CELLS,
    CONTRACTED_WITH_BIAS,
    ON_OUTPUT,
    WEIGHTS,
    is_self_made,
    over_axes,
)
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _per_position(row: LayerReport) -> Number:
    """A linear layer counts once for each image, however many positions it is applied to."""
    return Fraction(1, prod(row.output.shape[:-1]))


_STORED = (Rate(1, WEIGHTS),)

_RULES: dict[str, Rule] = {
    **over_axes("conv", CONTRACTED_WITH_BIAS),
    **over_axes("conv_transpose", (Rate(1, ON_OUTPUT), Rate(1, BIASED))),
    "linear": (
        Rate(_per_position, MACS, words=Phrase("1/positions")),
        Rate(_per_position, BIASED, words=Phrase("1/positions")),
    ),
    **over_axes("batch_norm", _STORED),
    **over_axes("instance_norm", _STORED),
    **dict.fromkeys(("layer_norm", "layer_norm2d", "rms_norm", "group_norm", "prelu", "embedding"), _STORED),
    **CELLS,
    **dict.fromkeys(("rnn", "lstm", "gru"), Unless(CONTRACTED_WITH_BIAS, is_self_made)),
    **{f"locally_connected{axes}d": UNKNOWN for axes in (1, 2)},
    "trainable_pool2d": UNKNOWN,
    "l2_norm": UNKNOWN,
    "affine": UNKNOWN,
}

_QUIRKS = (
    Phrase("Only modules without modules inside count: attention counts 0, and so do parameters on their own."),
    Phrase("A transposed convolution is counted on its output, too large by about the square of its stride."),
    Phrase("A norm counts its weights once per image, whatever the size of the map; an embedding its whole table."),
)

TORCHINFO = Convention(
    "torchinfo",
    Phrase(
        "weights and biases times output positions of convolutions; weights and biases once per image for linear "
        "layers, norms and embeddings; nothing else counted"
    ),
    _RULES,
    "torchinfo/layer_info.py, LayerInfo.calculate_macs",
    "torchinfo, total mult-adds",
    "1.8.0",
    Unit.MAC,
    functions={},
    counts_params=True,
    quirks=(
        Phrase(
            "A linear layer counts once per image, however many positions it is applied to: 0.173 G for ViT-B/16, "
            "where it has 17.56 G MACs."
        ),
        *_QUIRKS,
    ),
)

TORCHINFO_MAIN = TORCHINFO._replace(
    name="torchinfo-main",
    summary=Phrase(
        "weights and biases times output positions of convolutions and linear layers; weights once per image for norms "
        "and embeddings; nothing else counted"
    ),
    rates={**_RULES, "linear": CONTRACTED_WITH_BIAS},
    version="main 5c4164f, 2026-08-20",
    quirks=_QUIRKS,
)

"""Darknet's convention: the BFLOPs that it prints."""

from __future__ import annotations

from math import prod

from cnncalc.analysis.conventions.base import ANY, UNKNOWN, Convention, Rates, Unknown
from cnncalc.analysis.conventions.bases import TWICE_CONTRACTED
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _pool(row: LayerReport) -> Rates | Unknown:
    """Its average pool is a global one."""
    return () if prod(row.output.spatial) == 1 else UNKNOWN


_KNOWN = (
    *("batch_norm2d", "leaky_relu", "relu", "sigmoid", "max_pool2d", "avg_pool2d", "global_avg_pool2d"),
    *("upsample", "add", "concat", "slice", "dropout", "flatten", "softmax", "identity"),
)
"""Layers of Darknet that have no BFLOPs."""

DARKNET = Convention(
    "darknet",
    Phrase("2 × MACs of convolutions and linear layers, as BFLOPs (in 10⁹); nothing else counted"),
    {
        ANY: UNKNOWN,
        **dict.fromkeys(_KNOWN, ()),
        **dict.fromkeys(("conv2d", "linear"), TWICE_CONTRACTED),
        "adaptive_avg_pool2d": _pool,
    },
    "src/convolutional_layer.c",
    "Darknet, BFLOPs",
    "pjreddie/darknet",
    quirks=(Phrase("Prints 65.86 for YOLOv3 at 416×416, where PyTorch users report half of it as GMACs."),),
)

"""torch's convention: what its FlopCounterMode counts."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import ANY, MACS, Convention, Rate
from cnncalc.core.translation import Phrase

PER_MAC = 2
"""One multiply and one add."""

TORCH = Convention(
    "torch",
    Phrase("1 MAC = 1 multiply + 1 add; FLOPs = 2 × MACs of convolutions and matrix products, nothing else counted"),
    {ANY: (Rate(PER_MAC, MACS),)},
    "torch/utils/flop_counter.py, flop_registry",
    "torch, FlopCounterMode",
    "2.13.0",
    quirks=(
        Phrase("Fused attention is counted whole, as on a GPU. On a CPU it is not seen: that is `torch-cpu`."),
        Phrase(
            "In a backward pass, the gradient of a grouped convolution's weights is not divided by the groups: 12.28 "
            "GFLOPs for a training step of MobileNetV2. This is of the forward pass."
        ),
    ),
)

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
    "torch 2.11, torch/utils/flop_counter.py, FlopCounterMode",
)

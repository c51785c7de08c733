"""What torch's FlopCounterMode prints in evaluation on a CPU."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import ANY, MACS, Convention, Rate
from cnncalc.analysis.conventions.torch import PER_MAC
from cnncalc.core.translation import Phrase

TORCH_CPU = Convention(
    "torch-cpu",
    Phrase("FLOPs = 2 × MACs of convolutions and matrix products; fused attention and recurrent layers are not seen"),
    {
        **dict.fromkeys(("multi_head_attention", "scaled_dot_product_attention", "rnn", "lstm", "gru"), ()),
        ANY: (Rate(PER_MAC, MACS),),
    },
    "torch/utils/flop_counter.py, flop_registry",
    "torch, FlopCounterMode on a CPU, evaluation",
    "2.13.0",
    quirks=(
        Phrase(
            "In evaluation without gradients, multi-head attention is one fused operator on a CPU and counts 0 with "
            "its projections: 22.54 instead of 35.13 GFLOPs for ViT-B/16."
        ),
    ),
)

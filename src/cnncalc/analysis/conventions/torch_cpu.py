"""What torch's FlopCounterMode prints in evaluation on a CPU."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import ANY, UNKNOWN, Convention, Rate, Rates, Unknown
from cnncalc.analysis.conventions.bases import PROJECTIONS, TWICE_CONTRACTED, is_self_made
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _attention(row: LayerReport) -> Rates:
    """Nothing where torch takes its fast path; else the projections, as the attention between them is one operator."""
    is_fast = len(row.inputs) == 1 and row.layer.bias and row.layer.num_heads % 2 == 0
    return () if is_fast else (Rate(2, PROJECTIONS),)


def _lstm(row: LayerReport) -> Rates | Unknown:
    """One operator, but for an LSTM with projections."""
    return UNKNOWN if is_self_made(row) else TWICE_CONTRACTED if row.layer.proj_size else ()


TORCH_CPU = Convention(
    "torch-cpu",
    Phrase("FLOPs = 2 × MACs of convolutions and matrix products; fused attention and LSTMs are not seen"),
    {
        "multi_head_attention": _attention,
        "scaled_dot_product_attention": (),
        "lstm": _lstm,
        ANY: TWICE_CONTRACTED,
    },
    "torch/utils/flop_counter.py, flop_registry",
    "torch, FlopCounterMode on a CPU, evaluation",
    "2.13.0",
    quirks=(
        Phrase(
            "In evaluation without gradients, multi-head attention is one fused operator on a CPU and counts 0 with "
            "its projections: 22.54 instead of 35.13 GFLOPs for ViT-B/16. An LSTM counts 0, too."
        ),
    ),
)

"""ptflops' convention with its `aten` backend, which sees the operators that torch runs."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import Convention, Rate, Unit
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CONTRACTED,
    CONTRACTED_WITH_BIAS,
    IN_WINDOWS,
    PRODUCTS,
    PROJECTIONS,
    SELF_MADE,
    WINDOW_BIASES,
    over_axes,
)
from cnncalc.core.translation import Phrase

PTFLOPS_ATEN = Convention(
    "ptflops-aten",
    Phrase("1 MAC = 1, and 1 per output for a bias, of convolutions and matrix products; nothing else counted"),
    {
        **over_axes("conv", CONTRACTED_WITH_BIAS),
        **over_axes("conv_transpose", CONTRACTED_WITH_BIAS),
        **SELF_MADE,
        "linear": CONTRACTED_WITH_BIAS,
        "multi_head_attention": (Rate(1, PROJECTIONS), Rate(1, BIASED)),
        "matmul": CONTRACTED,
        "rnn": CONTRACTED_WITH_BIAS,
        "gru": CONTRACTED_WITH_BIAS,
        "lstm": lambda row: CONTRACTED_WITH_BIAS if row.layer.proj_size else (),
        "window_attention": (Rate(1, IN_WINDOWS), Rate(1, PRODUCTS), Rate(1, WINDOW_BIASES)),
    },
    "ptflops/aten_ops.py, ATEN_OPS_MAPPING",
    "ptflops, backend aten",
    "0.7.5",
    Unit.MAC,
    counts_params=True,
    quirks=(
        Phrase("Fused attention counts 0, its projections are counted. On a CPU, an LSTM is not seen."),
        Phrase("The README calls this the default; the function's default is the backend `pytorch`."),
    ),
)

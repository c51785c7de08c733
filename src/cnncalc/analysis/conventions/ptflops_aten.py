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
        **{f"locally_connected{axes}d": CONTRACTED for axes in (1, 2)},
        "linear": CONTRACTED_WITH_BIAS,
        "multi_head_attention": (Rate(1, PROJECTIONS), Rate(1, BIASED)),
        "window_attention": (Rate(1, IN_WINDOWS), Rate(1, PRODUCTS), Rate(1, WINDOW_BIASES)),
    },
    "ptflops/aten_ops.py, ATEN_OPS_MAPPING",
    "ptflops, backend aten",
    "0.7.5",
    Unit.MAC,
    counts_params=True,
    quirks=(
        Phrase("Fused attention counts 0, its projections are counted. Recurrent layers are not seen on a CPU."),
        Phrase("The README calls this the default; the function's default is the backend `pytorch`."),
    ),
)

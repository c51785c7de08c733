"""ptflops' convention with its `aten` backend, which sees the operators that torch runs."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import UNKNOWN, Convention, Rate, Rates, Unit, Unknown, Unless
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CELLS,
    CONTRACTED,
    CONTRACTED_WITH_BIAS,
    IN_WINDOWS,
    PRODUCTS,
    PROJECTIONS,
    SELF_MADE,
    WINDOW_BIASES,
    is_self_made,
    over_axes,
)
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _lstm(row: LayerReport) -> Rates | Unknown:
    """One operator on a CPU, but for an LSTM with projections."""
    return UNKNOWN if is_self_made(row) else CONTRACTED_WITH_BIAS if row.layer.proj_size else ()


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
        **CELLS,
        "rnn": Unless(CONTRACTED_WITH_BIAS, is_self_made),
        "gru": Unless(CONTRACTED_WITH_BIAS, is_self_made),
        "lstm": _lstm,
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

"""ptflops' conventions with its `pytorch` backend: modules and the functions that they call, or modules alone."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from cnncalc.analysis.conventions.base import UNKNOWN, Basis, Convention, Rate, Rates, Rule, Unit
from cnncalc.analysis.conventions.bases import (
    CONTRACTED,
    CONTRACTED_WITH_BIAS,
    EACH_READ,
    EACH_WRITTEN,
    POWER_POOL,
    PRODUCTS,
    READ,
    RESPONSE_NORM,
    SCORES,
    SELF_MADE,
    WRITTEN,
    norm,
    over_axes,
    pools,
    recurrent,
)
from cnncalc.analysis.conventions.thop import TYPES_EXACTLY
from cnncalc.analysis.report import LayerReport
from cnncalc.core.counts import Op
from cnncalc.core.translation import Phrase


def _attention(row: LayerReport) -> int:
    """Scaling of the queries, biases of the projections and one per score; the last projection always has a bias."""
    queries, features = row.inputs[0].shape
    biases = row.ops.of(Op.BIAS_ADD) if row.layer.bias else queries * features * row.output.regions
    return queries * features * row.output.regions + biases + row.ops.of(Op.ACTIVATION_EXPONENTIAL)


def _interpolated(row: LayerReport) -> Rates:
    """`F.interpolate`: the values written where a size is given, else those read, times the factors."""
    if row.layer.size is not None:
        return EACH_WRITTEN
    factors = [Fraction(factor) for factor in row.layer.scale_factor]
    grown = factors[0] ** len(row.output.spatial) if len(factors) == 1 else prod(map(int, factors))
    return (Rate(grown, READ),)


_BESIDES = Basis(Phrase("scalings, biases and scores of attention"), _attention)

_POOLS: dict[str, Rule] = {
    **over_axes("max_pool", EACH_READ),
    **over_axes("avg_pool", EACH_READ),
    **pools("adaptive_avg", EACH_READ),
    **pools("adaptive_max", EACH_READ),
}
_OF_BOTH = ("relu", "prelu", "elu", "gelu")
"""Activations that count as modules and as functions."""

_MODULES: dict[str, Rule] = {
    **SELF_MADE,
    "spatial_pyramid_pool2d": UNKNOWN,
    **over_axes("conv", CONTRACTED_WITH_BIAS),
    **over_axes("conv_transpose", CONTRACTED_WITH_BIAS),
    "linear": CONTRACTED_WITH_BIAS,
    **over_axes("batch_norm", norm(1, 2)),
    **over_axes("instance_norm", norm(1, 2)),
    "group_norm": norm(1, 2),
    "layer_norm": EACH_READ,
    **dict.fromkeys((*_OF_BOTH, "leaky_relu", "relu6"), EACH_WRITTEN),
    **_POOLS,
    "upsample": EACH_WRITTEN,
    "multi_head_attention": (*CONTRACTED_WITH_BIAS[:1], Rate(1, _BESIDES)),
    **recurrent(1, rnn=1, gru=7, lstm=10),
}

_FUNCTIONS: dict[str, Rule] = {
    "matmul": CONTRACTED,
    **dict.fromkeys((*_OF_BOTH, "relu6", "silu", "softmax"), EACH_READ),
    **_POOLS,
    **over_axes("lp_pool", POWER_POOL),
    "local_response_norm": RESPONSE_NORM,
    "upsample": _interpolated,
    "add": (Rate(lambda row: len(row.inputs) - 1, WRITTEN),),
    "multiply": (Rate(lambda row: len(row.inputs) - 1, WRITTEN),),
}

_BOTH: dict[str, Rule] = {
    **_MODULES,
    **{kind: (Rate(2, READ),) for kind in (*_OF_BOTH, *_POOLS)},
    "upsample": lambda row: (*EACH_WRITTEN, *_interpolated(row)),
    "silu": EACH_READ,
    "softmax": EACH_READ,
    "matmul": CONTRACTED,
    **over_axes("lp_pool", POWER_POOL),
    "local_response_norm": RESPONSE_NORM,
    "window_attention": (Rate(1, PRODUCTS), Rate(1, SCORES)),
}

_SOURCE = "ptflops/pytorch_ops.py, MODULES_MAPPING, FUNCTIONAL_MAPPING and TENSOR_OPS_MAPPING"

_QUIRKS = (
    TYPES_EXACTLY,
    Phrase("SiLU, hardswish, sigmoid and tanh have no rule as modules; operators as `+` and `*` count 0."),
)

PTFLOPS_PYTORCH = Convention(
    "ptflops-pytorch",
    Phrase(
        "1 MAC = 1, and 1 per output for a bias; 1 per value for most activations, pools and layer norms, 2 for batch "
        "norms; functions are counted besides the modules that call them, so that ReLU and pools count twice"
    ),
    _BOTH,
    _SOURCE,
    "ptflops, backend pytorch, the default",
    "0.7.5",
    Unit.MAC,
    functions=_FUNCTIONS,
    counts_params=True,
    quirks=(
        Phrase(
            "A module and the function that it calls both count: ReLU, GELU, PReLU, ELU, pools and upsampling twice."
        ),
        Phrase("`F.linear` counts 0, `matmul` and `softmax` count: so does window attention without its projections."),
        *_QUIRKS,
    ),
)

PTFLOPS_PYTORCH_MODULES = Convention(
    "ptflops-pytorch-modules",
    Phrase(
        "1 MAC = 1, and 1 per output for a bias; 1 per value for some activations, pools and layer norms, 2 for batch "
        "norms; modules alone"
    ),
    _MODULES,
    _SOURCE,
    "ptflops, backend pytorch, extra_config={'count_functional': False}",
    "0.7.5",
    Unit.MAC,
    functions={},
    counts_params=True,
    quirks=_QUIRKS,
)

"""fvcore's convention: what its FlopCountAnalysis counts for each of torch's operators."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc.analysis.conventions.base import MACS, UNKNOWN, Convention, Rate, Rates, Unit, Unless
from cnncalc.analysis.conventions.bases import (
    IN_WINDOWS,
    LEVELS,
    PRODUCTS,
    PROJECTIONS,
    READ,
    WRITTEN,
    batch_norm,
    norm,
    over_axes,
)
from cnncalc.core.translation import Phrase

if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport


def _named(operator: str, rates: Rates) -> Rates:
    return tuple(rate._replace(operator=operator) for rate in rates)


def _macs(operator: str) -> Rates:
    return (Rate(1, MACS, operator),)


def _norm(operator: str) -> Rates:
    """ "5 is just a rough estimate" for a normalisation; 4 without a learned scale."""
    return _named(operator, norm(4, 5))


def _read_by_the_first(row: LayerReport) -> Fraction:
    """The share of the MACs that come of the first input as it is, before its leading axes are broadcast."""
    first, second = row.inputs
    return Fraction(first.numel * second.shape[-1], row.macs)


_ADAPTIVE_AVG_POOL = (Rate(1, READ, "adaptive_avg_pool2d"),)

FVCORE = Convention(
    "fvcore",
    Phrase(
        "1 MAC = 1, those of torch's fused attention not counted; batch norm 2 per value read, other norms 5 (1 and 4"
        " without learned scales), 2-D adaptive average pooling 1 per value read, 2-D upsampling 1 (nearest) or 4"
        " (bilinear) per value written, nothing else counted"
    ),
    {
        **over_axes("conv", Unless(_macs("conv"), lambda row: row.layer.__dict__["standardized"])),
        **over_axes("conv_transpose", _macs("conv")),
        **{f"locally_connected{axes}d": _macs("bmm") for axes in (1, 2)},  # torch has no such layer: a batched product
        "linear": _macs("linear"),
        "multi_head_attention": (Rate(1, PROJECTIONS, "linear"),),
        "matmul": (Rate(_read_by_the_first, MACS, "matmul", Phrase("the first input's values, not broadcast")),),
        **{f"{kind}_cell": _macs("linear") for kind in ("rnn", "lstm", "gru")},
        "conv_lstm2d": UNKNOWN,  # torch has no such layer
        "gru": Unless((), lambda row: not row.layer.__dict__["reset_after"]),
        "window_attention": (Rate(1, IN_WINDOWS, "linear"), Rate(1, PRODUCTS, "matmul")),
        **over_axes("batch_norm", _named("batch_norm", batch_norm((1, 2), (4, 5)))),
        **over_axes("instance_norm", _norm("instance_norm")),
        "layer_norm": _norm("layer_norm"),
        "layer_norm2d": _norm("layer_norm"),
        "group_norm": _norm("group_norm"),
        "adaptive_avg_pool2d": _ADAPTIVE_AVG_POOL,
        "global_avg_pool2d": _ADAPTIVE_AVG_POOL,
        "spatial_pyramid_pool2d:avg2d": (Rate(1, LEVELS, "adaptive_avg_pool2d"),),
        "upsample:nearest2d": (Rate(1, WRITTEN, "upsample_nearest2d"),),
        "upsample:bilinear2d": (Rate(4, WRITTEN, "upsample_bilinear2d"),),
    },
    "fvcore/nn/flop_count.py, _DEFAULT_SUPPORTED_OPS, and fvcore/nn/jit_handles.py",
    "fvcore, FlopCountAnalysis; MMEngine 0.10.7 and timm's published tables count alike",
    "0.1.5.post20221221",
    Unit.MAC,
    counts_params=True,
    quirks=(
        Phrase("Fused attention counts 0, its projections are counted."),
        Phrase("`adaptive_avg_pool3d` is not registered and counts 0, where the 2-D one counts its input."),
        Phrase(
            "A convolution whose padding is a name counts 0, as torch has its own operator for it; here it is counted "
            "like any other."
        ),
    ),
)

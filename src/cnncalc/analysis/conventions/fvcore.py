"""fvcore's convention: what its FlopCountAnalysis counts for each of torch's operators."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import MACS, READ, SCALED, WRITTEN, Basis, Convention, Rate, Rates
from cnncalc.analysis.report import LayerReport
from cnncalc.core.counts import Op
from cnncalc.core.translation import Phrase


def _values_with_stored_statistics(row: LayerReport) -> int:
    return row.inputs[0].elements if row.layer.track_running_stats else 0


def _values_with_own_statistics(row: LayerReport) -> int:
    return 0 if row.layer.track_running_stats else row.inputs[0].elements


def _values_read_by_levels(row: LayerReport) -> int:
    """The values read, once per level: every level is a pool."""
    return row.inputs[0].elements * len(row.layer.levels)


def _projection_macs(row: LayerReport) -> int:
    """MACs of the projections: the attention between them is one operator in torch, which fvcore does not know."""
    queries, features = row.inputs[0].shape
    keys, _ = row.inputs[-1].shape
    return 2 * (queries + keys) * features * features * row.output.regions


def _window_projection_macs(row: LayerReport) -> int:
    """MACs of the four projections at every position; the scaling of the queries counts the padded positions."""
    return 4 * row.inputs[0].shape[-1] * row.ops.of(Op.ELEMENTWISE_MULTIPLY)


STORED = Basis(Phrase("values normalised by stored statistics"), _values_with_stored_statistics)
OWN = Basis(Phrase("values normalised by their own statistics"), _values_with_own_statistics)
LEVELS = Basis(Phrase("values read by each level"), _values_read_by_levels)
PROJECTIONS = Basis(Phrase("MACs of projections"), _projection_macs)
IN_WINDOWS = Basis(Phrase("MACs of projections"), _window_projection_macs)
PRODUCTS = Basis(Phrase("MACs of products of activations"), lambda row: row.macs - _window_projection_macs(row))


def _macs(operator: str) -> Rates:
    return (Rate(1, MACS, operator),)


def _norm(operator: str) -> Rates:
    """ "5 is just a rough estimate" for a normalisation; 4 without a learned scale."""
    return (Rate(4, READ, operator), Rate(1, SCALED, operator))


_BATCH_NORM = (Rate(1, STORED, "batch_norm"), Rate(4, OWN, "batch_norm"), Rate(1, SCALED, "batch_norm"))
"""In evaluation mode one scale and one shift, unless the statistics are computed from the batch."""

_ADAPTIVE_AVG_POOL = (Rate(1, READ, "adaptive_avg_pool2d"),)

FVCORE = Convention(
    "fvcore",
    Phrase(
        "1 MAC = 1, those of torch's fused attention not counted; batch norm 2 per value read, other norms 5 (1 and 4"
        " without learned scales), 2-D adaptive average pooling 1 per value read, 2-D upsampling 1 (nearest) or 4"
        " (bilinear) per value written, nothing else counted"
    ),
    {
        **{f"conv{axes}d": _macs("conv") for axes in (1, 2, 3)},
        **{f"conv_transpose{axes}d": _macs("conv") for axes in (1, 2, 3)},
        **{f"locally_connected{axes}d": _macs("bmm") for axes in (1, 2)},  # torch has no such layer: a batched product
        "linear": _macs("linear"),
        "matmul": _macs("matmul"),
        "multi_head_attention": (Rate(1, PROJECTIONS, "linear"),),
        "window_attention": (Rate(1, IN_WINDOWS, "linear"), Rate(1, PRODUCTS, "matmul")),
        **{f"batch_norm{axes}d": _BATCH_NORM for axes in (1, 2, 3)},
        **{f"instance_norm{axes}d": _norm("instance_norm") for axes in (1, 2, 3)},
        "layer_norm": _norm("layer_norm"),
        "layer_norm2d": _norm("layer_norm"),
        "group_norm": _norm("group_norm"),
        "adaptive_avg_pool2d": _ADAPTIVE_AVG_POOL,
        "global_avg_pool2d": _ADAPTIVE_AVG_POOL,
        "spatial_pyramid_pool2d:avg2d": (Rate(1, LEVELS, "adaptive_avg_pool2d"),),
        "upsample:nearest2d": (Rate(1, WRITTEN, "upsample_nearest2d"),),
        "upsample:bilinear2d": (Rate(4, WRITTEN, "upsample_bilinear2d"),),
    },
    "fvcore 0.1.5, fvcore/nn/flop_count.py, _DEFAULT_SUPPORTED_OPS, and fvcore/nn/jit_handles.py",
)
"""Convolutions whose padding is a name are counted here. fvcore itself does not know the operator that torch runs for
them (`aten::_convolution_mode`), and counts nothing."""

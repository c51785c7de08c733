"""fvcore's convention: what its FlopCountAnalysis gives to each of torch's operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from cnncalc.analysis.report import LayerReport
from cnncalc.core.counts import Op
from cnncalc.core.messages import Phrase

Flops = Callable[[LayerReport], Mapping[str, int]]
"""A layer's operators, under fvcore's names, and what they are given for one image."""


class OperatorConvention(NamedTuple):
    """A table by layer type, for a tool that goes by operators and sizes; types that are absent are ignored by it."""

    name: str
    summary: str
    flops_of: Mapping[str, Flops]
    source: str

    def flops(self, row: LayerReport) -> int:
        """What the convention makes of a layer."""
        rule = self.flops_of.get(row.type)
        return sum(rule(row).values()) if rule else 0

    def by_operator(self, rows: Iterable[LayerReport]) -> dict[str, int]:
        """What it makes of a network, under the tool's names of operators; those it gives nothing to are absent."""
        counted: Counter[str] = Counter()
        for row in rows:
            if row.type in self.flops_of:
                counted.update(self.flops_of[row.type](row))
        return dict(+counted)


def _macs(operator: str, row: LayerReport) -> dict[str, int]:
    return {operator: row.macs}


def _read(row: LayerReport) -> int:
    return row.inputs[0].numel


def _norm(operator: str, row: LayerReport) -> dict[str, int]:
    """ "5 is just a rough estimate" of what normalising takes, 4 without a learned scale."""
    return {operator: _read(row) * (5 if _scaled(row) else 4)}


def _batch_norm(row: LayerReport) -> dict[str, int]:
    """In evaluation one scale and one shift, unless the statistics are those of the batch at hand."""
    if not row.layer.track_running_stats:
        return _norm("batch_norm", row)
    return {"batch_norm": _read(row) * (2 if _scaled(row) else 1)}


def _scaled(row: LayerReport) -> bool:
    return any(weight.name == "weight" for weight in row.weights)


def _adaptive_avg_pool(row: LayerReport) -> dict[str, int]:
    return {"adaptive_avg_pool2d": _read(row)}


def _pyramid(row: LayerReport) -> dict[str, int]:
    """A pool for every level."""
    return {"adaptive_avg_pool2d": _read(row) * len(row.layer.levels) if row.layer.mode == "avg" else 0}


PER_VALUE = {"upsample_nearest2d": 1, "upsample_bilinear2d": 4}


def _upsample(row: LayerReport) -> dict[str, int]:
    mode = row.layer.mode
    operator = f"upsample_{mode}{len(row.inputs[0].shape) - 1}d"
    return {operator: PER_VALUE.get(operator, 0) * row.output.elements}


def _multi_head_attention(row: LayerReport) -> dict[str, int]:
    """The projections alone: what torch does between them is one operator, which fvcore does not know."""
    queries, features = row.inputs[0].shape
    keys, _ = row.inputs[-1].shape
    return {"linear": 2 * (queries + keys) * features * features * row.output.regions}


def _window_attention(row: LayerReport) -> dict[str, int]:
    """Four matrices for every position, of which the scaling of the queries says how many there are with padding."""
    features = row.inputs[0].shape[-1]
    projections = 4 * features * row.ops.of(Op.ELEMENTWISE_MULTIPLY)
    return {"linear": projections, "matmul": row.macs - projections}


FVCORE = OperatorConvention(
    "fvcore",
    Phrase(
        "1 MAC = 1, those of torch's fused attention not counted; batch norm 2 per value read, other norms 5 (1 and 4"
        " without learned scales), 2-D adaptive average pooling 1 per value read, 2-D upsampling 1 (nearest) or 4"
        " (bilinear) per value written, nothing else counted"
    ),
    {
        **{f"conv{axes}d": partial(_macs, "conv") for axes in (1, 2, 3)},
        **{f"conv_transpose{axes}d": partial(_macs, "conv") for axes in (1, 2, 3)},
        **{f"locally_connected{axes}d": partial(_macs, "bmm") for axes in (1, 2)},  # no layer of torch's: a product
        "linear": partial(_macs, "linear"),
        "multi_head_attention": _multi_head_attention,
        "window_attention": _window_attention,
        **{f"batch_norm{axes}d": _batch_norm for axes in (1, 2, 3)},
        **{f"instance_norm{axes}d": partial(_norm, "instance_norm") for axes in (1, 2, 3)},
        "layer_norm": partial(_norm, "layer_norm"),
        "layer_norm2d": partial(_norm, "layer_norm"),
        "group_norm": partial(_norm, "group_norm"),
        "adaptive_avg_pool2d": _adaptive_avg_pool,
        "global_avg_pool2d": _adaptive_avg_pool,
        "spatial_pyramid_pool2d": _pyramid,
        "upsample": _upsample,
    },
    "fvcore 0.1.5, fvcore/nn/flop_count.py, _DEFAULT_SUPPORTED_OPS, and fvcore/nn/jit_handles.py",
)
"""Convolutions whose padding is a name are counted here; fvcore itself does not know the operator that torch runs then
(`aten::_convolution_mode`) and gives them nothing."""

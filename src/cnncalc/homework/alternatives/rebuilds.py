"""Other ways to build a network: the updates of its layers."""

from __future__ import annotations

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import Fault
from cnncalc.core.graph import Node
from cnncalc.core.kinds import Kind
from cnncalc.transform.rewrite import Rewrite, Update


def other_rounding(network: Report, *, up: bool) -> Rewrite | None:
    """Pools that round up as in Caffe, or down; None where no output changes."""
    changed: Update = {"ceil_mode": "caffe" if up else False}

    def is_so(row: LayerReport) -> bool:
        return bool(row.layer.__dict__.get("ceil_mode", up)) is up

    def differs(row: LayerReport) -> bool:
        if is_so(row) or len(row.inputs) > 1:
            return False
        try:
            other = row.layer.model_copy(changed).output(row.inputs[0])
            return bool(other.shape != row.output.shape)
        except Fault:
            return False

    if not any(map(differs, network.rows)):
        return None
    return lambda row: None if is_so(row) else changed


def without_groups(row: LayerReport) -> Update | None:
    """Convolutions in two groups without groups; two are an accident of two GPUs, more are a design."""
    return {"groups": 1} if row.kind is Kind.CONVOLUTION and row.layer.groups == 2 else None


def without_table(row: LayerReport) -> Update | None:
    """Convolutions with a connection table, reading all maps instead."""
    return {"connections": None} if getattr(row.layer, "connections", None) is not None else None


def with_gaps(row: LayerReport) -> Update | None:
    """Dilation that was counted in gaps: one more position from tap to tap."""
    dilation = row.layer.__dict__.get("dilation")
    if dilation is None or max(dilation) == 1:
        return None
    return {"dilation": tuple(d + 1 if d > 1 else d for d in dilation)}


def without_padding(row: LayerReport) -> Update | None:
    """Layers with padding, without it."""
    padding = row.layer.__dict__.get("padding")
    if not padding or padding == "valid" or not hasattr(row.layer, "kernel_size"):
        return None
    return {"padding": ((0, 0),) * len(row.layer.kernel_size)}


def strides_first(network: Report) -> Rewrite | None:
    """The stride of each bottleneck in its first 1×1 convolution instead of the 3×3 one, as in the ResNet of 2015."""
    nodes = {node.path: node for node in network.graph.nodes}
    moved: dict[str, Update] = {}
    for node in network.graph.nodes:
        if not _is_conv(node, wide=True) or max(node.layer.stride) == 1:
            continue
        before = nodes.get(node.inputs[0])
        while before is not None and type(before.layer).__name__ in ("BatchNorm2d", "ReLU"):
            before = nodes.get(before.inputs[0])
        if before is not None and _is_conv(before, wide=False) and max(before.layer.stride) == 1:
            moved[before.path] = {"stride": node.layer.stride}
            moved[node.path] = {"stride": before.layer.stride}
    return (lambda row: moved.get(row.path)) if moved else None


def _is_conv(node: Node, *, wide: bool) -> bool:
    layer = node.layer
    if type(layer).__name__ != "Conv2d" or layer.groups == layer.out_channels:
        return False
    largest: int = max(layer.kernel_size)
    return largest > 1 if wide else largest == 1

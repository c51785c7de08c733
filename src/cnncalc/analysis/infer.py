"""The walk over a graph: every rule runs once per distinct layer and input, and every diagnostic gets its place."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.analysis import reach as reaching
from cnncalc.analysis.conventions.base import Convention
from cnncalc.analysis.conventions.torch import TORCH
from cnncalc.analysis.layout import channels_first, written_shape
from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.settings import batch_size, counting, element_type
from cnncalc.core.call_site import caller
from cnncalc.core.counts import OpCount
from cnncalc.core.errors import Diagnostic, InputError, collect
from cnncalc.core.field import Field, Untracked
from cnncalc.core.graph import Graph, Node
from cnncalc.core.tensor import DType, TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.at_node import apply_rule, blaming_input, output, rule_inputs
from cnncalc.layers.catalogue import type_name

MOST_LOOKS = 4_000_000
"""Positions examined for the receptive fields of one network; beyond it, they are no longer tracked. No built-in
network takes a hundredth of it."""


class _Facts(NamedTuple):
    """The results of a layer's rules for one input spec."""

    type: str
    output: TensorSpec
    weights: tuple[WeightSpec, ...]
    params: int
    buffers: int
    ops: OpCount
    windows: tuple[Field, ...] | None
    tracked: bool
    global_by: str


def analyze(
    graph: Graph, *, batch: int = 1, dtype: DType | str = DType.FLOAT32, convention: Convention | str = TORCH
) -> Report:
    """The numbers of every layer; FLOPs are those of the convention.

    Errors:  InputError with the diagnostics of all rules, where layers after a faulty one are skipped; or with those
        of the graph; not-a-graph, bad-batch, unknown-dtype, unknown-convention
    """
    if not isinstance(graph, Graph):
        raise InputError.of(
            "not-a-graph",
            "analyze takes a graph, not a {kind}",
            caller(),
            help="write `analyze(net.build())` for a Network, and `analyze(load(name))` for a name or a path",
            kind=type(graph).__name__,
        )
    images, element, counts = collect(
        lambda: batch_size(batch), lambda: element_type(dtype), lambda: counting(convention)
    )
    graph.check()
    specs: dict[str, TensorSpec] = {
        name: TensorSpec(shape, element, name in graph.channels_last) for name, shape in graph.inputs.items()
    }
    reaches: dict[str, Reach | None] = {name: reaching.input_reach(x.spatial) for name, x in specs.items()}
    known: dict[Any, _Facts] = {}
    looks = 0
    rows: list[LayerReport] = []
    diagnostics: list[Diagnostic] = []
    for node in graph.nodes:
        try:
            inputs = tuple([specs[wire] for wire in node.inputs])
        except KeyError:
            continue  # it follows a faulty layer
        key = (node.layer, inputs)
        facts = known.get(key)
        if facts is None:
            try:
                facts = known[key] = _facts(node, inputs, looks < MOST_LOOKS)
            except InputError as error:
                if inputs:  # branches without paths leave nothing to bring together
                    error = blaming_input(error, node, inputs[0], graph.inputs, graph.input_spans)
                diagnostics += error.diagnostics
                continue
        specs[node.path] = facts.output
        seen = tuple([reaches[wire] for wire in node.inputs])
        reach = None
        if node.layer.traits.is_source or seen.count(reaching.BLIND) == len(seen):
            reach = reaching.BLIND
        elif facts.tracked and looks < MOST_LOOKS:
            reach = reaching.output_reach(node, inputs, facts.output, seen, facts.windows, facts.global_by)
            looks += reaching.look_count(reach, seen, facts.windows)
        reaches[node.path] = reach
        shared = node.weights_from is not None
        rows.append(
            LayerReport(
                node,
                facts.type,
                inputs,
                facts.output,
                facts.weights,
                0 if shared else facts.params,
                0 if shared else facts.buffers,
                facts.ops,
                None if reach is reaching.BLIND else reach,
            )
        )
    if not diagnostics:
        diagnostics = _sharing_diagnostics(rows)
    if diagnostics:
        raise InputError(_with_channels_first(diagnostics, graph))
    return Report(graph, tuple(rows), images, element, counts)


def _with_channels_first(diagnostics: list[Diagnostic], graph: Graph) -> list[Diagnostic]:
    """The diagnostics; where windows fit as soon as the channels of an image come first, this is their remedy."""
    narrow = [one for one in diagnostics if one.code == "window-does-not-fit"]
    moved = channels_first(graph) if narrow else {}
    if not moved:
        return diagnostics
    try:
        analyze(graph._replace(inputs={**graph.inputs, **moved}))
    except InputError as error:
        if any(one.code == "window-does-not-fit" for one in error.diagnostics):
            return diagnostics
    name, shape = next(iter(moved.items()))
    remedy = Phrase(
        "channels come first: if the last axis of the input {shape} is theirs, write `{written}`",
        shape=spell(graph.inputs[name]),
        written=written_shape(shape, graph.input_spans.get(name)),
    )
    return [one._replace(help=remedy) if one in narrow else one for one in diagnostics]


def _facts(node: Node, inputs: tuple[TensorSpec, ...], track: bool) -> _Facts:
    y = output(node, inputs)
    layer = node.layer
    given = rule_inputs(layer, inputs)

    def facts() -> _Facts:
        weights = layer.weights(*given)
        params = sum([weight.numel for weight in weights if weight.trainable])
        buffers = sum([weight.numel for weight in weights if not weight.trainable])
        try:
            windows, tracked = (layer.windows(*given), True) if track else (None, False)
        except Untracked:
            windows, tracked = None, False
        ops, reason = layer.ops(*given).times(inputs[0].regions), layer.global_by(*given)
        return _Facts(type_name(type(layer)), y, weights, params, buffers, ops, windows, tracked, reason)

    return apply_rule(node, inputs, facts)


def _sharing_diagnostics(rows: list[LayerReport]) -> list[Diagnostic]:
    """Diagnostics for layers that share weights of another shape than their own."""
    sharing = [(row, row.weights_from) for row in rows if row.weights_from is not None]
    if not sharing:
        return []
    by_path = {row.path: row for row in rows}
    diagnostics = []
    for row, holder in sharing:
        source = by_path[holder]
        if row.weights != source.weights:
            diagnostics.append(
                Diagnostic(
                    "cannot-share",
                    "`{path}` needs weights of {own}, but those of `{source}` are {other}",
                    {
                        "path": row.path,
                        "source": source.path,
                        "own": _shapes(row),
                        "other": _shapes(source),
                    },
                    row.node.origin.options.get("share", row.node.origin.span),
                    help="shared layers need the same options and the same input channels",
                )
            )
    return diagnostics


def _shapes(row: LayerReport) -> str:
    return Listed(("×".join(map(str, weight.shape)) for weight in row.weights), ",") or Phrase("no shape at all")

"""A part of a network as a network of its own."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.graph import Graph, input_names
from cnncalc.core.tensor import stored_name


def subgraph(network: Report, rows: Sequence[LayerReport]) -> Graph:
    """The graph of some layers, in order: its inputs are what they read from outside, its output that of the last."""
    inside = {row.path for row in rows}
    inputs = {
        wire: x.shape for row in rows for wire, x in zip(row.node.inputs, row.inputs, strict=True) if wire not in inside
    }
    channels_last = {*network.graph.channels_last, *(row.path for row in network.rows if row.output.channels_last)}
    return network.graph._replace(
        inputs=inputs,
        nodes=tuple(row.node for row in rows),
        outputs=(rows[-1].path,),
        channels_last=channels_last.intersection(inputs),
    )


def single_layer(network: Report, path: str) -> Graph:
    """The graph of one layer with the values that are given for it; shared weights become its own."""
    row, graph = network.by_path[path], network.graph
    names = input_names(graph.inputs)
    values = {names[name]: value for name, value in graph.values.items() if names.get(name) in row.node.inputs}
    for weight in row.weights:
        stored = stored_name(row.node.weights_from or path, weight.name)
        if stored in graph.values:
            values[stored_name(path, weight.name)] = graph.values[stored]
    part = subgraph(network, (row,))
    return Graph(
        graph.name,
        part.inputs,
        (row.node._replace(weights_from=None),),
        part.outputs,
        values=values,
        channels_last=part.channels_last,
    )

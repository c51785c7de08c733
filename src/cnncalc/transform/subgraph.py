"""A part of a network as a network of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.graph import Graph, Node, input_names
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


def subnetwork(network: Report, rows: Sequence[LayerReport]) -> Report:
    """The report of some layers, in order, with the numbers that they have in the whole network."""
    return replace(network, graph=subgraph(network, rows), rows=tuple(rows))


def standalone(network: Report, rows: Sequence[LayerReport]) -> Graph:
    """The graph of some layers as one that runs: written values come along, and weights shared with a layer outside
    belong to the first layer inside that uses them.
    """
    part, graph = subgraph(network, rows), network.graph
    names = input_names(graph.inputs)
    values = {names[name]: value for name, value in graph.values.items() if names.get(name) in part.inputs}
    nodes: list[Node] = []
    owners: dict[str, str] = {}  # of weights, by the layer that holds them in the whole network
    for row in rows:
        holder = row.node.weights_from or row.path
        owner = owners.setdefault(holder, row.path)
        nodes.append(row.node._replace(weights_from=None if owner == row.path else owner))
        for weight in row.weights:
            stored = stored_name(holder, weight.name)
            if stored in graph.values:
                values[stored_name(owner, weight.name)] = graph.values[stored]
    return Graph(graph.name, part.inputs, tuple(nodes), part.outputs, values=values, channels_last=part.channels_last)

"""A network with changed options, or on another input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.graph import Graph
from cnncalc.core.tensor import Shape

Update = Mapping[str, Any]
"""The changed options of a layer, with their new values."""

Rewrite = Callable[[LayerReport], Update | None]
"""The update of a layer; None where nothing changes."""


def rewrite(network: Report, update_of: Rewrite) -> Graph | None:
    """The network with changed options; None where nothing changes."""
    updates = {row.path: update for row in network.rows if (update := update_of(row))}
    layers = {path: network.by_path[path].layer.model_copy(update) for path, update in updates.items()}
    return network.graph.with_layers(layers) if layers else None


def resize(graph: Graph, spatial: Shape) -> Graph | None:
    """The network on an input of other spatial extents; None where it has several inputs."""
    if len(graph.inputs) != 1:
        return None
    ((name, shape),) = graph.inputs.items()
    return graph._replace(inputs={name: (shape[0], *spatial)})

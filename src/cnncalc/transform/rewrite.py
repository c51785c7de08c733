"""A network with other options of its layers, or on another input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.graph import Graph
from cnncalc.core.tensor import Shape

Update = Mapping[str, Any]
"""Options of a layer that change, and what to."""

Rewrite = Callable[[LayerReport], Update | None]
"""What changes in a layer; None where nothing does."""


def rewrite(network: Report, update_of: Rewrite) -> Graph | None:
    """The network with other options; None where they are what they were."""
    updates = {row.path: update for row in network.rows if (update := update_of(row))}
    layers = {path: network.by_path[path].layer.model_copy(update) for path, update in updates.items()}
    return network.graph.replaced(layers) if layers else None


def resize(graph: Graph, spatial: Shape) -> Graph | None:
    """The network on a map of other extents; None where it has several inputs."""
    if len(graph.inputs) != 1:
        return None
    ((name, shape),) = graph.inputs.items()
    return graph._replace(inputs={name: (shape[0], *spatial)})

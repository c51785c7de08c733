"""What the runner runs: the layers in order, with plain options, and no rule to look anything up in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from cnncalc.core.graph import Graph
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec


class Step(NamedTuple):
    """One layer: its type, its options by name, and the names of what it reads."""

    path: str
    type: str
    options: Mapping[str, Any]
    inputs: tuple[str, ...]
    weights: tuple[WeightSpec, ...]
    weights_from: str | None = None
    traits: Traits = Traits()

    @property
    def holder(self) -> str:
        """The path under which its weights are stored."""
        return self.weights_from or self.path


class Program(NamedTuple):
    """Inputs with their shapes, steps in execution order, and the paths whose values come out."""

    name: str
    inputs: Mapping[str, Shape]
    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
    channels_last: Collection[str] = ()  # inputs of shape (H, W, C)

    def until(self, layers: Collection[str]) -> Program:
        """What has to run for the values of some layers: nothing behind the last of them, and no outputs."""
        last = max((number for number, step in enumerate(self.steps) if step.path in layers), default=-1)
        return self._replace(steps=self.steps[: last + 1], outputs=())

    @property
    def input_specs(self) -> dict[str, TensorSpec]:
        """What each input carries."""
        return {
            name: TensorSpec(shape, channels_last=name in self.channels_last) for name, shape in self.inputs.items()
        }


class Row(Protocol):
    """What a report knows about a layer, as far as it matters here."""

    @property
    def type(self) -> str:
        """Its type in the catalogue."""

    @property
    def layer(self) -> Any:
        """The layer, for its options."""

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """What it stores."""


def program(graph: Graph, rows: Iterable[Row]) -> Program:
    """A graph with the rows of its report, as steps."""
    steps = tuple(
        Step(node.path, row.type, row.layer.options(), node.inputs, row.weights, node.weights_from, row.layer.traits)
        for node, row in zip(graph.nodes, rows, strict=True)
    )
    return Program(graph.name, graph.inputs, steps, graph.outputs, graph.channels_last)

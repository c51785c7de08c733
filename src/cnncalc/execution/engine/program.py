"""What the runner runs: the layers in order, with plain options, and no rule to look anything up in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from cnncalc.core.graph import Graph, Node
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
    """What a report says of a layer, as far as it matters to a run."""

    @property
    def node(self) -> Node:
        """Where it stands in the graph."""

    @property
    def path(self) -> str:
        """Its name in the network."""

    @property
    def type(self) -> str:
        """Its type in the catalogue."""

    @property
    def layer(self) -> Any:
        """The layer, for its options."""

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """What it stores."""

    @property
    def output(self) -> TensorSpec:
        """What it puts out for one image."""


class Sums(Protocol):
    """The totals of a report, as far as they matter to a run."""

    @property
    def params(self) -> int:
        """Learned values."""

    @property
    def buffers(self) -> int:
        """Stored values that are not learned."""


class Numbers(Protocol):
    """A report, as far as it matters to a run."""

    @property
    def graph(self) -> Graph:
        """The network."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """One for every layer."""

    def totals(self) -> Sums:
        """Sums over the layers."""


def program(report: Numbers) -> Program:
    """What a report is about, as steps."""
    graph = report.graph
    steps = tuple(
        Step(
            row.path,
            row.type,
            row.layer.options(),
            row.node.inputs,
            row.weights,
            row.node.weights_from,
            row.layer.traits,
        )
        for row in report.rows
    )
    return Program(graph.name, graph.inputs, steps, graph.outputs, graph.channels_last)

"""The program of a run: layers in execution order with plain options, and without their rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from cnncalc.core.graph import Graph, Node
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec


class Step(NamedTuple):
    """One layer: its type, its options by name, and the paths that it reads."""

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

    def prefix_up_to(self, layers: Collection[str]) -> Program:
        """The program up to the last of some layers, without outputs."""
        last = max((number for number, step in enumerate(self.steps) if step.path in layers), default=-1)
        return self._replace(steps=self.steps[: last + 1], outputs=())

    @property
    def input_specs(self) -> dict[str, TensorSpec]:
        """The tensor of each input."""
        return {
            name: TensorSpec(shape, channels_last=name in self.channels_last) for name, shape in self.inputs.items()
        }


class RowLike(Protocol):
    """A layer of a report, as far as a run needs it."""

    @property
    def node(self) -> Node:
        """Its node in the graph."""

    @property
    def path(self) -> str:
        """Its name in the network."""

    @property
    def type(self) -> str:
        """Its type in the catalogue."""

    @property
    def layer(self) -> Any:
        """The layer with its options."""

    @property
    def weights(self) -> tuple[WeightSpec, ...]:
        """The weights that it stores."""

    @property
    def output(self) -> TensorSpec:
        """Its output for one image."""


class TotalsLike(Protocol):
    """The totals of a report, as far as a run needs them."""

    @property
    def params(self) -> int:
        """Learned values."""

    @property
    def buffers(self) -> int:
        """Stored values that are not learned."""


class ReportLike(Protocol):
    """A report, as far as a run needs it."""

    @property
    def graph(self) -> Graph:
        """The network."""

    @property
    def rows(self) -> tuple[RowLike, ...]:
        """One for every layer."""

    def totals(self) -> TotalsLike:
        """Sums over the layers."""


def program(report: ReportLike) -> Program:
    """The network of a report as a program."""
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

"""Nodes and wires: an immutable DAG in topological order. Blocks, repeats and residuals are gone by now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from cnncalc.core.errors import Diagnostic, InputError, Span
from cnncalc.core.tensor import Shape


class Places(Protocol):
    """Where each option stands; a dictionary will do."""

    def get(self, name: str, default: Any = None, /) -> Any:
        """The place of an option, or the default."""


NOWHERE: dict[str, Span] = {}
"""Places of options that were not written anywhere."""


class Origin(NamedTuple):
    """Where the user wrote a layer, and each of its options."""

    span: Span | None = None
    options: Places = NOWHERE


class Node(NamedTuple):
    """One layer at one place.

    `path` is the dotted hierarchy (`layer1.0.conv1`); `inputs` are paths of earlier nodes or names of network inputs;
    `weights_from` is the path of the node whose weights this one reads instead of its own.
    """

    path: str
    layer: Any  # a cnncalc.layers Layer; core does not know the rules
    inputs: tuple[str, ...]
    origin: Origin = Origin()
    weights_from: str | None = None


class Accuracy(NamedTuple):
    """A published accuracy in percent, with where it was published: on ImageNet-1k, or whatever `measure` says."""

    top1: float | None = None
    top5: float | None = None
    source: str = ""
    score: float | None = None
    measure: str = ""


class Metadata(NamedTuple):
    """What is known about an architecture besides its layers."""

    title: str = ""
    year: int | None = None
    paper: str = ""
    accuracy: Accuracy = Accuracy()
    notes: str = ""


class Literal(NamedTuple):
    """Numbers that a description writes out: an input, or a weight of a layer."""

    shape: Shape  # as written: leading axes of 1 may be left out
    numbers: tuple[float, ...]  # the last axis the fastest
    name_span: Span | None = None
    span: Span | None = None


NOTHING_WRITTEN: dict[str, Literal] = {}
"""Values of a description that writes none out."""

NO_ALIASES: dict[str, str] = {}
"""Other names of the layers of a network whose layers have none."""


class Graph(NamedTuple):
    """A network: named inputs with their shapes, nodes in execution order, and the paths whose values come out.

    `values` are by the name of an input, or by the path of a layer and the name of its weight (`stem.conv1.weight`).
    `aliases` are what a paper or a lecture calls a layer or a group, each with its path. Inputs that are
    `channels_last` are maps of shape (H, W, C), as a permute lays them out.
    """

    name: str
    inputs: Mapping[str, Shape]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    metadata: Metadata = Metadata()
    input_spans: Mapping[str, Span] = NOWHERE
    values: Mapping[str, Literal] = NOTHING_WRITTEN
    aliases: Mapping[str, str] = NO_ALIASES
    channels_last: Collection[str] = ()

    def node(self, path: str) -> Node:
        """The node at this path.

        Errors:  KeyError
        """
        for node in self.nodes:
            if node.path == path:
                return node
        raise KeyError(path)

    def with_layers(self, layers: Mapping[str, Any]) -> Graph:
        """The same network with other layers at these paths; equal ones are one object, which makes them quick to find.

        Errors:  KeyError for a path that is not there
        """
        left = dict(layers)
        unique = {node.layer: node.layer for node in self.nodes}
        nodes = []
        for node in self.nodes:
            if node.path in left:
                layer = left.pop(node.path)
                node = node._replace(layer=unique.setdefault(layer, layer))
            nodes.append(node)
        if left:
            raise KeyError(*left)
        return self._replace(nodes=tuple(nodes))

    def check(self) -> None:
        """Require that every node has a path of its own, and reads what stands before it.

        Errors:  duplicate-path, unknown-wire, wire-from-behind
        """
        before = set(self.inputs)
        found: list[Diagnostic] = []
        for node in self.nodes:
            if not before.issuperset(node.inputs):
                found += [self._loose_wire(node, wire) for wire in node.inputs if wire not in before]
            if node.path in before:
                found.append(_duplicate_path(node))
            before.add(node.path)
        found += [_unknown_output(wire) for wire in self.outputs if wire not in before]
        if found:
            raise InputError(found)

    def _loose_wire(self, node: Node, wire: str) -> Diagnostic:
        """The objection to a wire that has no beginning before its end."""
        facts = {"path": node.path, "wire": wire}
        if any(other.path == wire for other in self.nodes):
            return Diagnostic(
                "wire-from-behind",
                "`{path}` reads `{wire}`, which does not stand before it",
                facts,
                node.origin.span,
                help="put the layers into the order that they run in; where there is none, they run in a circle",
            )
        return Diagnostic(
            "unknown-wire",
            "`{path}` reads `{wire}`, and nothing is called so",
            facts,
            node.origin.span,
            help="a layer reads inputs of the network and outputs of layers, by their paths",
        )


def _duplicate_path(node: Node) -> Diagnostic:
    return Diagnostic(
        "duplicate-path",
        "`{path}` is there twice",
        {"path": node.path},
        node.origin.span,
        help="give every layer a path of its own",
    )


def _unknown_output(wire: str) -> Diagnostic:
    return Diagnostic(
        "unknown-wire",
        "the network puts out `{wire}`, and nothing is called so",
        {"wire": wire},
        help="the outputs of a network are paths of its layers",
    )


def input_names(inputs: Collection[str]) -> dict[str, str]:
    """What each input may be called: `input` stands for the only one, whatever its name."""
    names = {name: name for name in inputs}
    return {**names, "input": next(iter(inputs))} if len(inputs) == 1 else names

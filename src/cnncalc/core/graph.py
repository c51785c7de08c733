"""The graph of a network: an immutable DAG in topological order. Blocks, repeats and residuals are expanded already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from cnncalc.core.errors import Diagnostic, InputError, Span
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.text import printable_text


class Places(Protocol):
    """The place of each option; a dictionary will do."""

    def get(self, name: str, default: Any = None, /) -> Any:
        """The place of an option, or the default."""


NOWHERE: dict[str, Span] = {}
"""The places of options that were not written in any source."""


class Origin(NamedTuple):
    """The place where the user wrote a layer, and that of each option."""

    span: Span | None = None
    options: Places = NOWHERE


class Node(NamedTuple):
    """One layer of a network.

    `path` is its place in the hierarchy (`layer1.0.conv1`); `inputs` are paths of earlier nodes or names of network
    inputs; `weights_from` is the path of the node whose weights this one reads instead of its own. `functional` says
    that the author's torch code calls a function where others have a module, which some tools count otherwise, and
    `modules_ended` how many groups end here that are modules of their own, and no plain `Sequential`.
    """

    path: str
    layer: Any  # a cnncalc.layers Layer; core does not know the rules
    inputs: tuple[str, ...]
    origin: Origin = Origin()
    weights_from: str | None = None
    functional: bool = False
    modules_ended: int = 0


class Accuracy(NamedTuple):
    """A published accuracy in percent, with its source: on ImageNet-1k, or on what `measure` says."""

    top1: float | None = None
    top5: float | None = None
    source: str = ""
    score: float | None = None
    measure: str = ""


class Metadata(NamedTuple):
    """Title, year, paper and accuracy of an architecture."""

    title: str = ""
    year: int | None = None
    paper: str = ""
    accuracy: Accuracy = Accuracy()
    notes: str = ""


class Literal(NamedTuple):
    """An array written out in a description: an input, or a weight of a layer."""

    shape: Shape  # as written: leading axes of 1 may be left out
    numbers: tuple[float, ...]  # row-major: the last axis varies fastest
    name_span: Span | None = None
    span: Span | None = None


NOTHING_WRITTEN: dict[str, Literal] = {}
"""The values of a description without written arrays."""

NO_ALIASES: dict[str, str] = {}
"""The aliases of a network without aliases."""


class Graph(NamedTuple):
    """A network: named inputs with their shapes, nodes in execution order, and the paths of its outputs.

    The keys of `values` are names of inputs, or a layer's path and the name of its weight (`stem.conv1.weight`).
    `aliases` maps the name of a layer or group in a paper or lecture to its path. Inputs in `channels_last` are maps of
    shape (H, W, C), as after a permute.
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

    def __repr__(self) -> str:
        inputs = " + ".join(map(spell, self.inputs.values()))
        return f"<Graph {printable_text(self.name)}: {len(self.nodes):,} layers, input {inputs}>"

    def node(self, path: str) -> Node:
        """The node at this path.

        Errors:  KeyError
        """
        for node in self.nodes:
            if node.path == path:
                return node
        raise KeyError(path)

    def with_layers(self, layers: Mapping[str, Any]) -> Graph:
        """The same network with other layers at these paths; equal layers are one object, which makes look-ups fast.

        Errors:  KeyError for an unknown path
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
        """Require that paths are unique, and that every node reads earlier nodes or inputs.

        Errors:  duplicate-path, unknown-wire, wire-from-behind
        """
        before = set(self.inputs)
        diagnostics: list[Diagnostic] = []
        for node in self.nodes:
            if not before.issuperset(node.inputs):
                diagnostics += [self._loose_wire(node, wire) for wire in node.inputs if wire not in before]
            if node.path in before:
                diagnostics.append(_duplicate_path(node))
            before.add(node.path)
        diagnostics += [_unknown_output(wire) for wire in self.outputs if wire not in before]
        if diagnostics:
            raise InputError(diagnostics)

    def _loose_wire(self, node: Node, wire: str) -> Diagnostic:
        """The diagnostic for a wire whose source does not come before its node."""
        facts = {"path": node.path, "wire": wire}
        if any(other.path == wire for other in self.nodes):
            return Diagnostic(
                "wire-from-behind",
                "`{path}` reads `{wire}`, which does not come before it",
                facts,
                node.origin.span,
                help="put the layers into the order that they run in; if there is none, they form a cycle",
            )
        return Diagnostic(
            "unknown-wire",
            "`{path}` reads `{wire}`, and nothing has that name",
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
        "the network outputs `{wire}`, and nothing has that name",
        {"wire": wire},
        help="the outputs of a network are paths of its layers",
    )


def input_names(inputs: Collection[str]) -> dict[str, str]:
    """The names that each input goes by: `input` also means the only one, whatever its name."""
    names = {name: name for name in inputs}
    return {**names, "input": next(iter(inputs))} if len(inputs) == 1 else names

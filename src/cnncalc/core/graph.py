"""Nodes and wires: an immutable DAG in topological order. Blocks, repeats and residuals are gone by now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from cnncalc.core.errors import Span
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

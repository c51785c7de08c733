"""Lifetimes of the memory that carries values: who owns it, how large it is, and while which steps run it is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import accumulate
from typing import NamedTuple

from cnncalc.core.graph import Graph, Node


class Kind(Enum):
    """What a buffer holds."""

    INPUT = "input"
    ACTIVATION = "activation"


class Buffer(NamedTuple):
    """Memory of one image, held from the step that writes it up to the last one that reads it, both included.

    An input is there before the first step, at -1. What the network puts out is held to the end, one step behind the
    last.
    """

    owner: str  # the wire that it was made for; views and what works in place share it
    nbytes: int
    born: int
    dies: int
    kind: Kind


def lifetimes(graph: Graph, nbytes: Mapping[str, int]) -> tuple[Buffer, ...]:
    """Every buffer, running layer by layer; `nbytes` are those of each wire.

    A view shares its input's buffer. An in-place layer writes into it, unless somebody still reads what stood there.
    """
    end = len(graph.nodes)
    born = {**dict.fromkeys(graph.inputs, -1), **{node.path: step for step, node in enumerate(graph.nodes)}}
    last_read = _last_reads(graph)
    owner_of = {name: name for name in graph.inputs}
    dies: dict[str, int] = {name: last_read.get(name, end) for name in graph.inputs}  # one that nobody reads stays
    for step, node in enumerate(graph.nodes):
        owner = owner_of[node.inputs[0]]
        if _reuses(node, step, dies[owner]):
            owner_of[node.path] = owner
            dies[owner] = max(dies[owner], last_read[node.path])
        else:
            owner_of[node.path] = node.path
            dies[node.path] = last_read[node.path]
    inputs = graph.inputs
    return tuple(
        Buffer(owner, nbytes[owner], born[owner], last, Kind.INPUT if owner in inputs else Kind.ACTIVATION)
        for owner, last in dies.items()
    )


def alive_bytes(buffers: Iterable[Buffer], steps: int) -> list[int]:
    """Bytes held before the first step, and during each of so many."""
    change = [0] * (steps + 3)
    for buffer in buffers:
        change[buffer.born + 1] += buffer.nbytes
        change[buffer.dies + 2] -= buffer.nbytes
    return list(accumulate(change))[: steps + 1]


def _last_reads(graph: Graph) -> dict[str, int]:
    """For every wire the last step that reads it, or that writes it where nobody does."""
    last: dict[str, int] = {}
    for step, node in enumerate(graph.nodes):
        last[node.path] = step
        for wire in node.inputs:
            last[wire] = step
    last.update(dict.fromkeys(graph.outputs, len(graph.nodes)))
    return last


def _reuses(node: Node, step: int, owner_dies: int) -> bool:
    """Whether a node's output lives in its input's memory."""
    return node.layer.keeps_buffer or (bool(getattr(node.layer, "inplace", False)) and owner_dies <= step)

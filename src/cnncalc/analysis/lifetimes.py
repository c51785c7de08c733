"""Lifetimes of activation memory: its owner, its size, and during which steps it is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import accumulate
from typing import NamedTuple

from cnncalc.core.graph import Graph, Node


class BufferKind(Enum):
    """What a buffer holds."""

    INPUT = "input"
    ACTIVATION = "activation"


class Buffer(NamedTuple):
    """Memory of one image, held from the step that writes it to the last step that reads it, both included.

    Inputs are born at -1, before the first step. Network outputs die one step after the last.
    """

    owner: str  # the wire that it was allocated for; views and in-place layers share it
    nbytes: int
    born: int
    dies: int
    kind: BufferKind


def lifetimes(graph: Graph, nbytes: Mapping[str, int]) -> tuple[Buffer, ...]:
    """Every buffer of a run layer by layer; `nbytes` holds the bytes of each wire.

    A view shares its input's buffer. An in-place layer overwrites it, unless a later step still reads the old values.
    """
    end = len(graph.nodes)
    born = {**dict.fromkeys(graph.inputs, -1), **{node.path: step for step, node in enumerate(graph.nodes)}}
    last_read = _last_reads(graph)
    owner_of = {name: name for name in graph.inputs}
    dies: dict[str, int] = {name: last_read.get(name, end) for name in graph.inputs}  # an unread input stays alive
    for step, node in enumerate(graph.nodes):
        owner = owner_of[node.inputs[0]]
        if _reuses_input(node, step, dies[owner]):
            owner_of[node.path] = owner
            dies[owner] = max(dies[owner], last_read[node.path])
        else:
            owner_of[node.path] = node.path
            dies[node.path] = last_read[node.path]
    inputs = graph.inputs
    return tuple(
        Buffer(owner, nbytes[owner], born[owner], last, BufferKind.INPUT if owner in inputs else BufferKind.ACTIVATION)
        for owner, last in dies.items()
    )


def alive_bytes(buffers: Iterable[Buffer], steps: int) -> list[int]:
    """Bytes held before the first step, and during each step."""
    change = [0] * (steps + 3)
    for buffer in buffers:
        change[buffer.born + 1] += buffer.nbytes
        change[buffer.dies + 2] -= buffer.nbytes
    return list(accumulate(change))[: steps + 1]


def _last_reads(graph: Graph) -> dict[str, int]:
    """For every wire the last step that reads it, or the step that writes it where none does."""
    last: dict[str, int] = {}
    for step, node in enumerate(graph.nodes):
        last[node.path] = step
        for wire in node.inputs:
            last[wire] = step
    last.update(dict.fromkeys(graph.outputs, len(graph.nodes)))
    return last


def _reuses_input(node: Node, step: int, owner_dies: int) -> bool:
    """Whether a node's output lies in its input's memory."""
    return node.layer.keeps_buffer or (bool(getattr(node.layer, "inplace", False)) and owner_dies <= step)

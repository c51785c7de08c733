"""Peak of the activation memory: which tensors are alive at the same time."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.core.graph import Graph, Node
from cnncalc.core.tensor import TensorSpec


def peak_bytes(graph: Graph, specs: Mapping[str, TensorSpec]) -> int:
    """Most bytes of one image alive at once, running layer by layer.

    An output is freed after its last reader, and the network's own outputs never. Views share their input's buffer. An
    in-place layer writes into it, unless somebody still reads what stood there.
    """
    buffer_of, last_use = _buffers(graph)
    dying: list[list[str]] = [[] for _ in graph.nodes]
    for owner, step in last_use.items():
        if step < len(graph.nodes):
            dying[step].append(owner)
    nbytes = {owner: specs[owner].nbytes for owner in last_use}
    alive = sum([nbytes[name] for name in graph.inputs])
    peak = alive
    for node, freed in zip(graph.nodes, dying, strict=True):
        if buffer_of[node.path] == node.path:
            alive += nbytes[node.path]
            if alive > peak:
                peak = alive
        for owner in freed:
            alive -= nbytes[owner]
    return peak


def _buffers(graph: Graph) -> tuple[dict[str, str], dict[str, int]]:
    """For every wire the wire that owns its memory, and for every owner the step after which nobody reads it."""
    end = len(graph.nodes)
    last_read: dict[str, int] = dict.fromkeys(graph.inputs, -1)
    for step, node in enumerate(graph.nodes):
        last_read[node.path] = step
        for wire in node.inputs:
            last_read[wire] = step
    for wire in graph.outputs:
        last_read[wire] = end
    buffer_of = {name: name for name in graph.inputs}
    last_use: dict[str, int] = dict(last_read)
    for step, node in enumerate(graph.nodes):
        owner = buffer_of[node.inputs[0]]
        if _reuses(node, owner, step, last_use):
            buffer_of[node.path] = owner
            del last_use[node.path]
            last_use[owner] = max(last_use[owner], last_read[node.path])
        else:
            buffer_of[node.path] = node.path
    return buffer_of, last_use


def _reuses(node: Node, owner: str, step: int, last_use: Mapping[str, int]) -> bool:
    """Whether a node's output lives in its input's memory."""
    if node.layer.keeps_buffer:
        return True
    return bool(getattr(node.layer, "inplace", False)) and last_use[owner] <= step

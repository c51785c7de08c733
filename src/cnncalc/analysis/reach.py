"""Receptive fields along a graph: what a layer's windows make of what its inputs see."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.field import ITSELF, Field, TooManyPhases
from cnncalc.core.graph import Node
from cnncalc.core.tensor import TensorSpec


class Reach(NamedTuple):
    """What the units of one tensor see of the network's input.

    `axes` holds the field on each spatial axis of the input, borders ignored. `on_grid` says whether the tensor still
    has those axes; flattened, each unit sees the field of the map unit it was. `global_by` names the layer that lets
    every unit see the whole input, and how; `axes` then tells what is seen without it.
    """

    frame: tuple[int, ...]  # spatial extents of the network input that positions refer to
    axes: tuple[Field, ...]
    extents: tuple[int, ...]  # of the tensor, on the same axes
    on_grid: bool = True
    global_by: str = ""


def of_input(shape: tuple[int, ...]) -> Reach | None:
    """What an input sees of itself; None without spatial axes."""
    spatial = shape[1:]
    return Reach(spatial, (ITSELF,) * len(spatial), spatial) if spatial else None


def step(
    node: Node,
    inputs: tuple[TensorSpec, ...],
    output: TensorSpec,
    seen: tuple[Reach | None, ...],
    windows: tuple[Field, ...] | None,
    reason: str,
) -> Reach | None:
    """What the outputs of a node see, from what its inputs see; None where that cannot be told."""
    try:
        reach = seen[0] if len(seen) == 1 else _joined(node, inputs, output, seen)
        if reach is None:
            return None
        if not reach.on_grid:
            return _off_grid(node, reach, output, reason)
        if windows is None:
            flat = reach._replace(on_grid=False)
            return _off_grid(node, flat, output, reason) if reason else flat
        if len(seen) == 1:
            axes = tuple(
                axis if window is ITSELF else axis.through(window)
                for axis, window in zip(reach.axes, windows, strict=True)
            )
            extents = output.spatial if output.spatial else (1,) * len(axes)
            reach = reach._replace(axes=axes, extents=extents, on_grid=bool(output.spatial))
        return reach._replace(global_by=f"{reason}: {node.path}") if reason and not reach.global_by else reach
    except TooManyPhases:
        return None


def _off_grid(node: Node, reach: Reach, output: TensorSpec, reason: str) -> Reach | None:
    """A layer behind a flatten: element-wise ones keep what is seen, mixing ones see all units together."""
    if not reason:
        return reach
    axes = tuple(_together(axis, extent) for axis, extent in zip(reach.axes, reach.extents, strict=True))
    return reach._replace(axes=axes, extents=(1,) * len(axes), global_by=reach.global_by or f"{reason}: {node.path}")


def _together(axis: Field, extent: int) -> Field:
    """What all units of an axis see between them; every unit behind them sees the same."""
    return Field(0, (axis.of_units(0, extent - 1),))


def _joined(
    node: Node, inputs: tuple[TensorSpec, ...], output: TensorSpec, seen: tuple[Reach | None, ...]
) -> Reach | None:
    """The union over branches. A gate, one value per channel, does not move the field but makes it global."""
    main = [(x, r) for x, r in zip(inputs, seen, strict=True) if x.spatial == output.spatial]
    first = main[0][1] if main else None
    if first is None:
        return None
    gates = [r for x, r in zip(inputs, seen, strict=True) if x.spatial != output.spatial]
    axes: tuple[Field, ...] = first.axes
    reason = first.global_by
    for _, other in main[1:]:
        if other is None or other.frame != first.frame or other.on_grid != first.on_grid:
            return None
        united = []
        for one, two, extent in zip(axes, other.axes, first.extents, strict=True):
            joint = one.union(two)
            if joint is None and (first.global_by or other.global_by or extent == 1):
                joint = max(one, two, key=lambda axis: axis.size)  # one unit, or all alike: no rate to disagree about
            if joint is None:
                return None
            united.append(joint)
        axes = tuple(united)
        reason = reason or other.global_by
    for gate in gates:
        if gate is not None and gate.global_by:
            reason = reason or f"squeeze-excite gate: {node.path}"
    return first._replace(axes=axes, extents=output.spatial or first.extents, global_by=reason)

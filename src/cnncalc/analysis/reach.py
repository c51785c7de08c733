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
    every unit see the whole input, and how. Behind a global pool or a linear layer that is all there is to say; a gate
    or the statistics of a norm leave a window besides, `windowed`, which `axes` tells.
    """

    frame: tuple[int, ...]  # spatial extents of the network input that positions refer to
    axes: tuple[Field, ...]
    extents: tuple[int, ...]  # of the tensor, on the same axes
    on_grid: bool = True
    windowed: bool = True
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
    if any(x.channels_last for x in inputs) and not node.layer.any_layout:
        return None  # what the layer takes for its channels is an axis of the map
    reach = seen[0]
    if len(seen) == 1 and windows == UNMOVED.get(len(inputs[0].shape)) == UNMOVED.get(len(output.shape)) and not reason:
        return reach  # element-wise layers, half of any network
    try:
        if len(seen) > 1:
            reach = _joined(node, inputs, output, seen)
        if reach is None:
            return None
        if not reach.on_grid or windows is None:
            return _mixed(node, reach, reason) if reason else reach._replace(on_grid=False)
        if len(seen) == 1:
            reach = _moved(reach, windows, output)
        if not reason:
            return reach
        unmoved = windows == UNMOVED.get(len(inputs[0].shape))
        return reach._replace(
            windowed=reach.windowed and unmoved, global_by=reach.global_by or f"{reason}: {node.path}"
        )
    except TooManyPhases:
        return None


UNMOVED = {axes + 1: (ITSELF,) * axes for axes in range(1, 6)}
"""Windows of layers that look only where they stand, by the rank of their input."""


def _moved(reach: Reach, windows: tuple[Field, ...], output: TensorSpec) -> Reach:
    """The field seen through one more layer's windows."""
    first, window = reach.axes[0], windows[0]
    if len(set(reach.axes)) == 1 == len(set(windows)):  # square: one axis speaks for all
        axes: tuple[Field, ...] = (first.through(window),) * len(windows)
    else:
        axes = tuple([axis.through(window) for axis, window in zip(reach.axes, windows, strict=True)])
    extents = output.spatial
    if not extents:
        return Reach(reach.frame, axes, (1,) * len(axes), False, reach.windowed, reach.global_by)
    return Reach(reach.frame, axes, extents, True, reach.windowed, reach.global_by)


def _mixed(node: Node, reach: Reach, reason: str) -> Reach:
    """A layer that mixes all units: each of its outputs sees what they see between them."""
    axes = tuple([_together(axis, extent) for axis, extent in zip(reach.axes, reach.extents, strict=True)])
    return Reach(reach.frame, axes, (1,) * len(axes), False, False, reach.global_by or f"{reason}: {node.path}")


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
    reason, windowed = first.global_by, first.windowed
    for _, other in main[1:]:
        if other is None or other.frame != first.frame or other.on_grid != first.on_grid:
            return None
        united = []
        for one, two, extent in zip(axes, other.axes, first.extents, strict=True):
            joint = one.union(two)
            if joint is None and (extent == 1 or not (first.windowed and other.windowed)):
                joint = max(one, two, key=lambda axis: axis.size)  # one unit, or all alike: no rate to disagree about
            if joint is None:
                return None
            united.append(joint)
        axes = tuple(united)
        reason, windowed = reason or other.global_by, windowed and other.windowed
    for gate in gates:
        if gate is not None and not gate.global_by:
            return None  # one window that every unit sees besides its own: neither a grid of fields nor the whole input
        if gate is not None:
            reason = reason or f"squeeze-excite gate: {node.path}"
    return Reach(first.frame, axes, output.spatial or first.extents, first.on_grid, windowed, reason)

"""Receptive fields along a graph: those of a layer's outputs, from its windows and the fields of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, Field, TooManyPhases, whole_axis
from cnncalc.core.graph import Node
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.translation import Phrase


class Reach(NamedTuple):
    """What the units of one tensor see of the network's input.

    `axes` holds the field on each spatial axis of the input, borders ignored. `on_grid` says whether the tensor still
    has those axes; after a flatten, units keep the fields of the map. `global_by` names the layer through which
    every unit sees the whole input, and how. After a global pool or a linear layer there is no window; a gate or the
    statistics of a norm leave one besides (`windowed`), given by `axes`. Off the grid, `channels` is the tensor axis
    that holds nothing but channels, if there is one: a layer that works along another axis mixes rows.
    """

    frame: tuple[int, ...]  # spatial extents of the network input that positions refer to
    axes: tuple[Field, ...]
    extents: tuple[int, ...]  # of the tensor, on the same axes
    on_grid: bool = True
    windowed: bool = True
    global_by: str = ""
    channels: int | None = None

    @property
    def reason(self) -> tuple[str, str]:
        """How every unit sees the whole input, and the path of the layer that causes it."""
        how, _colon, path = self.global_by.partition(": ")
        return Phrase(how), path


def input_reach(spatial: tuple[int, ...]) -> Reach | None:
    """The reach of a network input: every unit sees itself; None without spatial axes."""
    return Reach(spatial, (ITSELF,) * len(spatial), spatial) if spatial else None


BLIND = Reach((), (), ())
"""The reach of stored tensors, and of what is computed of them alone: they see no input."""


def output_reach(
    node: Node,
    inputs: tuple[TensorSpec, ...],
    output: TensorSpec,
    seen: tuple[Reach | None, ...],
    windows: tuple[Field, ...] | None,
    reason: str,
) -> Reach | None:
    """The reach of a node's output, from that of its inputs (`seen`); None where it is not tracked."""
    if BLIND in seen and node.layer.windows_of_each(*inputs) is None:
        sighted = [(x, reach) for x, reach in zip(inputs, seen, strict=True) if reach != BLIND]
        inputs, seen = tuple([x for x, _ in sighted]), tuple([reach for _, reach in sighted])
        if len(seen) == 1 and node.layer.traits.broadcasts and inputs[0].shape == output.shape:
            return seen[0]
        if len(seen) == 1:
            inputs, seen = inputs * 2, seen * 2  # a union with itself
    layouts = {x.channels_last for x in inputs}
    if len(layouts) > 1 or (True in layouts and not node.layer.any_layout):
        return None  # the layer treats a spatial axis as channels
    reach = seen[0]
    each = node.layer.windows_of_each(*inputs) if len(seen) > 1 else None
    in_place = inputs[0].spatial == output.spatial and windows == UNMOVED.get(len(inputs[0].shape))
    if len(seen) == 1 and in_place and not reason and (reach is None or reach.on_grid):
        return reach  # the fast path for element-wise layers, half of any network
    try:
        if each is not None:
            return _union_through_windows(seen, each, output)
        if len(seen) > 1:
            reach = _union_of_branches(node, inputs, output, seen)
        if reach is None:
            return None
        if not reach.on_grid or windows is None:
            main = next((x for x in inputs if x.spatial == output.spatial), inputs[0])  # others are gates
            return _reach_off_grid(node, main, reach, windows, reason)
        if len(seen) == 1:
            reach = _reach_through(reach, windows, output)
        if not reason:
            return reach
        unmoved = windows == UNMOVED.get(len(inputs[0].shape))
        return reach._replace(
            windowed=reach.windowed and unmoved, global_by=reach.global_by or f"{reason!s}: {node.path}"
        )
    except TooManyPhases:
        return None


def look_count(reach: Reach | None, seen: tuple[Reach | None, ...], windows: tuple[Field, ...] | None) -> int:
    """About how many positions `output_reach` examined for a layer; none for ordinary windows."""
    if reach is None or reach is seen[0]:
        return 0
    largest = max([window.size for window in windows or ()], default=0)  # off the grid, there may be fewer than axes
    return sum([len(axis.intervals) * (10 + largest) for axis in reach.axes if len(axis.intervals) > 1])


UNMOVED = {axes + 1: (ITSELF,) * axes for axes in range(1, 6)}
"""Windows of layers whose units see their own position alone, by the rank of the input."""


def _reach_through(reach: Reach, windows: tuple[Field, ...], output: TensorSpec) -> Reach:
    """The reach through the windows of one more layer."""
    first, window = reach.axes[0], windows[0]
    if len(set(reach.axes)) == 1 == len(set(windows)):  # square: one axis stands for all
        axes: tuple[Field, ...] = (first.through(window),) * len(windows)
    else:
        axes = tuple([axis.through(window) for axis, window in zip(reach.axes, windows, strict=True)])
    extents = output.spatial
    if not extents:  # a vector with one unit per window
        counts = tuple([len(window.intervals) for window in windows])
        return Reach(reach.frame, axes, counts, False, reach.windowed, reach.global_by)
    return Reach(reach.frame, axes, extents, True, reach.windowed, reach.global_by)


def _reach_off_grid(
    node: Node, x: TensorSpec, reach: Reach, windows: tuple[Field, ...] | None, reason: str
) -> Reach | None:
    """The reach of a layer that leaves the axes of the input, or follows one that did."""
    if reach.global_by and not reach.windowed:
        return reach._replace(on_grid=False)
    layer = node.layer
    if windows is not None and x.spatial and len(node.inputs) == 1 and not (layer.any_layout or layer.keeps_buffer):
        return None  # the layer treats other axes as spatial ones
    if reach.on_grid and len(node.inputs) > 1:
        return None  # the layer joins sequences, and a map (C, L) is not one
    channels = reach.channels
    if reach.on_grid:
        channels = len(x.shape) - 1 if x.channels_last else 0
    if reason and layer.in_heads and channels != len(x.shape) - 1:
        return None  # each head mixes its own part of the rows alone
    mixed = layer.mixed_axes(x)
    if mixed is not None:
        rows = {*range(len(x.shape))} - {channels}
        if {*mixed} >= rows:
            return _mixed_reach(node, reach, reason or layer.mixing)
        if {*mixed} & rows:
            return None  # some rows are mixed, and some are not
        return reach._replace(on_grid=False, channels=None if channels is None else _axis_after(node, x, channels))
    if layer.last_axes:
        others = range(len(x.shape) - layer.last_axes)
        if others and channels == len(others) == len(x.shape) - 1:
            return reach._replace(on_grid=False, channels=channels)
        if set(others) - {channels}:
            return None  # some rows are mixed, and some are not
        if layer.in_heads:
            return None  # so does each half
        reason = reason or layer.global_by(x.with_shape(x.shape[-1:]))
    if reason:
        return _mixed_reach(node, reach, reason)
    return reach._replace(on_grid=False, channels=None if channels is None else _axis_after(node, x, channels))


A_NUMBER_OF_ITS_OWN = 1_000_003
"""A prime that is no extent of another axis, nor of several that are flattened."""


def _axis_after(node: Node, x: TensorSpec, axis: int) -> int | None:
    """The position of an axis after a layer; None where it was merged with others, or sliced."""
    shape = list(x.shape)
    shape[axis] = A_NUMBER_OF_ITS_OWN
    try:
        moved = node.layer.output(x._replace(shape=tuple(shape))).shape
    except Fault:
        return None
    return moved.index(A_NUMBER_OF_ITS_OWN) if A_NUMBER_OF_ITS_OWN in moved else None


def _mixed_reach(node: Node, reach: Reach, reason: str) -> Reach:
    """The reach of a layer that mixes all units: each output sees the union of their fields."""
    axes = tuple([_field_of_all(axis, extent) for axis, extent in zip(reach.axes, reach.extents, strict=True)])
    return Reach(reach.frame, axes, (1,) * len(axes), False, False, reach.global_by or f"{reason!s}: {node.path}")


def _field_of_all(axis: Field, extent: int) -> Field:
    """The union of the fields of all units of an axis, which every unit of the next layer sees."""
    return Field(0, (axis.of_units(0, extent - 1),))


def _gate_name(node: Node) -> Phrase:
    """The name of one value per channel that multiplies a map, or that does something else with it."""
    return Phrase("squeeze-excite gate") if node.layer.traits.scales_channels else Phrase("one value per channel")


def _union_of_branches(
    node: Node, inputs: tuple[TensorSpec, ...], output: TensorSpec, seen: tuple[Reach | None, ...]
) -> Reach | None:
    """The union over branches. A gate, one value per channel, does not move the field but makes it global."""
    if node.layer.traits.broadcasts and any(x.shape != output.shape for x in inputs):
        if any(set(x.spatial) > {1} and x.spatial != output.spatial for x in inputs):
            return _union_of_repeated(node, inputs, output, seen)
        if any(
            r and r.windowed and not r.on_grid and x.shape != output.shape for x, r in zip(inputs, seen, strict=True)
        ):
            return None  # units off the grid are repeated
    main = [(x, r) for x, r in zip(inputs, seen, strict=True) if x.spatial == output.spatial]
    first = main[0][1] if main else None
    if first is None:
        return None
    side_by_side = not first.on_grid and output.shape != main[0][0].shape
    if side_by_side and any(r and (r.windowed, r.axes) != (first.windowed, first.axes) for _, r in main):
        return None  # values with different fields lie along one axis
    gates = [r for x, r in zip(inputs, seen, strict=True) if x.spatial != output.spatial]
    both = _union(first, [r for _, r in main[1:]])
    if both is None:
        return None
    reason = both.global_by
    for gate in gates:
        if gate is not None and not gate.global_by:
            return None  # a window that all units share besides their own: neither a grid of fields nor the whole input
        if gate is not None:
            reason = reason or f"{_gate_name(node)!s}: {node.path}"
    return both._replace(extents=(both.on_grid and output.spatial) or first.extents, global_by=reason)


def _union_of_repeated(
    node: Node, inputs: tuple[TensorSpec, ...], output: TensorSpec, seen: tuple[Reach | None, ...]
) -> Reach | None:
    """The union over inputs of which some have one row along an axis: every unit there sees what that row sees."""
    reason, parts = "", []
    for x, reach in zip(inputs, seen, strict=True):
        if reach is None or len(x.shape) != len(output.shape):
            return None
        if reach.global_by and set(x.spatial) <= {1}:
            reason = reason or f"{_gate_name(node)!s}: {node.path}"
            continue
        if not reach.on_grid:
            return None
        extents = zip(reach.axes, x.spatial, output.spatial, strict=True)
        axes = [axis if n == joint else axis.through(whole_axis(1)) for axis, n, joint in extents]
        parts.append(reach._replace(axes=tuple(axes), extents=output.spatial))
    both = _union(parts[0], parts[1:])
    return both and both._replace(global_by=both.global_by or reason)


def _union_through_windows(
    seen: tuple[Reach | None, ...], each: tuple[tuple[Field, ...] | None, ...], output: TensorSpec
) -> Reach | None:
    """The union over inputs that each have windows of their own."""
    parts = []
    for reach, windows in zip(seen, each, strict=True):
        if windows is None:
            continue
        if reach is None or reach is BLIND or not reach.on_grid:
            return None
        parts.append(_reach_through(reach, windows, output))
    return _union(parts[0], parts[1:])


def _sees_all(axis: Field, size: int) -> bool:
    """Whether every unit sees all positions of an axis."""
    seen = axis.intervals[0]
    return axis.advance == 0 == len(axis.intervals) - 1 and seen is not None and seen[0] <= 0 and size - 1 <= seen[1]


def _union(first: Reach, others: Sequence[Reach | None]) -> Reach | None:
    """The reach of units that read all of these, position by position; None where that is no field."""
    axes: tuple[Field, ...] = first.axes
    reason, windowed, channels = first.global_by, first.windowed, first.channels
    for other in others:
        if other is None or other.frame != first.frame or other.on_grid != first.on_grid:
            return None
        if not first.on_grid and first.windowed and other.windowed and other.extents != first.extents:
            return None
        united = []
        for one, two, extent, n in zip(axes, other.axes, first.extents, first.frame, strict=True):
            joint = one.union(two)
            if joint is None and (extent == 1 or not (first.windowed and other.windowed)):
                joint = max(one, two, key=lambda axis: axis.size)  # one unit, or all alike: jumps cannot disagree
            if joint is None and (_sees_all(one, n) or _sees_all(two, n)):
                joint = whole_axis(n)
            if joint is None:
                return None
            united.append(joint)
        axes = tuple(united)
        reason, windowed = reason or other.global_by, windowed and other.windowed
        channels = channels if other.channels == channels else None
    return first._replace(axes=axes, windowed=windowed, global_by=reason, channels=channels)

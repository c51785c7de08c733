"""Receptive fields along a graph: what a layer's windows make of what its inputs see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, Field, TooManyPhases
from cnncalc.core.graph import Node
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.translation import Phrase


class Reach(NamedTuple):
    """What the units of one tensor see of the network's input.

    `axes` holds the field on each spatial axis of the input, borders ignored. `on_grid` says whether the tensor still
    has those axes; flattened, each unit sees the field of the map unit it was. `global_by` names the layer that lets
    every unit see the whole input, and how. Behind a global pool or a linear layer that is all there is to say; a gate
    or the statistics of a norm leave a window besides, `windowed`, which `axes` tells. Off the grid, `channels` is the
    axis of the tensor that they lie along by themselves, if there is one: a layer that goes along another mixes rows.
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
        """How every unit sees the whole input, and the path of the layer that does it."""
        how, _colon, path = self.global_by.partition(": ")
        return Phrase(how), path


def of_input(spatial: tuple[int, ...]) -> Reach | None:
    """What an input sees of itself, from its spatial axes; None without any."""
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
    each = node.layer.windows_of_each(*inputs) if len(seen) > 1 else None
    in_place = inputs[0].spatial == output.spatial and windows == UNMOVED.get(len(inputs[0].shape))
    if len(seen) == 1 and in_place and not reason and (reach is None or reach.on_grid):
        return reach  # element-wise layers, half of any network
    try:
        if each is not None:
            return _brought_together(seen, each, output)
        if len(seen) > 1:
            reach = _joined(node, inputs, output, seen)
        if reach is None:
            return None
        if not reach.on_grid or windows is None:
            return _off_the_grid(node, inputs[0], reach, windows, reason)
        if len(seen) == 1:
            reach = _moved(reach, windows, output)
        if not reason:
            return reach
        unmoved = windows == UNMOVED.get(len(inputs[0].shape))
        return reach._replace(
            windowed=reach.windowed and unmoved, global_by=reach.global_by or f"{reason!s}: {node.path}"
        )
    except TooManyPhases:
        return None


def looks(reach: Reach | None, seen: tuple[Reach | None, ...], windows: tuple[Field, ...] | None) -> int:
    """About how many positions were looked at to work out what a layer's outputs see; none for ordinary windows."""
    if reach is None or reach is seen[0]:
        return 0
    taken = 0
    for place, axis in enumerate(reach.axes):
        if len(axis.intervals) > 1:
            taken += len(axis.intervals) * (10 + (windows[place].size if windows else 0))
    return taken


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
    if not extents:  # units of a vector: one for every window that there is
        counts = tuple([len(window.intervals) for window in windows])
        return Reach(reach.frame, axes, counts, False, reach.windowed, reach.global_by)
    return Reach(reach.frame, axes, extents, True, reach.windowed, reach.global_by)


def _off_the_grid(
    node: Node, x: TensorSpec, reach: Reach, windows: tuple[Field, ...] | None, reason: str
) -> Reach | None:
    """A layer that leaves the axes of the input, or comes behind one that did: what is unsaid stays as it was."""
    if reach.global_by and not reach.windowed:
        return reach._replace(on_grid=False)
    layer = node.layer
    if windows is not None and x.spatial and len(node.inputs) == 1 and not (layer.any_layout or layer.keeps_buffer):
        return None  # what the layer takes for axes of the map are others
    if reach.on_grid and len(node.inputs) > 1:
        return None  # sequences brought together, which (C, L) is none of
    channels = reach.channels
    if reach.on_grid:
        channels = len(x.shape) - 1 if x.channels_last else 0
    if layer.last_axes:
        others = range(len(x.shape) - layer.last_axes)
        if others and channels == len(others) == len(x.shape) - 1:
            return reach._replace(on_grid=False, channels=channels)
        if set(others) - {channels}:
            return None  # some rows are brought together, and some are not
        reason = reason or layer.global_by(x.with_shape(x.shape[-1:]))
    if reason:
        return _mixed(node, reach, reason)
    return reach._replace(on_grid=False, channels=None if channels is None else _behind(node, x, channels))


A_NUMBER_OF_ITS_OWN = 1_000_003
"""A prime that no other axis has, nor several laid end to end."""


def _behind(node: Node, x: TensorSpec, axis: int) -> int | None:
    """Where an axis is found behind a layer; None where it lies together with others, or was cut."""
    shape = list(x.shape)
    shape[axis] = A_NUMBER_OF_ITS_OWN
    try:
        moved = node.layer.output(x._replace(shape=tuple(shape))).shape
    except Fault:
        return None
    return moved.index(A_NUMBER_OF_ITS_OWN) if A_NUMBER_OF_ITS_OWN in moved else None


def _mixed(node: Node, reach: Reach, reason: str) -> Reach:
    """A layer that mixes all units: each of its outputs sees what they see between them."""
    axes = tuple([_together(axis, extent) for axis, extent in zip(reach.axes, reach.extents, strict=True)])
    return Reach(reach.frame, axes, (1,) * len(axes), False, False, reach.global_by or f"{reason!s}: {node.path}")


def _together(axis: Field, extent: int) -> Field:
    """What all units of an axis see between them; every unit behind them sees the same."""
    return Field(0, (axis.of_units(0, extent - 1),))


GATE = Phrase("squeeze-excite gate")
"""What one value per channel is, where it multiplies a map."""


def _joined(
    node: Node, inputs: tuple[TensorSpec, ...], output: TensorSpec, seen: tuple[Reach | None, ...]
) -> Reach | None:
    """The union over branches. A gate, one value per channel, does not move the field but makes it global."""
    main = [(x, r) for x, r in zip(inputs, seen, strict=True) if x.spatial == output.spatial]
    first = main[0][1] if main else None
    if first is None:
        return None
    gates = [r for x, r in zip(inputs, seen, strict=True) if x.spatial != output.spatial]
    both = _union(first, [r for _, r in main[1:]])
    if both is None:
        return None
    reason = both.global_by
    for gate in gates:
        if gate is not None and not gate.global_by:
            return None  # one window that every unit sees besides its own: neither a grid of fields nor the whole input
        if gate is not None:
            reason = reason or f"{GATE!s}: {node.path}"
    return both._replace(extents=(both.on_grid and output.spatial) or first.extents, global_by=reason)


def _brought_together(
    seen: tuple[Reach | None, ...], each: tuple[tuple[Field, ...] | None, ...], output: TensorSpec
) -> Reach | None:
    """The union over inputs that are looked at through windows of their own."""
    parts = []
    for reach, windows in zip(seen, each, strict=True):
        if windows is None:
            continue
        if reach is None or not reach.on_grid:
            return None
        parts.append(_moved(reach, windows, output))
    return _union(parts[0], parts[1:])


def _union(first: Reach, others: Sequence[Reach | None]) -> Reach | None:
    """What units see that read all of these, position by position; None where that is no field."""
    axes: tuple[Field, ...] = first.axes
    reason, windowed, channels = first.global_by, first.windowed, first.channels
    for other in others:
        if other is None or other.frame != first.frame or other.on_grid != first.on_grid:
            return None
        if not first.on_grid and first.windowed and other.windowed and other.extents != first.extents:
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
        channels = channels if other.channels == channels else None
    return first._replace(axes=axes, windowed=windowed, global_by=reason, channels=channels)

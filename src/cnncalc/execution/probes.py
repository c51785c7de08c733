"""Receptive fields, found by disturbing the input and watching which outputs move.

Every row of the input is disturbed in turn, one spatial axis at a time. The kernels of the network really run, but on
one channel instead of hundreds, with all weights one, and along the other axes on no more rows than they need: which
outputs move depends on none of that. What moves at a layer is what is disturbed at the next.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from cnncalc.core.tensor import Shape, WeightSpec
from cnncalc.execution import kernels
from cnncalc.execution.program import Program, Step
from cnncalc.execution.tally import Array, Tally
from cnncalc.execution.task import Task, options_of
from cnncalc.execution.workers import Workers

MOST_ROWS = 640
"""Rows that are disturbed; of a longer axis those in the middle."""

NEVER = 1 << 40
"""A row beyond every map."""

ONE_CHANNEL = {
    "out_channels": 1,
    "out_features": 1,
    "groups": 1,
    "num_groups": 1,
    "num_parameters": 1,
    "connections": None,
}
"""Options that depend on the number of channels, as one channel has them."""

COMPARES_CHANNELS = ("layer_norm", "group_norm", "softmax")
"""Types that a single channel would tell nothing: it is set against another that keeps still."""


NAMES_AN_AXIS = frozenset({"dim", "dims", "start_dim", "normalized_shape"})
"""Options of layers that treat one axis unlike another, though their options say the same of all."""


class Moved:
    """Which units of one axis moved for which disturbed row: `seen[row, unit]`; `rows` are their positions."""

    def __init__(self, rows: range, seen: Array) -> None:
        self.rows, self.seen = rows, seen

    @cached_property
    def spans(self) -> tuple[Array, Array]:
        """The first and the last row that each unit sees; a unit that sees none has its last before its first."""
        first = self.seen.argmax(axis=0)
        last = len(self.rows) - 1 - self.seen[::-1].argmax(axis=0)
        blind = ~self.seen.any(axis=0)
        return np.where(blind, NEVER, first + self.rows.start), np.where(blind, -NEVER, last + self.rows.start)

    @cached_property
    def alike(self) -> bool:
        """Whether all units see the same rows."""
        return bool((self.seen == self.seen[:, :1]).all())


class Probe:
    """The network under disturbance along one axis of its inputs of one size."""

    def __init__(self, program: Program, frame: Shape, axis: int, cache: dict[Any, Moved]) -> None:
        size = frame[axis]
        first = max(0, (size - MOST_ROWS) // 2)
        self.rows = range(first, first + min(size, MOST_ROWS))
        self._axis, self._axes, self._cache = axis, len(frame), cache
        own = self._interned(np.eye(size, dtype=bool)[self.rows.start : self.rows.stop])
        self._moved: dict[str, Moved | None] = {
            name: own if shape[1:] == frame else None for name, shape in program.inputs.items()
        }

    def through(self, step: Step, inputs: tuple[Shape, ...]) -> Moved | None:
        """What moves behind one more step; None where the disturbance cannot be followed."""
        moved = [self._moved[wire] for wire in step.inputs]
        known = [one for one in moved if one is not None]
        found = None
        if len(known) == len(moved):
            key = (step.type, self._signature(step), *map(id, known), *map(len, inputs))
            found = self._cache.get(key)
            if found is None:
                seen = self._run(step, [one.seen for one in known], inputs)
                if seen is not None:
                    same = known[0] if np.array_equal(seen, known[0].seen) else self._interned(seen)
                    found = self._cache[key] = same
        self._moved[step.path] = found
        return found

    def _run(self, step: Step, seen: list[Array], inputs: tuple[Shape, ...]) -> Array | None:
        """Which units move, by the kernel on the narrowest map that it takes."""
        widest = max((n for shape in inputs for n in shape[1:]), default=1)
        narrowest = 2 if step.type in COMPARES_CHANNELS else 1
        found = None
        for width in range(narrowest, max(widest, narrowest) + 1):
            # Whether it takes a map shows on a single image of it.
            if width > narrowest and not self._output(step, [one[:1] for one in seen], inputs, width).size:
                continue
            y = self._output(step, seen, inputs, width)
            if y.size:
                found = self._which_moved(y)
                if found.any() or not any(one.any() for one in seen):  # dilated taps can miss a narrow map
                    break
        return found

    def _output(self, step: Step, seen: list[Array], inputs: tuple[Shape, ...], width: int) -> Array:
        """What a step makes of a disturbance; nothing where it cannot be followed, or no window fits."""
        arrays = [self._disturbed(step, one, shape, width) for one, shape in zip(seen, inputs, strict=True)]
        present = [array for array in arrays if array is not None]
        try:
            if len(present) == len(arrays):
                with np.errstate(all="ignore"):
                    return _run_thin(step, inputs, present)
        except (ValueError, IndexError):
            pass
        return np.empty(0)

    def _disturbed(self, step: Step, seen: Array, shape: Shape, width: int) -> Array | None:
        """Ones, with a two wherever a disturbance has arrived; the last of the batch keeps still."""
        channels = _channels(step, shape)
        axes = len(shape) - 1
        if axes and (axes != self._axes or seen.shape[1] not in (shape[1 + self._axis], 1)):
            return None
        extents = [width if shape[1 + axis] > 1 else 1 for axis in range(axes)]
        if axes:
            extents[self._axis] = seen.shape[1]
        x = np.ones((len(seen) + 1, channels, *extents), np.float32)
        placed = [1] * axes
        if axes:
            placed[self._axis] = seen.shape[1]
        moving = 1 if step.type in COMPARES_CHANNELS else channels
        where: tuple[slice, ...] = (slice(-1), slice(moving))
        if step.type in COMPARES_CHANNELS:  # nor would rows that move along with what they are set against
            where += tuple(slice(None if axis == self._axis else 1) for axis in range(axes))
        x[where] += seen.reshape(len(seen), 1, *placed) if axes else seen.any(axis=1, keepdims=True)
        return x

    def _which_moved(self, y: Array) -> Array:
        """(rows, units): whether any value of a unit differs from the batch's last, which was left alone."""
        moved = y[:-1] != y[-1:]
        on_axes = moved.ndim - 2 == self._axes
        units = moved.shape[2 + self._axis] if on_axes else 1
        if moved.size > len(moved) * units:
            others = range(1, moved.ndim)
            moved = moved.any(axis=tuple(axis for axis in others if not (on_axes and axis == 2 + self._axis)))
        by_unit: Array = moved.reshape(len(moved), units)
        return by_unit

    def _signature(self, step: Step) -> tuple[Any, ...]:
        """The options as far as they concern this axis."""
        axis, axes = self._axis, self._axes
        of_axis = [v[axis] if type(v) is tuple and len(v) == axes else v for v in step.options.values()]
        return (*of_axis, axis) if step.options.keys() & NAMES_AN_AXIS else tuple(of_axis)

    def _interned(self, seen: Array) -> Moved:
        """One object for equal arrays, so that a step that has been run on it is not run again."""
        return self._cache.setdefault((seen.shape, seen.tobytes()), Moved(self.rows, seen))


class _Ones:
    """Every weight one, in whatever shape a kernel needs it."""

    def read(self, spec: WeightSpec) -> Array:
        """An array of ones."""
        return np.ones(spec.shape, np.float32)


def _channels(step: Step, shape: Shape) -> int:
    """How many channels a step needs to be itself."""
    if step.type in COMPARES_CHANNELS:
        return 2
    factor: int = step.options.get("upscale_factor", 1)
    return factor * factor


def _is_depthwise(step: Step, shape: Shape) -> bool:
    return bool(1 < step.options.get("groups", 1) == shape[0] == step.options.get("out_channels"))


def _run_thin(step: Step, inputs: tuple[Shape, ...], arrays: list[Array]) -> Array:
    """The kernel on one channel. One that keeps its channels apart gets the batch as channels: it is made for many."""
    changed: dict[str, Any] = {name: value for name, value in ONE_CHANNEL.items() if name in step.options}
    depthwise = _is_depthwise(step, inputs[0])
    if depthwise:
        arrays = [array.swapaxes(0, 1) for array in arrays]
        changed |= {"groups": arrays[0].shape[1], "out_channels": arrays[0].shape[1]}
    if step.type == "slice" and step.options["dim"] in (0, -len(inputs[0])):
        changed |= {"start": 0, "end": None, "step": 1}  # part of the channels sees what all of them see
    task = Task(options_of(step.options, **changed), _Ones(), Tally(), Workers())
    y = kernels.resolve(step.type)(task, *arrays)
    return y.swapaxes(0, 1) if depthwise else y

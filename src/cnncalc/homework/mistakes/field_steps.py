"""Receptive fields step by step: the windows on the way to a layer, and the field that they give on one axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple

from cnncalc.analysis.report import LayerReport
from cnncalc.core.kinds import Kind
from cnncalc.homework.mistakes.base import Case


class FieldStep(NamedTuple):
    """One step of a receptive field: the window of a layer on one axis."""

    kernel: int
    stride: int
    dilation: int
    padding: int
    pools: bool
    path: str = ""

    @property
    def width(self) -> int:
        """Positions from the first tap to the last."""
        return self.dilation * (self.kernel - 1) + 1


Steps = Sequence[FieldStep]

Axes = Sequence[Steps]


# The field of steps

Growth = Callable[[int, int, int, FieldStep], int]
"""The field after one layer, from the field, the jump and the stride before it, and the layer itself."""


def accumulate(steps: Steps, growth: Growth, start: int = 1) -> int:
    """The field after all of these steps."""
    size, jump, last = start, 1, 1
    for step in steps:
        size = growth(size, jump, last, step)
        jump, last = jump * step.stride, step.stride
    return size


def size_of(steps: Steps) -> int:
    """The size of the field."""
    return accumulate(steps, lambda r, j, last, w: r + (w.width - 1) * j)


def jump_of(steps: Steps) -> int:
    """The distance between the fields of neighbouring units: the product of the strides."""
    return reduce(lambda total, step: total * step.stride, steps, 1)


def start_of(steps: Steps) -> int:
    """The first position in the first unit's field; negative in the padding."""
    return -accumulate(steps, lambda r, j, last, w: r + w.padding * j, 0)


def on_each_axis(make: Callable[[Steps], int], axes: Axes) -> int | tuple[int, ...]:
    """A number per axis, or one if all are equal."""
    numbers = tuple(map(make, axes))
    return numbers[0] if len(set(numbers)) == 1 else numbers


# The steps to a layer


def steps_to(case: Case) -> Axes | None:
    """The steps to a layer, axis by axis; None where they do not give its field."""
    if "steps" not in case.memo:
        axes = _steps(case)
        right = {"receptive_field": size_of, "jump": jump_of, "start": start_of}[case.quantity]
        case.memo["steps"] = axes if axes and on_each_axis(right, axes) == case.right else None
    found: Axes | None = case.memo["steps"]
    return found


def steps_behind(case: Case) -> tuple[str, Axes] | None:
    """The last layer with a window whose field is known, and the steps to it from this one on, which is among them."""
    for row in reversed(case.report.rows):
        if row.reach is not None and row.reach.windowed:
            last = Case(case.question._replace(row=row), case.answer)
            axes = steps_to(last) or ()
            place = next(
                (place for place, step in enumerate(axes[0] if axes else ()) if step.path == case.row.path), None
            )
            return None if place is None or row is case.row else (row.path, [axis[place:] for axis in axes])
    return None


def narrowest_steps_to(case: Case) -> Axes | None:
    """The same along the narrowest of the paths where several meet."""
    return _steps(case, narrowest=True) if steps_to(case) is not None else None


def _steps(case: Case, *, narrowest: bool = False) -> Axes | None:
    path, found = case.row.path, []
    rows = case.report.by_path
    choose = min if narrowest else max
    while path in rows:
        row = rows[path]
        path = choose(row.node.inputs, key=lambda wire: _field_size(case, wire))
        if hasattr(row.layer, "strides") and hasattr(row.layer, "dilations") and len(row.inputs) == 1:
            found.append(_layer_steps(row))
        elif len(row.inputs) == 1 and not _keeps_field(case, row, path):
            return None
    if not found or len({len(axes) for axes in found}) > 1:
        return None
    return [list(axis) for axis in zip(*found[::-1], strict=True)]


def _layer_steps(row: LayerReport) -> list[FieldStep]:
    layer, pools = row.layer, row.kind is Kind.POOLING
    fields = row.layer.windows(row.inputs[0])
    return [
        FieldStep(k, s, d, -(field.start or 0), pools, row.path)
        for k, s, d, field in zip(layer.kernel_size, layer.strides(), layer.dilations(), fields, strict=True)
    ]


def _field_size(case: Case, wire: str) -> int:
    reach = case.report.by_path[wire].reach if wire in case.report.by_path else None
    return max((axis.size for axis in reach.axes), default=0) if reach else 0


def _keeps_field(case: Case, row: LayerReport, wire: str) -> bool:
    """Whether a layer leaves the field as it is."""
    before = case.report.by_path[wire].reach if wire in case.report.by_path else None
    if row.reach is None:
        return False
    return all(axis.size == 1 for axis in row.reach.axes) if before is None else before.axes == row.reach.axes

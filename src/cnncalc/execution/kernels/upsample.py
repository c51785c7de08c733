"""Resizing of maps: nearest or interpolated values at exact positions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import count, product, takewhile
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.layout import channels_first, channels_last
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


class Sampling(NamedTuple):
    """The input positions that each output position reads along one axis, and the weight of the higher one."""

    low: Array
    high: Array
    share: Array

    def part(self, part: slice) -> Sampling:
        """The sampling of some output positions."""
        return Sampling(self.low[part], self.high[part], self.share[part])


def upsample(task: Task, x: Array) -> Array:
    """The map resampled on another grid."""
    last = channels_last(x)
    axes = _axes(task, x.shape[2:])
    y = np.empty((len(x), *(len(axis.low) for axis in axes), x.shape[1]), x.dtype)
    blocks = y.swapaxes(0, 1)  # along the first spatial axis
    fill = _take_nearest if task.options.mode == "nearest" else interpolate

    def work(part: slice) -> None:
        fill(task, blocks[part].swapaxes(0, 1), last, (axes[0].part(part), *axes[1:]))

    task.map_blocks(blocks, work)
    return channels_first(y)


def _take_nearest(task: Task, y: Array, x: Array, axes: tuple[Sampling, ...]) -> None:
    y[...] = x[_index([axis.low for axis in axes])]


def interpolate(task: Task, y: Array, x: Array, axes: tuple[Sampling, ...]) -> None:
    """Fill in the weighted sum of the corners around every position; weights depend on the extents alone."""
    for number, corner in enumerate(product((False, True), repeat=len(axes))):
        positions = [axis.high if far else axis.low for axis, far in zip(axes, corner, strict=True)]
        shares = np.ix_(*(axis.share if far else 1 - axis.share for axis, far in zip(axes, corner, strict=True)))
        weight = np.ones(())
        for share in shares:
            weight = weight * share
        values, weight = x[_index(positions)], weight[..., None].astype(x.dtype)
        if number == 0:
            task.tally.each(Op.INTERPOLATION_MULTIPLY, np.multiply, values, weight, out=y)
            continue
        weighted = task.tally.each(Op.INTERPOLATION_MULTIPLY, np.multiply, values, weight)
        task.tally.each(Op.INTERPOLATION_ADD, np.add, y, weighted, out=y)


def _index(positions: list[Array]) -> tuple[Any, ...]:
    """An index of (N, *spatial, C) at these positions of every spatial axis."""
    return (slice(None), *np.ix_(*positions))


def _axes(task: Task, spatial: tuple[int, ...]) -> list[Sampling]:
    options = task.options
    given = options.size or options.scale_factor
    each = given * len(spatial) if len(given) == 1 else given
    axes = []
    for n, number in zip(spatial, each, strict=True):
        if options.size:
            places, distance = number, Fraction(n, number)
        else:
            distance = 1 / Fraction(repr(number))  # the factor as a decimal
            places = sum(1 for _ in takewhile(_fits_within(distance, n), count(1)))
        begin = Fraction(0)
        if options.align_corners and options.mode != "nearest":
            distance = Fraction(n - 1, max(1, places - 1))
        elif options.mode != "nearest":
            begin = (distance - 1) / 2
        axes.append(sampling(begin, distance, places, n))
    return axes


def _fits_within(distance: Fraction, size: int) -> Callable[[int], bool]:
    """Whether a number of output positions at this distance fits within the input."""
    return lambda places: places * distance <= size


def sampling(begin: Fraction, distance: Fraction, places: int, size: int) -> Sampling:
    """The sampling of equally spaced positions along an axis, clamped to its start."""
    low, share = np.empty(places, np.intp), np.empty(places)
    for place in range(places):
        at = max(begin + place * distance, Fraction(0))
        low[place] = min(at.numerator // at.denominator, size - 1)
        share[place] = float(at - int(low[place]))
    return Sampling(low, np.minimum(low + 1, size - 1), share)

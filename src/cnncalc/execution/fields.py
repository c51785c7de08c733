"""Receptive fields by rule beside those measured, on one axis of the input."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnncalc.core.field import Field, Interval
from cnncalc.execution.probes import NEVER, Seen
from cnncalc.execution.tally import Array


class Compared(NamedTuple):
    """One unit of one axis: the rows it sees by rule and by measurement, and whether both ends could be told."""

    rule: Interval
    measured: Interval
    exact: bool
    ok: bool


def on_grid(field: Field, seen: Seen, rows: range, folded: bool) -> Compared:
    """Compare the units of an axis: all of them with their bounds, those in the middle to the row.

    An end of a field is a unit's own, and no border's, where another unit sees further; unless a unit that stands on
    the other side of it does, whose taps, far apart, meet the map where those of this one reach beyond it.
    """
    first, last = seen.first, seen.last
    if first.ndim > 1:  # they do not stand along the axis
        return Compared(field.of_unit(0), middle(seen), False, False)
    low, high = _by_rule(field, len(first))
    blind = first > last
    inside = blind | ((low <= first) & (last <= high))
    later, earlier = np.minimum.accumulate(first[::-1])[::-1], np.maximum.accumulate(last)
    own_first = (first > first.min()) & ((later == first) | (low >= rows.start))
    own_last = (last < last.max()) & ((earlier == last) | (high < rows.stop))
    phases = len(field.intervals)
    middle_unit = len(first) // 2
    core = slice(middle_unit, middle_unit + phases)  # one unit of each phase
    within = (rows.start <= low) & (high < rows.stop)
    sees_less = np.where(blind, within & (low <= high), own_first & (low != first) | own_last & (high != last))
    inside[core] &= ~sees_less[core]
    if folded:  # what lies beyond the border shows rows within it
        inside |= ~within
    shown = middle_unit + int(np.argmin(inside[core]))  # the first that is wrong, in the middle if there is one
    unit = int(np.argmin(inside)) if inside[core].all() and not inside.all() else shown
    return Compared(
        _interval(low[unit], high[unit]),
        _interval(first[unit], last[unit]),
        bool(own_first[unit] and own_last[unit]),
        bool(inside.all()),
    )


def off_grid(field: Field, seen: Seen, extent: int, rows: range, folded: bool) -> Compared:
    """Compare a tensor that has left the grid with the `extent` units that it had on the axis.

    Whatever a value sees, some unit of the rule sees it too; and what a unit in the middle sees, as in `on_grid`, some
    value sees to the row.
    """
    low, high = _by_rule(field, extent)
    first, last = seen.distinct
    inside = (low[:, None] <= first) & (last <= high[:, None])  # [unit, span]
    covered = inside.any(axis=0)
    if folded:
        covered[:] = True
    phases = min(len(field.intervals), extent)
    start = min(extent // 2, extent - phases)
    shown = Compared(_interval(low[start], high[start]), middle(seen), False, True)
    if not covered.all():
        wrong = int(np.argmin(covered))
        return shown._replace(measured=_interval(first[wrong], last[wrong]), ok=False)
    for unit in range(start, start + phases):
        candidates = np.flatnonzero(inside[unit])
        if len(candidates) == 0:
            continue
        widest = candidates[np.argmax(last[candidates] - first[candidates])]
        a, b = int(first[widest]), int(last[widest])
        own_first = a > seen.hull[0] and low[unit] >= rows.start
        own_last = b < seen.hull[1] and high[unit] < rows.stop
        ok = not (own_first and a != low[unit]) and not (own_last and b != high[unit])
        found = Compared(_interval(low[unit], high[unit]), (a, b), own_first and own_last, ok)
        if unit == start or not ok:
            shown = found
        if not ok:
            break
    return shown


def sees_all(seen: Seen, arriving: tuple[int, int]) -> bool:
    """Whether every unit that sees anything sees all that arrives at the layer."""
    low, high = arriving
    sees = seen.first <= seen.last
    return bool(sees.any() and (seen.first[sees] == low).all() and (seen.last[sees] == high).all())


def middle(seen: Seen) -> Interval:
    """What the unit in the middle sees."""
    unit = seen.units // 2
    return _interval(seen.first.flat[unit], seen.last.flat[unit])


def _by_rule(field: Field, units: int) -> tuple[Array, Array]:
    """What each unit sees by rule, in the form of `Seen`."""
    turns, phases = np.divmod(np.arange(units), len(field.intervals))
    ends = np.array([(NEVER, -NEVER) if seen is None else seen for seen in field.intervals])
    low, high = ends[phases].T
    moved = np.where(low <= high, field.advance * turns, 0)
    return low + moved, high + moved


def _interval(low: int, high: int) -> Interval:
    return (int(low), int(high)) if low <= high else None

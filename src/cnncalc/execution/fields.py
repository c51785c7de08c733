"""Receptive fields by rule beside those measured, on one axis of the input."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnncalc.core.field import Field, Interval
from cnncalc.execution.seen import NEVER, Seen
from cnncalc.execution.tally import Array


class Compared(NamedTuple):
    """One unit of one axis: the rows it sees by rule and by measurement, and whether both ends could be told."""

    rule: Interval
    measured: Interval
    exact: bool
    ok: bool


def on_grid(field: Field, seen: Seen, rows: range, folded: bool) -> Compared:
    """Compare the units of an axis: all of them with their bounds, those in the middle to the row."""
    first, last = seen.first, seen.last
    if first.ndim > 1:  # they do not stand along the axis
        return Compared(field.of_unit(0), middle(seen), False, False)
    low, high = _by_rule(field, len(first))
    inside = (low <= first) & (last <= high)
    if folded:  # what lies beyond the border shows rows within it
        inside |= (low < rows.start) | (high >= rows.stop)
    start = len(first) // 2
    shown = None
    for unit in range(start, min(start + len(field.intervals), len(first))):  # one unit of each phase
        compared = _to_the_row((int(low[unit]), int(high[unit])), seen, unit, rows, folded)
        if not (inside[unit] and compared.ok):
            return compared._replace(ok=False)
        shown = shown or compared
    if shown is not None and inside.all():
        return shown
    unit = int(np.argmin(inside))
    return Compared(_interval(low[unit], high[unit]), _interval(first[unit], last[unit]), False, False)


def _to_the_row(rule: tuple[int, int], seen: Seen, unit: int, rows: range, folded: bool) -> Compared:
    """Compare the ends of what one unit sees, where they can be told.

    An end is a unit's own, and no border's, where another unit sees further; unless that stands on the other side of
    this one: its taps, far apart, meet the map where those of this one reach beyond it.
    """
    low, high = rule
    first, last = int(seen.first[unit]), int(seen.last[unit])
    within = rows.start <= low and high < rows.stop
    own_first = first > seen.hull[0] and (low >= rows.start or int(seen.first[unit:].min()) == first)
    own_last = last < seen.hull[1] and (high < rows.stop or int(seen.last[: unit + 1].max()) == last)
    if first > last:
        ok = not (within and low <= high)
    else:
        ok = not (own_first and low != first) and not (own_last and high != last)
    return Compared(_interval(low, high), _interval(first, last), own_first and own_last, ok or (folded and not within))


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
    if len(field.intervals) == 1 and field.intervals[0]:
        start, end = field.intervals[0]
        moved = field.advance * np.arange(units)
        return start + moved, end + moved
    turns, phases = np.divmod(np.arange(units), len(field.intervals))
    ends = np.array([(NEVER, -NEVER) if seen is None else seen for seen in field.intervals])
    low, high = ends[phases].T
    moved = np.where(low <= high, field.advance * turns, 0)
    return low + moved, high + moved


def _interval(low: int, high: int) -> Interval:
    return (int(low), int(high)) if low <= high else None
